package gate

import (
	"slices"
	"time"

	"aegis/gate/caller"
	"aegis/gate/policy"
)

// Keys of the rules of flow control.
const (
	privateToPublic  = "private_to_public"
	untrustedToWrite = "untrusted_to_write"
)

// thePlan was not made yet: what it carries along is not known.
const thePlan = "the plan"

// FlowCase is a question of flow control. It asks whether what a caller was shown, and
// what a change carries along, may come to where it is written. It is a value that
// asks nobody, so that it can be decided again.
type FlowCase struct {
	target  Visibility // who sees the repository that is written to
	reaches sight      // what else is reached, if more people see that
	shown   []shown    // what is not public, the least visible first
	outward bool       // the texts tell people elsewhere
	from    []sight    // what fewer see than the target, and the change carries into it
	narrow  bool       // stored text that fewer see than the target is shown to all who see it
	carries bool       // it carries along what a stranger made
	strange *shown     // text of a stranger
	unasked []string   // keys whose facts nobody asked for, because they allowed it, or thePlan
	tooLate string     // the key that a human can't be asked about any more
}

// shown is content that a caller was shown, and how long ago.
type shown struct {
	caller.Seen
	age time.Duration
}

// widest is the most open visibility that the write reaches.
func (c *FlowCase) widest() Visibility {
	if c.reaches.visibility.Rank() > c.target.Rank() {
		return c.reaches.visibility
	}
	return c.target
}

// narrower is the least visible content that fewer people see than to, and that is
// not forgotten.
func (c *FlowCase) narrower(to Visibility, forgetAfter time.Duration) (shown, bool) {
	for _, s := range c.shown {
		if s.Visibility.Rank() < to.Rank() && s.age < forgetAfter {
			return s, true
		}
	}
	return shown{}, false
}

// objectionKind is what speaks against a flow.
type objectionKind uint8

const (
	wasShown objectionKind = iota
	tellsOut
	isCarried
	isNarrow
	isStrangers
	wasShownStrangers
)

// objection is one thing that a policy has against a flow.
type objection struct {
	kind   objectionKind
	action policy.Action // deny or ask
	rule   string
	key    string
	shown  shown
	from   sight
}

// objections is what a policy has against the flow, in the order in which it is told.
// unknown says that there may be more: nobody asked for all that it wants to know.
func (c *FlowCase) objections(p *policy.Policy) (all []objection, unknown bool) {
	flow := p.Flow()
	object := func(action policy.Action, key string, o objection) {
		if action == policy.Ask && c.tooLate == key {
			action = policy.Deny
		}
		if o.action, o.rule, o.key = action, p.FlowRule(key).String(), key; action != policy.Allow {
			all = append(all, o)
		}
	}
	if s, ok := c.narrower(c.widest(), flow.ForgetAfter); ok {
		object(flow.PrivateToPublic, privateToPublic, objection{kind: wasShown, shown: s})
	}
	s, keeps := c.narrower(Public, flow.ForgetAfter)
	if keeps && c.outward {
		object(flow.PrivateToPublic, privateToPublic, objection{kind: tellsOut, shown: s})
	}
	for _, from := range c.from {
		object(flow.PrivateToPublic, privateToPublic, objection{kind: isCarried, from: from})
	}
	if c.narrow {
		object(flow.PrivateToPublic, privateToPublic, objection{kind: isNarrow})
	}
	if c.carries {
		object(flow.UntrustedToWrite, untrustedToWrite, objection{kind: isStrangers})
	}
	if c.strange != nil && c.strange.age < flow.ForgetAfter {
		object(flow.UntrustedToWrite, untrustedToWrite, objection{kind: wasShownStrangers, shown: *c.strange})
	}
	unasked := func(what string) bool { return slices.Contains(c.unasked, what) }
	if flow.PrivateToPublic != policy.Allow {
		unknown = keeps && unasked(privateToPublic) || unasked(thePlan)
	}
	if flow.UntrustedToWrite != policy.Allow {
		unknown = unknown || unasked(untrustedToWrite) || unasked(thePlan)
	}
	return all, unknown
}

// FlowDecision is what a policy says of a flow: denied, asked about, or neither.
type FlowDecision struct {
	Deny, Ask bool
	Rule      string // that denies or asks, "" if none does
	// Unknown says that another rule might come first, if more had been looked at when
	// it was decided at first. What is denied is denied all the same.
	Unknown bool
}

// Decide decides the case by a policy. What denies wins over what asks, and the first
// of either is told.
func (c *FlowCase) Decide(p *policy.Policy) FlowDecision {
	all, unknown := c.objections(p)
	d := FlowDecision{Unknown: unknown}
	for _, o := range all {
		if o.action != policy.Ask {
			return FlowDecision{Deny: true, Rule: o.rule, Unknown: unknown}
		}
		if !d.Ask {
			d.Ask, d.Rule = true, o.rule
		}
	}
	return d
}
