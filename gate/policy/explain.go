package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Explanation is a decision and how it came about.
type Explanation struct {
	Decision Decision
	Case     Case
	Sections []string   // what applies, as "policy.yaml:9 acme/hr-*"; the global part is left out
	Against  []Decision // everything that speaks against, the deciding refusal first; nil if allowed
	Rules    []Involved // all that took part, what decided first
	Changes  []string   // what would change the decision
	Personal bool       // whether it can make a difference who asks
	Origins  []Origin   // the files that decided
}

// Explain decides c with Decide and tells which sections matched, all that spoke for it
// and against, and what would change it.
func (p *Policy) Explain(c Case) Explanation {
	e := Explanation{Decision: p.Decide(c), Case: c, Origins: p.Origins()}
	p = p.asked(c)
	e.Personal = p.personal() || p.some((*Policy).byJob)
	applies := p.scopeOf(c)
	if !c.Repo.IsZero() {
		for scope := range applies.each {
			for _, sec := range scope.sections {
				if sec.index >= 0 {
					e.Sections = append(e.Sections, scope.policy.name(rule{sec.pattern.text, sec.line}).String())
				}
			}
		}
	}
	for refusal := range p.refusals(c, applies) {
		e.Against = append(e.Against, refusal)
	}
	e.Rules = p.involved(c, applies, e.Decision, e.Against)
	e.Changes = changes(e)
	return e
}

// Verdict is the decision in a word: allow, ask or deny.
func (d Decision) Verdict() Effect {
	switch {
	case !d.Allow:
		return Denies
	case d.Ask:
		return Asks
	}
	return Allows
}

// String tells the explanation in a few lines.
func (e Explanation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-6s %s\n", e.Decision.Verdict(), e.asked())
	line := func(word, text string) { fmt.Fprintf(&b, "  %-9s  %s\n", word, text) }
	if e.Decision.Allow {
		line("because", e.Decision.line())
	}
	for i, refusal := range e.Against {
		word := "because"
		if i > 0 {
			word = "and"
		}
		line(word, refusal.line())
	}
	for _, r := range e.Rules {
		switch {
		case !r.OverruledBy.IsZero():
			line("overruled", r.line()+", by "+r.OverruledBy.String())
		case r.Effect == Asks:
			line("asks", r.line())
		case r.Effect == Allows && r.Rule != e.Decision.Rule:
			line("passes", r.line())
		}
	}
	for _, change := range e.Changes {
		line("to change", change)
	}
	for _, sec := range e.Sections {
		line("applies", sec)
	}
	for _, o := range e.Origins {
		line(o.word(), o.Source+", "+o.SHA256)
	}
	return b.String()
}

// asked is what was asked, in words.
func (e Explanation) asked() string {
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
	return what
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

func (r Involved) line() string { return Decision{Why: r.Why, Rule: r.Rule, Pattern: r.Pattern}.line() }

// changes says what would change a decision: for one that denies, all that has to be
// changed; for one that allows, what would be enough.
func changes(e Explanation) (all []string) {
	add := func(format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	switch {
	case e.Decision.Ask:
		add("take %s out of %s, and nobody is asked", e.Case.Tool, e.Decision.AskRule)
	case e.Decision.Allow && e.Case.Repo.IsZero():
		add("add %s to the tools.deny that is for all repositories", e.Case.Tool)
	case e.Decision.Allow:
		add("add %s: deny, or tools: {deny: [%s]}, to a section for %s", e.Case.Capability, e.Case.Tool, e.Case.Repo)
	}
	for _, d := range e.Against {
		switch key, list, _ := strings.Cut(d.Rule.Key, "."); {
		case d.Rule.File == builtinName && d.Rule.Key == "paths.deny" && d.Rule.Line == 0:
			add("builtin_paths: off, which opens all of the built-in patterns")
		case key == "defaults":
			add("add %s: allow to %s", list, e.section(d.Rule))
		case key == "tools" && list == "deny":
			add("take %s out of %s", e.Case.Tool, d.Rule)
		case key == "tools" && list == "allow":
			add("add %s to %s", e.Case.Tool, d.Rule)
		case list == "deny":
			add("take %s out of %s", quote(d.Pattern), d.Rule)
		case list == "allow":
			add("add a pattern that matches to %s", d.Rule)
		case key == "branches":
			add("add a branches.allow that matches to %s", e.section(d.Rule))
		case key == "write_paths":
			add("add a write_paths.allow that spells the path out to %s", e.section(d.Rule))
		case key == "read", key == "write", key == "automation":
			add("take out %s: deny (%s)", key, d.Rule)
		case strings.HasPrefix(key, "forks"):
			add("add forks: separate to a section for %s", e.Case.Repo)
		}
	}
	return all
}

// section is where something would have to be said, for a rule to change: of several
// files in that of the rule.
func (e Explanation) section(of Source) string {
	text := "a section for " + e.Case.Repo.String()
	if len(e.Origins) > 1 {
		text += " of " + of.File
	}
	return text
}
