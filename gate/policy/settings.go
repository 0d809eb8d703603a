package policy

import (
	"slices"
	"time"
)

// Limits bound a session. Zero means unlimited, except for BytesPerAnswer,
// which is never zero.
type Limits struct {
	CallsPerMinute        int
	CallsPerMinutePerTool int
	BytesPerSession       int64
	BytesPerAnswer        int
}

// DefaultBytesPerAnswer bounds an answer if the policy does not.
const DefaultBytesPerAnswer = 65536

// Action is what happens to a call that flow control has found. The zero
// Action denies.
type Action uint8

const (
	Deny  Action = iota
	Ask          // ask a human first
	Allow        // let it pass
)

func (a Action) String() string {
	switch a {
	case Ask:
		return "ask"
	case Allow:
		return "allow"
	}
	return "deny"
}

// Flow says what may flow from what a session has read to where it writes.
type Flow struct {
	PrivateToPublic  Action        // from a repository to one that more people see
	UntrustedToWrite Action        // from text of people without standing to any write
	ForgetAfter      time.Duration // how long a session remembers what it read; above 0
}

// Treatment is what happens to text of people without standing. The zero
// Treatment hides it.
type Treatment uint8

const (
	Hide Treatment = iota
	Mark           // show it, marked
)

func (t Treatment) String() string {
	if t == Mark {
		return "mark"
	}
	return "hide"
}

// Limits returns the session's bounds.
func (p *Policy) Limits() Limits { return p.limits }

// Flow returns the rules of flow control.
func (p *Policy) Flow() Flow { return p.flow }

// FlowRule names the rule that a key below flow is decided by, as a [Decision]
// names its own.
func (p *Policy) FlowRule(key string) Source {
	return p.name(rule{"flow." + key, p.flowLines[key]})
}

// SecretsAllow returns the fingerprints, RULE@HEX, of findings that are no secrets.
func (p *Policy) SecretsAllow() []string { return slices.Clone(p.secrets) }
