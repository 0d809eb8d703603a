package gate

import (
	"context"
	"strings"
	"sync"

	"aegis/audit"
	"aegis/forge"
	"aegis/gate/caller"
	"aegis/gate/policy"
	"aegis/sanitize"
)

// Begin writes the session_start entry of a caller, unless it was written. A
// failure is not the end: the entry is tried again before the first call, which is
// refused if it still fails.
func (d *desk) Begin(ctx context.Context, c *caller.Caller, on *caller.Connection) error {
	return c.Begin(func() error {
		decides, nothing := d.inForce(c) // of a refusal its calls are told
		entry := d.entry(audit.KindSessionStart, c, on)
		if nothing != nil {
			entry.Reason = nothing.Rule
		}
		entry.PolicySHA256, entry.FloorSHA256, entry.OwnPolicySHA256 = decides.policy.SHA256(), decides.floor, decides.own
		return d.log.Append(ctx, entry)
	})
}

// Prepare has the scrubber's rules ready, for which the first call would wait else.
// Nothing needs it.
func (g *Gate) Prepare() { g.scrubber.Prepare() }

// Learn has the scrubber know one more value that nobody is to be shown. It fails if the value
// is too short for one.
func (g *Gate) Learn(secret string) error { return g.scrubber.Learn(secret) }

// Admit makes a caller's way to Gitea, and has the scrubber know its credential
// from here on, in whatever leaves for whomever. It fails if the credential is none.
// Each call does it anew; who opens the door does it to be told in time.
func (g *Gate) Admit(c *caller.Caller) (*forge.Way, error) {
	if credential := c.Credential(); credential != "" {
		if err := g.scrubber.Learn(credential); err != nil {
			return nil, err
		}
	}
	c.Code.ShareRoom(func(giveUp func()) caller.Room { return g.forge.Spare(giveUp) })
	if !g.options.Write {
		return g.forge.For(c.Credential(), nil)
	}
	return g.forge.For(c.Credential(), c.Writable())
}

// End writes the session_end entry, if the session had begun. Questions that still wait
// for a human are answered by a no before.
func (g *Gate) End(ctx context.Context, c *caller.Caller, on *caller.Connection) error {
	return g.EndBecause(ctx, c, on, "")
}

// EndBecause is End with a reason that the entry gives.
func (g *Gate) EndBecause(ctx context.Context, c *caller.Caller, on *caller.Connection, reason string) error {
	c.Code.Empty()
	c.Questions.Close()
	return c.End(func() error {
		entry := g.entry(audit.KindSessionEnd, c, on)
		entry.Reason = reason
		return g.log.Append(ctx, entry)
	})
}

// entry is an entry about a caller.
func (d *desk) entry(kind audit.Kind, c *caller.Caller, on *caller.Connection) audit.Entry {
	run := on.Run()
	return audit.Entry{
		Kind: kind, Session: c.Session(), Principal: c.Principal(), Client: on.Label(d.label), Connection: on.ID(),
		Job: run.Job, Trigger: run.Trigger, Delivery: run.Delivery, Run: run.Number,
	}
}

// maxLabel bounds what an entry shows of a client's label, in bytes.
const maxLabel = 100

// label makes a client's label fit for an entry. It is scrubbed before it is
// cut, or half a secret would stay, and again as it leaves.
func (d *desk) label(given string) string {
	clean := d.scrubber.Line(given)
	if len(clean) > maxLabel {
		clean = d.scrubber.Line(strings.ToValidUTF8(clean[:maxLabel], ""))
	}
	return clean
}

// memory holds the values that were cut from what a caller was shown.
func memory(c *caller.Caller) *sanitize.Memory { return caller.Keep[sanitize.Memory](c) }

// changes holds changes of the policy until the audit log has them.
type changes struct {
	mu      sync.Mutex
	pending []policyChange
}

// policyChange is a change of the door's policy, of the floor, or of a caller's own.
type policyChange struct {
	policy.Change
	whose whose
	of    *caller.Caller // whose own policy it is, and whose call met it
}

// whose tells policies apart.
type whose uint8

const (
	doors whose = iota
	floors
	owns
)

func (c *changes) note(of policyChange, change *policy.Change) {
	if change == nil {
		return
	}
	of.Change = *change
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.pending) == 100 { // a log that is down for long: the newest changes matter
		c.pending = c.pending[1:]
	}
	c.pending = append(c.pending, of)
}

// AuthFailures records requests that were let in nowhere, counted together: c is whom
// they were refused by, and on from where they came.
func (g *Gate) AuthFailures(ctx context.Context, c *caller.Caller, on *caller.Connection, counted string) error {
	entry := g.entry(audit.KindAuthFailure, c, on)
	entry.Reason = g.scrubber.Line(counted)
	return g.log.Append(ctx, entry)
}
