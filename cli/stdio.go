package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"os/user"
	"strconv"
	"syscall"
	"time"

	"aegis/audit"
	"aegis/forge"
	"aegis/gate"
	"aegis/gate/policy"
	"aegis/serve"
	"aegis/tools"

	"github.com/rs/zerolog"
)

// endsWithin bounds how long the log's last entry may take once the session is
// over.
const endsWithin = 900 * time.Millisecond

// serveStdio serves one MCP session on standard input and output.
func serveStdio(ctx context.Context, env environment, s *settings, demo bool) error {
	out, err := serve.ClaimStdout()
	if err != nil {
		return fmt.Errorf("standard output can't be used: %w", err)
	}
	config, stop, err := sessionConfig(env, s, demo)
	if err != nil {
		return err
	}
	defer stop()
	env.knows(config)
	logs := newLogQueue(env.stderr)
	defer logs.flush()
	logger := zerolog.New(logs).Level(config.LogLevel).With().Timestamp().Logger()

	door, err := open(config, logger)
	if err != nil {
		return err
	}

	ctx, cancel := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer cancel()
	session := door.gate.NewSession(principal())
	logger = logger.With().Str("session", session.ID()).Logger()
	begun := make(chan struct{})
	go func() { // a locked log must not hold up the client's handshake
		defer close(begun)
		if err := session.Begin(context.WithoutCancel(ctx)); err != nil {
			logger.Error().Err(err).Msg("audit log unavailable; calls will be denied")
		}
	}()
	logger.Info().Str("version", Version).Str("gitea", config.URL.Host).Str("policy", door.policies.Source()).
		Bool("write", config.Write).Str("audit_log", config.AuditLog).Msg("session starts")

	server := serve.NewServer(Version, door.gate, session, tools.All(), logger)
	ran := make(chan error, 1)
	go func() { ran <- server.Run(ctx, &serve.Stdio{In: env.stdin, Out: out, Log: logger}) }()
	select {
	case err = <-ran:
	case <-ctx.Done():
		select { // what runs was cancelled; it gets a moment to record that
		case err = <-ran:
		case <-time.After(endsWithin / 2):
			logger.Warn().Msg("calls did not end in time")
		}
	}

	finish(session, begun, door.log, logger)
	if errors.Is(err, syscall.EPIPE) {
		return nil // the client has gone without saying so; its calls are in the log
	}
	return err
}

// finish records the session's end and closes the log. It gives up in time: a
// log that somebody else holds does not hold up the end.
func finish(session *gate.Session, begun <-chan struct{}, log *audit.Log, logger zerolog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), endsWithin/2)
	defer cancel()
	recorded := make(chan error, 1)
	go func() {
		select {
		case <-begun:
		case <-ctx.Done():
		}
		recorded <- errors.Join(session.End(ctx), log.Close())
	}()
	var err error
	select {
	case err = <-recorded:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		logger.Error().Err(err).Msg("the session's end could not be recorded")
	}
	logger.Info().Msg("session ends")
}

// door is a gate with what it was opened with.
type door struct {
	gate     *gate.Gate
	log      *audit.Log
	policies *policy.Policy
}

// open opens the gate that a configuration describes. Its errors are those of
// the configuration.
func open(c Config, logger zerolog.Logger) (*door, error) {
	store, warnings, err := policy.NewStore(c.PolicyFile)
	if err != nil {
		return nil, wrong(names(policyFile), "%v", err)
	}
	for _, warning := range warnings {
		logger.Warn().Msg(warning.String())
	}
	client, err := forge.New(forge.Config{URL: c.URL, Token: c.Token, CAFile: c.CAFile, Writable: c.writable(), UserAgent: "aegis/" + Version})
	if err != nil {
		return nil, &failure{exitUsage, err} // it names the setting
	}
	scrubber, doubts, err := c.scrubber()
	if err != nil {
		return nil, err
	}
	for _, doubt := range append(c.Warnings, doubts...) {
		logger.Warn().Msg(doubt)
	}
	log, err := audit.Open(c.AuditLog, audit.Options{})
	if err != nil {
		return nil, wrong(names(auditLog), "%v", err)
	}
	g, err := gate.Open(store, client, scrubber, log, gate.Options{
		Write: c.Write, WriteRepos: c.WriteRepos, KillSwitch: c.KillSwitch, Timeout: c.Timeout,
		ApprovalTimeout: c.AskTimeout, Logger: logger,
	})
	if err != nil {
		return nil, err
	}
	current, _ := store.Current()
	return &door{gate: g, log: log, policies: current}, nil
}

// principal is the operating system's user.
func principal() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "uid " + strconv.Itoa(os.Getuid())
}
