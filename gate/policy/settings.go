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
	CallsPerHour          int
	WritesPerSession      int64
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
func (p *Policy) Limits() Limits {
	all := p.limits
	for _, part := range p.also {
		all.CallsPerMinute = smaller(all.CallsPerMinute, part.limits.CallsPerMinute)
		all.CallsPerMinutePerTool = smaller(all.CallsPerMinutePerTool, part.limits.CallsPerMinutePerTool)
		all.CallsPerHour = smaller(all.CallsPerHour, part.limits.CallsPerHour)
		all.WritesPerSession = smaller(all.WritesPerSession, part.limits.WritesPerSession)
		all.BytesPerSession = smaller(all.BytesPerSession, part.limits.BytesPerSession)
		all.BytesPerAnswer = smaller(all.BytesPerAnswer, part.limits.BytesPerAnswer)
	}
	return all
}

// smaller is the smaller of two limits, of which zero is none.
func smaller[T int | int64](a, b T) T {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// Flow returns the rules of flow control.
func (p *Policy) Flow() Flow {
	all := p.flow
	for _, part := range p.also {
		all.PrivateToPublic = min(all.PrivateToPublic, part.flow.PrivateToPublic)
		all.UntrustedToWrite = min(all.UntrustedToWrite, part.flow.UntrustedToWrite)
		all.ForgetAfter = max(all.ForgetAfter, part.flow.ForgetAfter)
	}
	return all
}

// FlowRule names the rule that a key below flow is decided by, as a [Decision]
// names its own: of several policies, that of the first that is as strict as all.
func (p *Policy) FlowRule(key string) Source {
	all := p.Flow()
	for part := range p.parts {
		if key == "private_to_public" && part.flow.PrivateToPublic == all.PrivateToPublic ||
			key == "untrusted_to_write" && part.flow.UntrustedToWrite == all.UntrustedToWrite ||
			key == "forget_after" && part.flow.ForgetAfter == all.ForgetAfter {
			return part.name(rule{"flow." + key, part.flowLines[key]})
		}
	}
	return p.name(rule{"flow." + key, p.flowLines[key]})
}

// SecretsAllow returns the fingerprints, RULE@HEX, of findings that are no secrets:
// those that each policy allows.
func (p *Policy) SecretsAllow() []string {
	all := slices.Clone(p.secrets)
	for _, part := range p.also {
		all = slices.DeleteFunc(all, func(allowed string) bool { return !slices.Contains(part.secrets, allowed) })
	}
	return all
}
