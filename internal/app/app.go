// Package app wires the rooms together.
//
// [Open] makes the one gate of a process of a checked configuration, and a caller to
// come through it. Every command and every test opens its gate here. What a
// configuration lacks is not made up: without a policy that loads and a log that opens
// there is no gate.
package app

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"aegis/audit"
	"aegis/forge"
	"aegis/gate"
	"aegis/gate/caller"
	"aegis/gate/policy"
	"aegis/internal/canon"
	"aegis/internal/metrics"
	"aegis/sanitize"

	"github.com/rs/zerolog"
)

// Config is a checked configuration.
type Config struct {
	URL        *url.URL // of Gitea
	CAFile     string   // "" is the system's roots
	PolicyFile string   // "" is the built-in policy
	Floor      string   // the machine's managed floor, policy.FloorFile; "" is none, as for the demo's forge
	AuditLog   string
	Audit      audit.Options // how it is kept; the observer and the logger are Open's
	KillSwitch string        // "" is none
	State      string        // the file of what is to be known after a restart; "" keeps nothing
	Write      bool
	Timeout    time.Duration // of a call; 30 s if zero
	AskTimeout time.Duration // how long a human may take to approve a call; 55 s if zero
	Gitleaks   string        // file of more rules, "" is none
	Secrets    []string      `json:"-"` // more values to redact

	// Token and WriteRepos are the process' own caller's: its access token, ""
	// for none, and its write whitelist.
	Token      string `json:"-"`
	WriteRepos []canon.Repo

	Version     string // of the program, for metrics
	Agent       string // what Gitea is told of who asks, "aegis/1.2"
	Concurrency int    // calls at once; 64 if zero
	PerCaller   int    // of one caller; 16 if zero
	Logger      zerolog.Logger
	Warnings    []string // what is to be logged of the configuration
}

// String names the address alone, so that a Config can be logged.
func (c Config) String() string {
	if c.URL == nil {
		return "app.Config{}"
	}
	return "app.Config{" + c.URL.Redacted() + "}"
}

// GoString is String.
func (c Config) GoString() string { return c.String() }

// App is the gate of a process, with what it was opened with.
type App struct {
	Gate     *gate.Gate
	Policies *policy.Store
	Log      *audit.Log
	Metrics  *metrics.Observer // what all of them report to

	config Config
	forge  *forge.Forge
	known  known
}

// Settings by the names of their flags, for a [Fault].
const (
	PolicySetting   = "policy"
	AuditLogSetting = "audit-log"
	GitleaksSetting = "gitleaks-config"
	SecretsSetting  = "secrets-file"
	StateSetting    = "state"
)

// Fault is what is wrong with one setting.
type Fault struct {
	Setting string // "" if the error names it
	Err     error
}

func (f *Fault) Error() string { return f.Err.Error() }
func (f *Fault) Unwrap() error { return f.Err }

// Open opens the gate that a configuration describes, and logs what there is to
// warn of. It contacts nobody. Its errors are a [Fault] where a setting is wrong.
func Open(c Config) (*App, error) {
	observer := newObserver(c.Version)
	store, doubts, err := c.Policies(observer)
	if err != nil {
		return nil, err
	}
	for _, doubt := range doubts {
		c.Logger.Warn().Msg(doubt.String())
	}
	if _, err := store.InForce(); err != nil {
		c.Logger.Error().Err(err).Msg("everybody is denied everything until the managed floor loads")
	}
	client, err := forge.New(forge.Config{URL: c.URL, CAFile: c.CAFile, UserAgent: c.Agent, Observer: observer})
	if err != nil {
		return nil, &Fault{Err: err}
	}
	scrubber, warnings, err := c.Scrubber()
	if err != nil {
		return nil, err
	}
	for _, warning := range append(c.Warnings, warnings...) {
		c.Logger.Warn().Msg(warning)
	}
	c.Audit.Observer = observer
	c.Audit.Logger = func(err error) { c.Logger.Warn().Err(err).Msg("the audit log goes on") }
	c.Audit.Checkpoints.KeyMade = func(public string) {
		c.Logger.Warn().Str("public", public).Msg("a key for checkpoints of the audit log was made: keep a copy of the last line of its public half elsewhere, too")
	}
	log, err := audit.Open(c.AuditLog, c.Audit)
	if err != nil {
		return nil, &Fault{AuditLogSetting, err}
	}
	g, err := gate.Open(store, client, scrubber, log, gate.Options{
		Write: c.Write, KillSwitch: c.KillSwitch, Timeout: c.Timeout, ApprovalTimeout: c.AskTimeout,
		Concurrency: c.Concurrency, PerCaller: c.PerCaller, Logger: c.Logger, Observer: observer,
	})
	if err == nil {
		a := &App{Gate: g, Policies: store, Log: log, Metrics: observer, config: c, forge: client}
		if _, err = g.Admit(a.Caller("", "")); err != nil {
			err = &Fault{Err: err}
		} else if err = a.known.open(c.State, c.Logger); err == nil {
			return a, nil
		}
	}
	return nil, errors.Join(err, log.Close())
}

// Caller makes a caller of whom nothing is remembered, with the configuration's
// token and write whitelist: the process' own.
func (a *App) Caller(id, principal string) *caller.Caller {
	return caller.New(caller.Config{ID: id, Principal: principal, Credential: a.config.Token, Writable: a.config.WriteRepos})
}

// Signs are what Gitea's last answer said of it besides its content.
func (a *App) Signs() forge.Signs { return a.forge.Signs() }

// Close closes the audit log, and connections to Gitea.
func (a *App) Close() error {
	a.forge.Close()
	return errors.Join(a.known.close(), a.Log.Close())
}

// Scrubber makes the scrubber that a configuration describes. Warnings are about
// the file of rules. Its errors are a [Fault].
func (c Config) Scrubber() (s *sanitize.Scrubber, warnings []string, err error) {
	scrubbing := sanitize.Config{Secrets: c.Secrets}
	if c.Gitleaks != "" {
		if scrubbing.Rules, warnings, err = readRules(c.Gitleaks); err != nil {
			return nil, nil, &Fault{GitleaksSetting, fmt.Errorf("%s: %w", c.Gitleaks, err)}
		}
	}
	if c.Token != "" {
		scrubbing.Secrets = append(scrubbing.Secrets[:len(scrubbing.Secrets):len(scrubbing.Secrets)], c.Token)
	}
	if s, err = sanitize.New(scrubbing); err != nil {
		return nil, nil, &Fault{SecretsSetting, err}
	}
	return s, warnings, nil
}
