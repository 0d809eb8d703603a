package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"aegis/gate/caller"
	"aegis/internal/app"
	"aegis/serve"
	"aegis/serve/stdio"
	"aegis/tools"

	"github.com/rs/zerolog"
)

// endsWithin bounds how long the log's last entry may take once the session is
// over.
const endsWithin = 900 * time.Millisecond

// heardWithin is how long a client may be silent before its session is recorded
// nevertheless.
const heardWithin = 100 * time.Millisecond

// listedWithin is what a client is given after its handshake to ask for what there is,
// before the rules are prepared beside its requests.
const listedWithin = 50 * time.Millisecond

// serveStdio serves one MCP session on standard input and output.
func serveStdio(ctx context.Context, env environment, s *settings, demo bool) error {
	out, err := stdio.ClaimStdout()
	if err != nil {
		return fmt.Errorf("standard output can't be used: %w", err)
	}
	env.client.out = out
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

	env.client.served = true
	env.tellTerminal()
	ctx, cancel := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer cancel()
	self, on := door.Caller("stdio", principal()), caller.Connect("")
	logger = logger.With().Str("session", self.Session()).Logger()
	lasts, over := context.WithCancel(ctx)
	defer over()
	greeted, begun := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(begun)
		select { // a client does not wait for a log, and a locked one still less
		case <-greeted:
		case <-lasts.Done():
		case <-time.After(heardWithin):
		}
		current, _ := door.Policies.Current()
		logger.Info().Str("version", Version).Str("gitea", config.URL.Host).Str("policy", current.Source()).Func(onFloor(door)).
			Bool("write", config.Write).Str("audit_log", config.AuditLog).Msg("session starts")
		// The entry names no client, whether it has spoken by now or not.
		if err := door.Gate.Begin(context.WithoutCancel(ctx), self, caller.Connect("")); err != nil {
			logger.Error().Err(err).Msg("audit log unavailable; calls will be denied")
		}
	}()
	go whenGreeted(lasts, greeted, listedWithin, func() {
		prepare(door.Gate)
		logger.Debug().Msg("rules are prepared")
	})

	if why := door.Gate.WritesNothing(self); why != "" {
		logger.Warn().Msg(why)
	}

	server := serve.NewServer(Version, door.Gate, self, on, tools.All(), logger)
	transport := &stdio.Transport{In: env.stdin, Out: out, Log: logger, Greeted: func() { close(greeted) }}
	ran := make(chan error, 1)
	go func() { ran <- server.Run(ctx, transport) }()
	select {
	case err = <-ran:
	case <-ctx.Done():
		select { // what runs was cancelled; it gets a moment to record that
		case err = <-ran:
		case <-time.After(endsWithin / 2):
			logger.Warn().Msg("calls did not end in time")
		}
	}
	over()

	finish(door, config, self, on, begun, logger)
	if errors.Is(err, syscall.EPIPE) {
		return nil // the client has gone without saying so; its calls are in the log
	}
	return err
}

// whenGreeted does something once a client was answered and a pause has passed, unless
// the session is over before. Nobody waits for it.
func whenGreeted(lasts context.Context, greeted <-chan struct{}, pause time.Duration, do func()) {
	select {
	case <-greeted:
	case <-lasts.Done():
		return
	}
	select {
	case <-time.After(pause):
		do()
	case <-lasts.Done():
	}
}

// finish records the session's end, closes the log, and tells what was counted. It gives up
// in time: a log or a file that somebody else holds does not hold up the end.
func finish(door *app.App, config Config, self *caller.Caller, on *caller.Connection, begun <-chan struct{}, logger zerolog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), endsWithin/2)
	defer cancel()
	recorded := make(chan error, 1)
	go func() {
		select {
		case <-begun:
		case <-ctx.Done():
		}
		recorded <- errors.Join(door.Gate.End(ctx, self, on), door.Close())
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
	countIn(door.Metrics, config.MetricsFile, logger)
	logger.Info().Interface("counters", door.Metrics.Counters()).Msg("session ends")
}

// open opens the gate that a configuration describes. Its errors are those of
// the configuration.
func open(c Config, logger zerolog.Logger) (*app.App, error) {
	c.Logger, c.Version, c.Agent = logger, Version, "aegis/"+Version
	opened, err := app.Open(c.Config)
	return opened, faulty(err)
}

// faulty makes a wrong configuration of a fault, and names the setting.
func faulty(err error) error {
	var fault *app.Fault
	switch {
	case !errors.As(err, &fault):
		return err
	case fault.Setting == "":
		return &failure{exitUsage, fault.Err}
	}
	return wrong(names(fault.Setting), "%v", fault.Err)
}

// onFloor adds to an event which managed floor holds, if one does.
func onFloor(door *app.App) func(*zerolog.Event) {
	return func(event *zerolog.Event) {
		if floor, _ := door.Policies.Floor().Holds(); floor != nil {
			event.Str("floor_sha256", floor.SHA256())
		}
	}
}
