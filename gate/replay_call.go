package gate

import (
	"slices"
	"time"

	"aegis/audit"
	"aegis/gate/policy"
)

// replayed is a call that is put together of its entries.
type replayed struct {
	was, is   Again
	own       bool // the caller's own policy took part, and is not at hand
	asked     bool // a human was asked, or would have had to be
	otherwise bool // it ended by what no policy decides
	dryRun    bool
	example   Differences
}

func newReplayed(s audit.Stored) *replayed {
	return &replayed{example: Differences{
		Difference: Difference{Tool: s.Tool, Repo: s.Repo}, Example: s.Call, Time: s.Time.UTC().Format(time.RFC3339),
		Paths: slices.Clone(s.Paths[:min(len(s.Paths), 3)]),
	}}
}

// add notes what an entry says was decided, and what would be.
func (call *replayed) add(p *policy.Policy, s audit.Stored) {
	call.own = call.own || s.OwnPolicySHA256 != ""
	call.dryRun = call.dryRun || s.DryRun
	call.asked = call.asked || s.Decision == audit.Ask || s.ShownSHA256 != ""
	switch code := Code(s.Code); {
	case slices.Contains(byPolicy, code):
		call.was = Again{Verdict: VerdictDeny, Code: code, Rule: s.Rule}
	case code == ApprovalDeclined && s.Stage == audit.StageStatic: // a human's no, to what another call asked
		call.otherwise = true
	case slices.Contains(afterPolicy, code): // nobody was there to ask, or did not say yes
		call.asked, call.was.Rule = true, s.Rule
	case code != "":
		call.otherwise = true
	case call.asked && s.Rule != "":
		call.was.Rule = s.Rule
	}
	if again, ok := DecideAgain(p, s); ok && again.Verdict.weight() > call.is.Verdict.weight() {
		call.is = again
	}
}

// verdicts are what was made of the call, and what would be.
func (call *replayed) verdicts() (was, is Again) {
	was, is = call.was, call.is
	switch {
	case was.Verdict == VerdictDeny:
	case call.asked:
		was.Verdict = VerdictAsk
	default:
		was.Verdict = VerdictAllow
	}
	switch never := call.dryRun || call.otherwise; {
	case is.Verdict == "": // no entry is about a case
		is.Verdict = VerdictAllow
	case is.Verdict == VerdictAsk && was.Verdict == VerdictAllow && never: // it never comes to asking
		is = Again{Verdict: VerdictAllow}
	}
	if call.own && is.Verdict.weight() < was.Verdict.weight() {
		is = Again{Verdict: VerdictUnknown, Why: "the caller's own policy took part, and the log does not have it"}
	}
	return was, is
}

// weight orders verdicts: a denial is certain, whatever else is not known.
func (v Verdict) weight() int {
	return slices.Index([]Verdict{"", VerdictAllow, VerdictAsk, VerdictUnknown, VerdictDeny}, v)
}
