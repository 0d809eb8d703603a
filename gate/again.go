package gate

import (
	"slices"

	"aegis/audit"
	"aegis/gate/policy"
)

// Verdict is what policy makes of a call: allow, ask or deny, or that the log can't tell.
type Verdict string

// The verdicts. The zero Verdict is none.
const (
	VerdictAllow   Verdict = "allow"
	VerdictAsk     Verdict = "ask"
	VerdictDeny    Verdict = "deny"
	VerdictUnknown Verdict = "unknown"
)

// Again is a recorded decision, decided again.
type Again struct {
	Verdict Verdict
	Code    Code   // of a denial
	Rule    string // that denies or asks
	Why     string // the verdict is unknown: a clause
}

// byPolicy are the codes that policy refuses by. An entry with another code is about no
// case of policy's, but for those of [afterPolicy].
var byPolicy = []Code{PolicyDenied, PathDenied, BranchDenied, FlowDenied}

// DecideAgain decides an entry of the audit log by a policy, if it says how policy
// decided. It does not ask anybody: what the log does not have is unknown.
func DecideAgain(p *policy.Policy, s audit.Stored) (a Again, ok bool) {
	if code := Code(s.Code); s.Call == "" || code != "" && !slices.Contains(byPolicy, code) && !slices.Contains(afterPolicy, code) {
		return a, false
	}
	c, err := CaseOf(s)
	if err != nil {
		return Again{Verdict: VerdictUnknown, Why: err.Error()}, true
	}
	d := p.Decide(c)
	if !d.Allow {
		return Again{Verdict: VerdictDeny, Code: codeOf[d.Code], Rule: d.Rule.String()}, true
	}
	flow, flows, err := FlowCaseOf(s)
	if err != nil {
		return Again{Verdict: VerdictUnknown, Why: err.Error()}, true
	}
	var flown FlowDecision
	if flows {
		flown = flow.Decide(p)
	}
	switch {
	case flown.Deny:
		return Again{Verdict: VerdictDeny, Code: FlowDenied, Rule: flown.Rule}, true
	case flown.Unknown:
		return Again{Verdict: VerdictUnknown, Why: "flow control would want to know what nobody looked at"}, true
	case d.Ask:
		return Again{Verdict: VerdictAsk, Rule: d.AskRule.String()}, true
	case flown.Ask:
		return Again{Verdict: VerdictAsk, Rule: flown.Rule}, true
	}
	return Again{Verdict: VerdictAllow}, true
}
