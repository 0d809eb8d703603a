package policy

import (
	"fmt"
	"strings"
)

// Explanation is a decision and how it came about.
type Explanation struct {
	Decision Decision
	Case     Case
	Sections []string   // what applies, as "policy.yaml:9 acme/hr-*"; the global part is left out
	Against  []Decision // everything that speaks against, the deciding refusal first; nil if allowed
	Personal bool       // whether it can make a difference who asks
	SHA256   string
}

// Explain decides c with Decide and tells which sections matched and all that
// spoke against.
func (p *Policy) Explain(c Case) Explanation {
	e := Explanation{Decision: p.Decide(c), Case: c, SHA256: p.digest}
	p = p.asked(c)
	e.Personal = p.personal() || p.some((*Policy).byJob)
	if !c.Repo.IsZero() {
		for scope := range p.in(c.Repo, c.known(p)).each {
			for _, sec := range scope.sections {
				if sec.index >= 0 {
					e.Sections = append(e.Sections, scope.policy.name(rule{sec.pattern.text, sec.line}).String())
				}
			}
		}
	}
	for refusal := range p.refusals(c) {
		e.Against = append(e.Against, refusal)
	}
	return e
}

// String tells the explanation in a few lines.
func (e Explanation) String() string {
	var b strings.Builder
	what := e.Case.Tool
	if !e.Case.Repo.IsZero() {
		what += " on " + e.Case.Repo.String()
	}
	if e.Personal {
		who := e.Case.Principal
		if who == "" {
			who = "whoever it is"
		}
		what += " for " + who
	}
	switch {
	case e.Decision.Allow && e.Decision.Ask:
		fmt.Fprintf(&b, "ask    %s\n", what)
	case e.Decision.Allow:
		fmt.Fprintf(&b, "allow  %s\n", what)
	default:
		fmt.Fprintf(&b, "deny   %s\n", what)
	}
	if e.Decision.Allow {
		fmt.Fprintf(&b, "  because  %s\n", e.Decision.line())
	}
	for i, refusal := range e.Against {
		word := "because"
		if i > 0 {
			word = "and"
		}
		fmt.Fprintf(&b, "  %-7s  %s\n", word, refusal.line())
	}
	for _, sec := range e.Sections {
		fmt.Fprintf(&b, "  applies  %s\n", sec)
	}
	fmt.Fprintf(&b, "  policy   %s\n", e.SHA256)
	return b.String()
}

// line tells a decision's rule and reason in one line.
func (d Decision) line() string {
	text := d.Why + " (" + d.Rule.String()
	if d.Pattern != "" {
		text += ": " + d.Pattern
	}
	text += ")"
	if d.Reason != "" {
		text += "; " + d.Reason
	}
	return text
}
