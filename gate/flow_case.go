package gate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"aegis/audit"
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

// FlowCase is a question of flow control: whether what a caller was shown, and what a
// change carries along, may come to where it is written. It is a value that asks
// nobody, so that it can be decided again.
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

// What a change carries along, as it is recorded.
const (
	carriesFrom     = "from "
	carriesNarrow   = "what few see"
	carriesStranger = "what a stranger made"
	carriesOutward  = "what tells others"
	strangersText   = "stranger"
	humanBy         = "a human by "
)

// note records the case.
func (c *FlowCase) note(e *audit.Case) {
	e.Visibility = string(c.target)
	if c.reaches.repo != "" {
		e.Reaches = c.reaches.String()
	}
	for _, s := range c.shown {
		e.Marks = append(e.Marks, s.recorded(string(s.Visibility)))
	}
	if c.strange != nil {
		e.Marks = append(e.Marks, c.strange.recorded(strangersText))
	}
	for _, from := range c.from {
		e.Carries = append(e.Carries, carriesFrom+from.String())
	}
	for text, is := range map[string]bool{carriesNarrow: c.narrow, carriesStranger: c.carries, carriesOutward: c.outward} {
		if is {
			e.Carries = append(e.Carries, text)
		}
	}
	slices.Sort(e.Carries)
	e.Unasked = slices.Clone(c.unasked)
	if c.tooLate != "" {
		e.Unasked = append(e.Unasked, humanBy+c.tooLate)
	}
}

func (s sight) String() string { return string(s.visibility) + " " + s.repo }

func (s shown) recorded(kind string) string {
	return fmt.Sprintf("%s %s %s %s", kind, s.age, s.Call, s.Repo)
}

// FlowCaseOf returns the case of flow control that an entry of the audit log says was
// decided. ok is false if it is about none: a call that reads, or was refused before.
func FlowCaseOf(s audit.Stored) (c FlowCase, ok bool, err error) {
	if s.Case.Visibility == "" {
		return FlowCase{}, false, nil
	}
	c.target = Visibility(s.Case.Visibility)
	if s.Case.Reaches != "" {
		c.reaches, err = parseSight(s.Case.Reaches)
	}
	for _, text := range s.Case.Marks {
		seen, parseErr := parseShown(text)
		err = errors.Join(err, parseErr)
		if strings.HasPrefix(text, strangersText+" ") {
			c.strange = &seen
			continue
		}
		c.shown = append(c.shown, seen)
	}
	for _, text := range s.Case.Carries {
		from, is := strings.CutPrefix(text, carriesFrom)
		switch {
		case is:
			each, parseErr := parseSight(from)
			c.from, err = append(c.from, each), errors.Join(err, parseErr)
		case text == carriesNarrow:
			c.narrow = true
		case text == carriesStranger:
			c.carries = true
		case text == carriesOutward:
			c.outward = true
		default:
			err = errUnreadable
		}
	}
	for _, text := range s.Case.Unasked {
		if key, is := strings.CutPrefix(text, humanBy); is {
			c.tooLate = key
			continue
		}
		c.unasked = append(c.unasked, text)
	}
	return c, err == nil, err
}

var errUnreadable = errors.New("the entry has a case that can't be read")

func parseSight(text string) (sight, error) {
	visibility, repo, ok := strings.Cut(text, " ")
	if !ok {
		return sight{}, errUnreadable
	}
	return sight{repo, Visibility(visibility)}, nil
}

func parseShown(text string) (shown, error) {
	words := strings.SplitN(text, " ", 4)
	if len(words) < 4 {
		return shown{}, errUnreadable
	}
	age, err := time.ParseDuration(words[1])
	return shown{caller.Seen{Visibility: Visibility(words[0]), Mark: caller.Mark{Call: words[2], Repo: words[3]}}, age}, err
}
