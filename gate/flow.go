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
	flow := w.policy.Flow()
	target, widest, where := w.widest()
	ends := "A new session has read nothing; this one forgets after %s (flow.forget_after)."
	consider := func(action policy.Action, key, why, hint string) {
		rule := w.policy.FlowRule(key).String()
		switch action {
		case policy.Allow:
		case policy.Ask:
			asks = append(asks, reason{rule, why})
		default:
			if refusal == nil {
				refusal = Refuse(FlowDenied, "%s", why).WithHint("%s", hint)
				refusal.Rule = rule
			}
		}
	}
	if visibility, found, ok := w.caller.Marks.Narrowest(widest, w.since()); ok {
		left := time.Until(found.At.Add(flow.ForgetAfter)).Round(time.Second)
		consider(flow.PrivateToPublic, "private_to_public",
			fmt.Sprintf("This session has been shown %s content: %s. %s is %s, and what more people see could tell of it.", visibility, found, where, widest),
			fmt.Sprintf(ends, left))
	}
	if visibility, found, ok := w.caller.Marks.Narrowest(Public, w.since()); ok && flow.PrivateToPublic != policy.Allow {
		if tells := w.tellsOutside(); tells.what != "" {
			consider(flow.PrivateToPublic, "private_to_public", fmt.Sprintf("This session has been shown %s content: %s. %s", visibility, found, tells.what), tells.instead)
		}
	}
	if w.plan != nil {
		for _, from := range w.plan.From {
			if from.Visibility.Rank() < target.Rank() {
				consider(flow.PrivateToPublic, "private_to_public",
					fmt.Sprintf("This carries content of %s, which is %s, into %s, which is %s.", from.Name, from.Visibility, w.repo.Name, target),
					"No reading is the reason, but where the change comes from; waiting or a new session changes nothing.")
			}
		}
		if w.plan.Narrow != "" && target != Private {
			consider(flow.PrivateToPublic, "private_to_public",
				fmt.Sprintf("This shows %s, which only those see who may write, to all who see %s, which is %s.", w.plan.Narrow, w.repo.Name, target),
				"No reading is the reason, but what is stored there; a human can publish it in Gitea, or be asked (flow.private_to_public: ask).")
		}
	}
	if flow.UntrustedToWrite == policy.Allow {
		return asks, refusal
	}
	if w.found.carries {
		consider(flow.UntrustedToWrite, "untrusted_to_write",
			fmt.Sprintf("This carries along what somebody who may not write to %s has proposed.", w.repo.Name),
			"No reading is the reason, but where the change comes from; waiting or a new session changes nothing.")
	}
	if found, ok := stranger(); ok {
		left := time.Until(found.At.Add(flow.ForgetAfter)).Round(time.Second)
		consider(flow.UntrustedToWrite, "untrusted_to_write",
			fmt.Sprintf("This session has been shown text of somebody who may not write to its repository: %s.", found),
			fmt.Sprintf(ends, left))
	}
	return asks, refusal
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

// widest is who sees the target of a write, and the most visible of what the write
// changes: the target, or what a text refers to and gets an event from it, or what
// shows the branch that is written.
func (w *world) widest() (target, visibility Visibility, where string) {
	target, where = w.audience(w.repo.Record), w.repo.Name.String()
	visibility = target
	for _, to := range w.found.referred {
		if to.visibility.Rank() > visibility.Rank() {
			visibility, where = to.visibility, to.String()
		}
	}
	return target, visibility, where
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
			r.Rule = ask.rule
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
