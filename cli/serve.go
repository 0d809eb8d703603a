package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	"aegis/gate/caller"
	"aegis/internal/app"
	"aegis/internal/keys"
	"aegis/serve/http"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
)

func serveCommand(env environment, s *settings) *cobra.Command {
	command := &cobra.Command{
		Use:   "serve",
		Short: "Serve MCP over HTTP, to all who hold a key",
		Long: `Serves MCP over Streamable HTTP at /mcp, to many at once, each through the same gate.

Whoever calls holds a key ("aegis keys"), which is a caller with its own access to
Gitea, whitelist and policy. Beyond this machine it takes TLS, here (--tls-cert) or in a
proxy before it (--insecure-bind). SIGTERM and SIGINT let running calls end (--drain).`,
		Example: `  aegis serve --gitea-url https://git.example.org --keys /etc/aegis/keys.yaml
  aegis serve --listen :8443 --tls-cert cert.pem --tls-key key.pem --host aegis.example.org`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return serveHTTP(cmd.Context(), env, s) },
	}
	return takes(command, append(everySetting(), servingSettings()...)...)
}

// serveHTTP serves until it is told to end.
func serveHTTP(ctx context.Context, env environment, s *settings) error {
	config, err := s.serveConfig()
	if err != nil {
		return err
	}
	env.knows(config.Config)
	logs := newLogQueue(env.stderr)
	defer logs.flush()
	logger := zerolog.New(logs).Level(config.LogLevel).With().Timestamp().Logger()
	// What is shared is bounded by settings, and there is more of it than of one session.
	limitServingMemory()

	listener, err := config.listen(logger)
	if err != nil {
		return err
	}
	defer listener.Close()
	forOperators, err := config.listenForOperators()
	if err != nil {
		return err
	}
	if forOperators != nil {
		defer forOperators.Close()
	}
	door, err := open(config.Config, logger)
	if err != nil {
		return err
	}
	serving := config.serving
	serving.Version, serving.Door, serving.Callers, serving.Logger, serving.Observer = Version, door.Gate, door.Known, logger, door.Metrics
	var store *keys.Store
	serving.Self = caller.New(caller.Config{ID: "server", Principal: principal()})
	if !config.noAuth {
		if store, err = keys.Open(config.keysFile, config.listed, func(change keys.Change) { logKeys(logger, change) }); err != nil {
			return errors.Join(wrong(names(keysFile), "%v", err), door.Close())
		}
		store.Learn(func(token string) { _ = door.Gate.Learn(token) }) // one that is none is told of when somebody comes with it
		serving.Keys = holders{store, door}
	} else {
		serving.Anyone = &http.Key{ID: "anyone", Name: principal(), Caller: caller.Config{
			ID: "anyone", Principal: principal(), Credential: config.Token, Writable: config.WriteRepos,
		}}
	}

	ctx, cancel := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer cancel()
	jobs, jobsEnd, err := config.automate(ctx, env, door, logger)
	if err != nil {
		return errors.Join(err, door.Close())
	}
	if jobs != nil {
		serving.Hooks = jobs
	}
	current, _ := door.Policies.Current()
	server := http.New(serving)
	byHand, endByHand := config.byHand(jobs, forOperators, logger)
	admin := http.NewAdmin(http.AdminConfig{Observer: door.Metrics, Parts: parts(door, store, jobs, server), Jobs: byHand, Logger: logger})
	endAdmin := config.tellOperators(admin, forOperators, door, logger)
	logger.Info().Str("version", Version).Str("gitea", config.URL.Host).Str("policy", current.Source()).Func(onFloor(door)).Bool("write", config.Write).
		Str("audit_log", config.AuditLog).Str("listen", listener.Addr().String()).Bool("tls", config.tlsCert != "").Bool("automation", jobs != nil).Str("admin", addressOf(forOperators)).Msg("server starts")
	err = server.Serve(ctx, listener)
	cancel()
	jobsEnd()
	endByHand()
	endAdmin()
	err = errors.Join(err, door.Close())
	logger.Info().Msg("server ends")
	return err
}

// holders are a store's keys as callers of a gate.
type holders struct {
	*keys.Store
	door *app.App
}

// Verify returns whose key is presented, and whether it is in force.
func (h holders) Verify(presented string) (http.Key, bool) {
	return h.key(h.Store.Verify(presented))
}

// Now returns what a key says now, and whether it is in force.
func (h holders) Now(id, secret string) (http.Key, bool) {
	var hash keys.Hash
	copy(hash[:], secret)
	return h.key(h.Store.Now(id, hash))
}

func (h holders) key(k *keys.Key, inForce bool) (http.Key, bool) {
	if k == nil {
		return http.Key{}, false
	}
	presented := k.Presented()
	return http.Key{ID: k.ID(), Name: k.Name, Caller: h.door.CallerOf(k), Secret: string(presented[:]), Expires: k.Expires, From: k.From}, inForce
}

// logKeys tells of a change of the keys.
func logKeys(logger zerolog.Logger, change keys.Change) {
	event := logger.Info()
	if change.Err != nil || len(change.Warnings) > 0 {
		event = logger.Warn().Err(change.Err).Strs("warnings", change.Warnings)
	}
	event.Int("keys", change.Keys).Strs("gone", change.Gone).Bool("denies_all", change.DeniesAll).Msg("keys changed")
}

// listen opens the port.
func (c serveConfig) listen(logger zerolog.Logger) (net.Listener, error) {
	var secure *tls.Config
	if c.tlsCert != "" {
		var err error
		if secure, err = http.TLS(c.tlsCert, c.tlsKey, logger); err != nil {
			return nil, &failure{exitUsage, err}
		}
	}
	listener, err := net.ListenTCP("tcp", c.address)
	if err != nil {
		return nil, wrong(names(listen), "%v", fmt.Errorf("can't listen: %w", err))
	}
	if secure != nil {
		return tls.NewListener(listener, secure), nil
	}
	return listener, nil
}

// addressOf is where a listener listens, "off" if there is none.
func addressOf(listener net.Listener) string {
	if listener == nil {
		return adminOff
	}
	return listener.Addr().String()
}
