package expect

import (
	"fmt"

	"aegis/gate/policy"
)

// Result is an expectation and how it was decided.
type Result struct {
	Expectation
	Got     policy.Decision
	Failure string // what is not as expected, "" if all is
	Told    string // how the decision came about, in a few lines
}

// Report is what came of a file's expectations.
type Report struct {
	File    string
	Results []Result
	touched map[policy.Rule]bool
}

// Run decides each expectation by a policy.
func Run(p *policy.Policy, file string, all []Expectation) Report {
	report := Report{File: file, touched: make(map[policy.Rule]bool)}
	for _, e := range all {
		report.Results = append(report.Results, report.decide(p, e))
	}
	return report
}

// Failed is how many expectations do not hold.
func (r Report) Failed() (n int) {
	for _, result := range r.Results {
		if result.Failure != "" {
			n++
		}
	}
	return n
}

// decide decides an expectation for each whom its principal stands for.
func (r Report) decide(p *policy.Policy, e Expectation) (result Result) {
	for i, who := range policy.Principals(p, e.Call.Principal) {
		q := e.Call
		q.Principal = who
		c, err := q.Case()
		if err != nil {
			return Result{Expectation: e, Failure: err.Error()}
		}
		explained := p.Explain(c)
		for _, rule := range explained.Rules {
			r.touched[policy.Rule{Source: rule.Rule, Pattern: rule.Pattern}] = true
		}
		failure := e.misses(explained.Decision)
		if failure != "" && who != e.Call.Principal {
			failure += ", for " + who
		}
		if i == 0 || failure != "" {
			result = Result{Expectation: e, Got: explained.Decision, Failure: failure, Told: explained.String()}
		}
		if failure != "" {
			break
		}
	}
	return result
}

// misses says how a decision is not what was expected, "" if it is.
func (e Expectation) misses(d policy.Decision) string {
	rule := d.Rule
	if d.Allow && d.Ask {
		rule = d.AskRule
	}
	switch {
	case d.Verdict() != e.Expect:
		return fmt.Sprintf("expected %s, got %s by %s: %s", e.Expect, d.Verdict(), rule, d.Why)
	case e.Code != "" && d.Code != e.Code:
		return fmt.Sprintf("expected the code %s, got %s by %s", e.Code, d.Code, rule)
	case e.Rule != "" && e.Rule != rule.String() && e.Rule != rule.Key:
		return fmt.Sprintf("expected the rule %s, got %s", e.Rule, rule)
	}
	return ""
}

// Untouched returns the rules of a policy that took part in no decision of the reports.
func Untouched(p *policy.Policy, reports []Report) (all []policy.Rule) {
	for _, rule := range policy.Rules(p) {
		touched := false
		for _, r := range reports {
			touched = touched || r.touched[rule]
		}
		if !touched {
			all = append(all, rule)
		}
	}
	return all
}
