package gate

import (
	"fmt"
	"slices"
	"time"

	"aegis/gate/caller"
	"aegis/gate/policy"
	"aegis/internal/canon"
)

// Flow control: what a session has been shown bounds where it may write. Content
// of a repository marks the session with the repository's visibility, until the
// mark is forgotten; a write to a repository that more people see is then
// refused, or asked about. It needs no understanding of what is written: a model
// that was talked into it can paraphrase, encode or spell out what it read.

// checkFlow decides whether what the session was shown, and what the plan, if
// there is one yet, carries along, may flow into the target and to where the texts
// lead. It returns a refusal, or the reasons to ask a human first. stranger finds
// text of somebody without standing.
func (w *world) checkFlow(stranger func() (caller.Mark, bool)) (asks []reason, refusal *Refusal) {
	if !w.writes() {
		return nil, nil
	}
	c := w.flowCase(stranger)
	w.flow = &c
	all, _ := c.objections(w.policy)
	for _, o := range all {
		why, hint := w.tellFlow(&c, o)
		switch {
		case o.action == policy.Ask:
			asks = append(asks, reason{rule: o.rule, why: why, key: o.key})
		case refusal == nil:
			refusal = Refuse(FlowDenied, "%s", why).WithHint("%s", hint)
			refusal.Rule = o.rule
		}
	}
	return asks, refusal
}

// flowCase puts together what flow control has to decide on. What no rule of the
// policy wants to know is not asked for, and said to be missing.
func (w *world) flowCase(stranger func() (caller.Mark, bool)) FlowCase {
	flow, now := w.policy.Flow(), time.Now()
	c := FlowCase{target: w.audience(w.repo.Record), carries: w.found.carries}
	for _, seen := range w.caller.Marks.NotPublic() {
		c.shown = append(c.shown, shown{seen, now.Sub(seen.At)})
	}
	if w.plan != nil {
		for _, from := range w.plan.From {
			if from.Visibility.Rank() < c.target.Rank() {
				c.from = append(c.from, sight{from.Name.String(), from.Visibility})
			}
		}
		c.narrow = w.plan.Narrow != "" && c.target != Private
	} else {
		c.unasked = append(c.unasked, thePlan)
	}
	if _, keeps := c.narrower(Public, flow.ForgetAfter); keeps && flow.PrivateToPublic != policy.Allow {
		for _, to := range w.found.referred {
			if to.visibility.Rank() > c.widest().Rank() {
				c.reaches = sight{to.name.String(), to.visibility}
			}
		}
		c.outward = w.tellsOutside().what != ""
	} else if len(c.shown) > 0 {
		c.unasked = append(c.unasked, privateToPublic)
	}
	if flow.UntrustedToWrite != policy.Allow {
		if found, ok := stranger(); ok {
			c.strange = &shown{caller.Seen{Mark: found}, now.Sub(found.At)}
		}
	} else if w.found.unjudged || w.caller.Marks.Authors() {
		c.unasked = append(c.unasked, untrustedToWrite)
	}
	return c
}

// tellFlow words an objection, and what to do about it.
func (w *world) tellFlow(c *FlowCase, o objection) (why, hint string) {
	const origin = "No reading is the reason, but where the change comes from; waiting or a new session changes nothing."
	left := (w.policy.Flow().ForgetAfter - o.shown.age).Round(time.Second)
	ends := fmt.Sprintf("A new session has read nothing; this one forgets after %s (flow.forget_after).", left)
	if w.caller.Marks.Outlive() {
		ends = fmt.Sprintf("A new session changes nothing: this caller is known by its key. It is forgotten after %s (flow.forget_after).", left)
	}
	switch o.kind {
	case wasShown:
		return fmt.Sprintf("This session has been shown %s content: %s. %s is %s, and what more people see could tell of it.", o.shown.Visibility, o.shown.Mark, w.mostVisible(c), c.widest()), ends
	case tellsOut:
		tells := w.tellsOutside()
		return fmt.Sprintf("This session has been shown %s content: %s. %s", o.shown.Visibility, o.shown.Mark, tells.what), tells.instead
	case isCarried:
		return fmt.Sprintf("This carries content of %s, which is %s, into %s, which is %s.", o.from.repo, o.from.visibility, w.repo.Name, c.target), origin
	case isNarrow:
		return fmt.Sprintf("This shows %s, which only those see who may write, to all who see %s, which is %s.", w.plan.Narrow, w.repo.Name, c.target),
			"No reading is the reason, but what is stored there; a human can publish it in Gitea, or be asked (flow.private_to_public: ask)."
	case isStrangers:
		return fmt.Sprintf("This carries along what somebody who may not write to %s has proposed.", w.repo.Name), origin
	default:
		return fmt.Sprintf("This session has been shown text of somebody who may not write to its repository: %s.", o.shown.Mark), ends
	}
}

// place is a repository that a call reaches besides its target.
type place struct {
	name       canon.Repo
	visibility Visibility
	shows      bool // by an open pull request, and not because a text refers to it
}

func (p place) String() string {
	if p.shows {
		return p.name.String() + ", which shows this branch in an open pull request,"
	}
	return p.name.String() + ", which the text refers to,"
}

// mostVisible names what a write changes that most people see: the target, or what a
// text refers to and gets an event from it, or what shows the branch that is written.
func (w *world) mostVisible(c *FlowCase) string {
	for _, to := range w.found.referred {
		if to.name.String() == c.reaches.repo {
			return to.String()
		}
	}
	return w.repo.Name.String()
}

// flowChanged refuses what the session may no longer write: it was shown something
// since that was decided.
func (w *world) flowChanged() *Refusal {
	asks, refusal := w.checkFlow(w.doubted)
	if refusal != nil {
		return refusal
	}
	for _, ask := range asks {
		if !slices.Contains(w.consent.flowAsks, ask) {
			r := Refuse(FlowDenied, "%s That was while this call was under way; nothing more was sent.", ask.why).WithHint("Make the call again: a human will be asked.")
			r.Rule, w.flow.tooLate = ask.rule, ask.key
			return r
		}
	}
	return nil
}

// refuseFlow is checkFlow for the time before there is a plan.
func (w *world) refuseFlow(Target) error {
	if _, refusal := w.checkFlow(w.stranger); refusal != nil {
		return refusal
	}
	return nil
}
