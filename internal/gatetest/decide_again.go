package gatetest

import (
	"context"
	"errors"
	"slices"
	"strings"

	"aegis/audit"
	"aegis/gate"
	"aegis/gate/policy"
)

// byPolicy are the codes that policy decides by: an entry with one of them, or with
// none, can be decided again.
var byPolicy = []gate.Code{"", gate.PolicyDenied, gate.PathDenied, gate.BranchDenied, gate.FlowDenied}

// OwnPolicy is how the file of a caller's own policy is called.
const OwnPolicy = "tester.yaml"

// DecideAgain decides every entry of the door's log again that says how it was
// decided, by the policy that it was decided by: the door's on its floor, narrowed by the
// caller's own from [OwnPolicy] if own is not "". It fails the test for one that comes to
// something else, or if a [gate.Replay] tells a difference, and returns how many there
// were of each kind: "static deny path_denied", "resolved ask flow", and "by an own
// policy", "by the floor" and "unknown" besides.
func (d *Door) DecideAgain(source, own string) map[string]int {
	d.tb.Helper()
	loaded, _, err := policy.Parse("policy.yaml", []byte(source))
	d.check(err)
	if d.floor != "" {
		floor, _, err := policy.LoadFloor(d.floor)
		d.check(err)
		loaded = policy.OnFloor(loaded, floor)
	}
	if own != "" {
		narrower, _, err := policy.Parse(OwnPolicy, []byte(own))
		d.check(err)
		loaded = loaded.NarrowedBy(narrower)
	}
	seen, replay := make(map[string]int), gate.NewReplay(loaded)
	_, err = audit.Show(context.Background(), d.Log, audit.Query{}, func(s audit.Stored) error {
		replay.Add(s)
		if s.Call == "" || !slices.Contains(byPolicy, gate.Code(s.Code)) {
			return nil
		}
		kind := "outcome"
		if s.Kind == audit.KindDecision {
			kind = string(s.Stage) + " " + string(s.Decision)
		}
		by, err := again(loaded, s)
		switch {
		case errors.Is(err, gate.ErrNotWhole):
			by = "unknown"
		case err != nil:
			d.tb.Errorf("%s\ndecided again: %v\nthe policy:\n%s", s.Raw, err, source)
		}
		seen[kind+" "+by]++
		if by == "unknown" {
			seen[by]++
		}
		if s.OwnPolicySHA256 != "" && strings.HasPrefix(s.Rule, OwnPolicy) {
			seen["by an own policy"]++
		}
		if strings.HasPrefix(s.Rule, "floor ") {
			seen["by the floor"]++
		}
		return nil
	})
	d.check(err)
	counts, found := replay.End()
	if counts.Widened+counts.Narrowed > 0 || counts.Unknown > 0 && seen["unknown"] == 0 {
		d.tb.Errorf("replayed by the policy that decided: %+v\n%+v\nthe policy:\n%s", counts, found, source)
	}
	return seen
}

// again decides an entry again. It returns what decided: a code, "flow" or "approve",
// or "" for what is allowed.
func again(p *policy.Policy, s audit.Stored) (by string, err error) {
	c, err := gate.CaseOf(s)
	if err != nil {
		return "", err
	}
	flow, flows, err := gate.FlowCaseOf(s)
	if err != nil {
		return "", err
	}
	decided, flown := p.Decide(c), gate.FlowDecision{}
	if flows {
		flown = flow.Decide(p)
	}
	asked := decided.AskRule.String()
	if !decided.Ask {
		asked = flown.Rule
	}
	switch {
	case !decided.Allow:
		if string(decided.Code) != s.Code || decided.Rule.String() != s.Rule {
			return "", errors.New("policy denies it by " + string(decided.Code) + " " + decided.Rule.String())
		}
		return s.Code, nil
	case flown.Unknown && !flown.Deny:
		return "", errors.New("it is not known what flow control would decide")
	case flown.Deny:
		if s.Code != string(gate.FlowDenied) || flown.Rule != s.Rule {
			return "", errors.New("flow control denies it by " + flown.Rule)
		}
		return s.Code, nil
	case s.Code != "":
		return "", errors.New("it is allowed")
	case s.Decision == audit.Ask && decided.Ask && asked == s.Rule:
		return "approve", nil
	case s.Decision == audit.Ask && flown.Ask && asked == s.Rule:
		return "flow", nil
	case s.Decision == audit.Ask:
		return "", errors.New("a human would be asked by " + asked)
	}
	return "", nil
}
