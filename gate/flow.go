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
func (v *Visit) checkFlow(stranger func() (caller.Mark, bool)) (asks []reason, refusal *Refusal) {
	if !v.writes() {
		return nil, nil
	}
	flow := v.policy.Flow()
	target, widest, where := v.widest()
	ends := "A new session has read nothing; this one forgets after %s (flow.forget_after)."
	consider := func(action policy.Action, key, why, hint string) {
		rule := v.policy.FlowRule(key)
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
	if visibility, found, ok := v.caller.Marks.Narrowest(widest, v.since()); ok {
		left := time.Until(found.At.Add(flow.ForgetAfter)).Round(time.Second)
		consider(flow.PrivateToPublic, "private_to_public",
			fmt.Sprintf("This session has been shown %s content: %s. %s is %s, and what more people see could tell of it.", visibility, found, where, widest),
			fmt.Sprintf(ends, left))
	}
	if visibility, found, ok := v.caller.Marks.Narrowest(Public, v.since()); ok && flow.PrivateToPublic != policy.Allow {
		if tells := v.tellsOutside(); tells.what != "" {
			consider(flow.PrivateToPublic, "private_to_public", fmt.Sprintf("This session has been shown %s content: %s. %s", visibility, found, tells.what), tells.instead)
		}
	}
	if v.planned != nil {
		for _, from := range v.planned.From {
			if from.Visibility.Rank() < target.Rank() {
				consider(flow.PrivateToPublic, "private_to_public",
					fmt.Sprintf("This carries content of %s, which is %s, into %s, which is %s.", from.Name, from.Visibility, v.repo.Name, target),
					"No reading is the reason, but where the change comes from; waiting or a new session changes nothing.")
			}
		}
		if v.planned.Narrow != "" && target != Private {
			consider(flow.PrivateToPublic, "private_to_public",
				fmt.Sprintf("This shows %s, which only those see who may write, to all who see %s, which is %s.", v.planned.Narrow, v.repo.Name, target),
				"No reading is the reason, but what is stored there; a human can publish it in Gitea, or be asked (flow.private_to_public: ask).")
		}
	}
	if flow.UntrustedToWrite == policy.Allow {
		return asks, refusal
	}
	if v.carries {
		consider(flow.UntrustedToWrite, "untrusted_to_write",
			fmt.Sprintf("This carries along what somebody who may not write to %s has proposed.", v.repo.Name),
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
func (v *Visit) widest() (target, visibility Visibility, where string) {
	target, where = v.audience(v.repo.Record), v.repo.Name.String()
	visibility = target
	for _, to := range v.referred {
		if to.visibility.Rank() > visibility.Rank() {
			visibility, where = to.visibility, to.String()
		}
	}
	return target, visibility, where
}

// flowChanged refuses what the session may no longer write: it was shown something
// since that was decided.
func (v *Visit) flowChanged() *Refusal {
	asks, refusal := v.checkFlow(v.doubted)
	if refusal != nil {
		return refusal
	}
	for _, ask := range asks {
		if !slices.Contains(v.flowAsks, ask) {
			r := Refuse(FlowDenied, "%s That was while this call was under way; nothing more was sent.", ask.why).WithHint("Make the call again: a human will be asked.")
			r.Rule = ask.rule
			return r
		}
	}
	return nil
}

// since is from when on what the session was shown is not forgotten.
func (v *Visit) since() time.Time { return time.Now().Add(-v.policy.Flow().ForgetAfter) }

// refuseFlow is checkFlow for the time before there is a plan.
func (v *Visit) refuseFlow(Target) error {
	if _, refusal := v.checkFlow(v.stranger); refusal != nil {
		return refusal
	}
	return nil
}
