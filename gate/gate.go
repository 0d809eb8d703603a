// Package gate is the only door between a client and Gitea.
//
// A call comes in as a name and raw arguments; an answer goes out, scrubbed and within
// bounds. [Gate.Do] takes each call through the same steps. It decides on what is
// known without asking Gitea, and writes that decision to the audit log. It asks Gitea
// what the names stand for, decides what depends on it, and asks a human where policy
// wants that. It runs the tool, filters and scrubs what came back, and writes the
// outcome to the log. Only then is the answer released.
//
// A tool can read no more than was decided. One that changes something makes a plan,
// which the gate carries out: no tool holds a client that can write.
//
// No request reaches Gitea before a decision is on disk, and no answer leaves before
// its outcome is. Nothing leaves unscrubbed. A tool has no way to Gitea but the
// [Visit] that it is handed. A panic in a tool is one failed call. Refusals are
// answers, too: they carry a code, a sentence, the rule and what to do about it.
//
// A policy, a forge, a scrubber and an audit log are parameters of [Open]: there is no
// gate without them.
package gate

import (
	"context"
	"errors"
	"net/url"
	"runtime"
	"time"

	"aegis/audit"
	"aegis/forge"
	"aegis/gate/caller"
	"aegis/gate/policy"
	"aegis/internal/metrics"
	"aegis/sanitize"

	"github.com/rs/zerolog"
)

// Do takes one call of a caller through the door, on whatever connection it came.
// It always answers; a failure is an answer with IsError set. It blocks while
// [Options.Concurrency] other calls run, or [Options.PerCaller] of that caller.
// Cancelling ctx cancels the call, but not its audit entries.
func (g *Gate) Do(ctx context.Context, c *caller.Caller, on *caller.Connection, tool Tool, call Call) (answer Answer) {
	r, way, leave := g.enter(ctx, c, on, tool, call)
	defer func() { leave(answer) }()

	decision := r.decide()
	if err := r.recordDecision(decision); err != nil {
		return r.unavailable(err)
	}
	if decision.refusal != nil {
		return r.refuse(decision.refusal)
	}

	w := open(r, way, decision)
	defer w.client.Close()
	err := w.resolve()
	if err == nil {
		err = w.permit()
	}
	var result *Result
	if err == nil {
		result, err = w.run()
	}

	t := w.complete(result, err) // the last that asks Gitea anything
	defer func() { answer.Sent, answer.Writers = t.sending.begun > t.sending.refused, t.writers }()
	answer = t.kept(t.answer())
	if err := t.recordOutcome(answer); err != nil {
		return t.unavailable(err)
	}
	return answer
}

// Gate holds what every call is decided with. It keeps no state about callers:
// that is a [caller.Caller]'s.
type Gate struct {
	desk
	forge *forge.Forge
}

// desk is what every call is decided, cleaned and recorded with. There is no way to
// Gitea in it.
type desk struct {
	policies *policy.Store
	owns     ownPolicies
	scrubber *sanitize.Scrubber
	log      *audit.Log
	options  Options
	base     *url.URL // where Gitea is reached
	changes  changes
	views    views
	slots    *caller.Slots
	// processors are the places in which large texts are scrubbed.
	processors *caller.Slots
}

// Options are the settings of a gate that have a sensible zero.
type Options struct {
	// Write is whether write mode is on. Off, no write is decided on at all.
	Write bool
	// KillSwitch is a file; while it exists every call is denied. "" is none.
	KillSwitch string
	// Timeout bounds one call from the moment that it has a slot to run in; 30 s
	// if zero.
	Timeout time.Duration
	// ApprovalTimeout bounds how long a human may take to answer; 55 s if zero.
	ApprovalTimeout time.Duration
	// Concurrency is how many calls run at once, 64 if zero; more wait.
	Concurrency int
	// PerCaller is how many of these one caller may have, 16 if zero.
	PerCaller int
	// Observer counts calls, nil for nobody.
	Observer *metrics.Observer
	// Logger gets one event a call, without arguments or content.
	Logger zerolog.Logger
}

// Open makes a gate. It contacts nobody. Each of the four parts is required.
func Open(policies *policy.Store, client *forge.Forge, scrubber *sanitize.Scrubber, log *audit.Log, options Options) (*Gate, error) {
	switch {
	case policies == nil:
		return nil, errors.New("gate: no policy")
	case client == nil:
		return nil, errors.New("gate: no forge")
	case scrubber == nil:
		return nil, errors.New("gate: no scrubber")
	case log == nil:
		return nil, errors.New("gate: no audit log")
	}
	if options.Timeout <= 0 {
		options.Timeout = 30 * time.Second
	}
	if options.ApprovalTimeout <= 0 {
		options.ApprovalTimeout = 55 * time.Second
	}
	if options.Concurrency <= 0 {
		options.Concurrency = 64
	}
	if options.PerCaller <= 0 {
		options.PerCaller = 16
	}
	processors := runtime.GOMAXPROCS(0)
	return &Gate{forge: client, desk: desk{
		policies: policies, scrubber: scrubber, log: log, options: options, base: client.Base(),
		slots: caller.NewSlots(options.Concurrency, options.PerCaller), processors: caller.NewSlots(processors, processors),
	}}, nil
}
