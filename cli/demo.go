package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"aegis/internal/sampleforge"

	"github.com/spf13/cobra"
)

// demoTime bounds the whole demo; it takes about a second.
const demoTime = time.Minute

func demoCommand(env environment) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Show Aegis at work, without any Gitea",
		Long: `Starts "aegis --stdio --demo" as an MCP client does, asks it for what it should
give and for what it should not, and shows what came back and what was logged.
The forge is a built-in sample. Nothing is kept, and no network but loopback is
used.

Exit status 0 if every scene turned out as it must, 1 and why if not.`,
		Args:    cobra.NoArgs,
		Example: "  aegis demo",
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer cancel()
			ctx, stop := context.WithTimeout(ctx, demoTime)
			defer stop()
			signal.Ignore(syscall.SIGPIPE) // a closed pager must not leave files behind
			return playDemo(ctx, env)
		},
	}
}

// playDemo plays all scenes in a folder of its own. The server's log on stderr
// is shown only if one of them fails.
func playDemo(ctx context.Context, env environment) (err error) {
	folder, err := os.MkdirTemp("", "aegis-demo-")
	if err != nil {
		return &failure{exitFailed, plain(err)}
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()

	show := newScreen(env)
	guest, err := startGuest(ctx, folder)
	defer guest.end()
	if err == nil {
		err = playScenes(ctx, show, guest)
	}
	if err != nil {
		guest.end() // its log is whole only then
		show.failed(err)
		fmt.Fprintf(env.stderr, "%s", guest.errors.Bytes())
		return &failure{exitFailed, fmt.Errorf("the demo failed: %w", err)}
	}
	show.goOn()
	if show.err != nil {
		return &failure{exitFailed, fmt.Errorf("standard output can't be written: %w", plain(show.err))}
	}
	return nil
}

// sessionConfig is the configuration of a session over stdio. stop is to be
// called when the session is over; it is never nil.
func sessionConfig(env environment, s *settings, demo bool) (c Config, stop func(), err error) {
	if !demo {
		c, err = s.config()
		return c, func() {}, err
	}
	if err = s.refuseWithDemo(); err != nil {
		return Config{}, func() {}, err
	}
	if err = s.readDemo(&c); err != nil {
		return Config{}, func() {}, err
	}
	return openSample(env.sample, c)
}

// refuseWithDemo refuses flags that a session of the sample forge would have
// to ignore. Variables of that kind are ignored: they are those of the user's
// own sessions.
func (s *settings) refuseWithDemo() error {
	for _, name := range []string{giteaURL, insecureHTTP, caFile, writeMode, writeRepo, gitleaksFile, secretsFile} {
		if s.flags.Changed(name) {
			return wrong("--"+name, "--demo has a forge of its own, which can only be read and is redacted by the built-in rules; leave one of the two out")
		}
	}
	return nil
}

// readDemo reads what a session of the sample forge can be told: where its
// audit log is, its time, its log level, its kill switch, and by flag another
// policy than the demo's.
func (s *settings) readDemo(c *Config) error {
	for name, into := range map[string]*string{auditLog: &c.AuditLog, killSwitch: &c.KillSwitch} {
		value, _, err := s.value(name)
		if err != nil {
			return &failure{exitUsage, err}
		}
		*into = value
	}
	if s.flags.Changed(policyFile) {
		c.PolicyFile, _, _ = s.value(policyFile)
	}
	state, err := s.stateFolder()
	if err != nil {
		return err
	}
	if c.AuditLog == "" {
		c.AuditLog = filepath.Join(state, "demo-audit.jsonl")
	}
	if c.KillSwitch == "" {
		c.KillSwitch = filepath.Join(state, "STOP")
	}
	if err := s.readKeeping(c); err != nil {
		return err
	}
	return s.readRest(c)
}

// openSample starts the sample forge and, unless c has a policy, puts the
// demo's into a folder that only this user can write.
func openSample(sample fs.FS, c Config) (_ Config, stop func(), err error) {
	nothing := func() {}
	data, err := fs.Sub(sample, "forge")
	if err != nil {
		return Config{}, nothing, err
	}
	forge, err := sampleforge.Start(data)
	if err != nil {
		return Config{}, nothing, fmt.Errorf("the sample forge can't be started: %w", err)
	}
	stop = func() { _ = forge.Close() }
	if c.URL, err = url.Parse(forge.URL()); err != nil {
		stop()
		return Config{}, nothing, err
	}
	c.Token = forge.Token()
	if c.PolicyFile != "" {
		return c, stop, nil
	}
	folder, err := os.MkdirTemp("", "aegis-policy-")
	if err != nil {
		stop()
		return Config{}, nothing, fmt.Errorf("there is no place for the demo's policy: %w", plain(err))
	}
	stop = func() { _ = forge.Close(); _ = os.RemoveAll(folder) }
	c.PolicyFile = filepath.Join(folder, "policy.yaml")
	policy, err := fs.ReadFile(sample, "policy.yaml")
	if err == nil {
		err = os.WriteFile(c.PolicyFile, policy, 0o600)
	}
	if err != nil {
		stop()
		return Config{}, nothing, fmt.Errorf("there is no place for the demo's policy: %w", plain(err))
	}
	return c, stop, nil
}
