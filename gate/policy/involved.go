package policy

import "aegis/internal/canon"

// Effect is what a rule does to a case, or what a decision comes to.
type Effect string

// The effects.
const (
	Allows Effect = "allow"
	Denies Effect = "deny"
	Asks   Effect = "ask"
)

// Involved is a rule that took part in a decision.
type Involved struct {
	Rule        Source
	Effect      Effect
	Why         string // a clause, as a [Decision] has it
	Pattern     string // that matched, if a pattern did
	OverruledBy Source // the rule because of which this one changed nothing, zero if none
}

// IsZero reports whether it is the source of nothing.
func (s Source) IsZero() bool { return s == Source{} }

// concern is one thing that a case is held to. What speaks against it is found by the
// functions that decide; what speaks for it is told besides.
type concern struct {
	refuse  func(s Scope, yield yield) bool
	support func(s Scope, add func(Involved))
}

// involved returns all that takes part in a decision: what speaks against it, and what
// speaks for each thing that it is held to, or did until it was overruled.
func (p *Policy) involved(c Case, scope Scope, d Decision, against []Decision) (all []Involved) {
	seen := make(map[Involved]bool)
	add := func(i Involved) {
		if !seen[i] {
			seen[i] = true
			all = append(all, i)
		}
	}
	for _, refusal := range against {
		add(Involved{Rule: refusal.Rule, Effect: Denies, Why: refusal.Why, Pattern: refusal.Pattern})
	}
	if _, bad := p.misfit(c); bad {
		return all
	}
	if d.Allow {
		add(Involved{Rule: d.Rule, Effect: Allows, Why: d.Why, Pattern: d.Pattern})
	}
	for _, each := range p.concerns(c) {
		var by Source
		for scope := range scope.each {
			if !each.refuse(scope, func(refusal Decision) bool {
				by = refusal.Rule
				return false
			}) {
				break
			}
		}
		for scope := range scope.each {
			each.support(scope, func(i Involved) {
				if i.OverruledBy.IsZero() {
					i.OverruledBy = by
				}
				add(i)
			})
		}
	}
	if by, ask := scope.asks(c.Tool); ask && !c.Reading {
		i := Involved{Rule: by, Effect: Asks, Why: "a human is asked before this tool runs"}
		if !d.Allow {
			i.OverruledBy = d.Rule
		}
		add(i)
	}
	return all
}

// concerns are all things that a case is held to, in the order in which they are decided.
func (p *Policy) concerns(c Case) (all []concern) {
	if c.Tool != "" {
		all = append(all, concern{
			func(s Scope, yield yield) bool { return s.refuseTool(c.Tool, yield) },
			func(s Scope, add func(Involved)) { s.supportTool(c.Tool, add) },
		})
	}
	if c.Repo.IsZero() {
		return all
	}
	needs := []Capability{Read}
	if !c.Reading {
		needs = p.Needs(c.Capability)
	}
	for _, needed := range needs {
		all = append(all, concern{
			func(s Scope, yield yield) bool { return s.refuseOne(needed, "", yield) },
			func(s Scope, add func(Involved)) { s.supportCapability(needed, add) },
		})
	}
	folder := c.Folder && (c.Reading || c.Capability == Read)
	for _, path := range c.Paths {
		all = append(all, concern{
			func(s Scope, yield yield) bool { return s.refusePath(path, folder, yield) },
			func(s Scope, add func(Involved)) {
				s.supportListed(shownPaths, path.String(), folder, add)
			},
		})
	}
	if c.Reading || c.Capability == Read {
		return all
	}
	if c.Branch != "" {
		standing := c.Default
		if c.Capability == Automation {
			standing = NotDefault
		}
		all = append(all, concern{
			func(s Scope, yield yield) bool { return s.refuseBranch(c.Branch, standing, yield) },
			func(s Scope, add func(Involved)) { s.supportListed(branches, c.Branch, false, add) },
		})
	}
	if c.Capability == Write {
		all = append(all, writePathConcerns(c.Paths)...)
	}
	return all
}

func writePathConcerns(paths []canon.Path) (all []concern) {
	for _, path := range paths {
		all = append(all, concern{
			func(s Scope, yield yield) bool { return s.refuseWritePath(path, yield) },
			func(s Scope, add func(Involved)) {
				s.supportListed(writePaths, path.String(), false, add)
			},
		})
	}
	return all
}

// The support functions tell what speaks for something in one scope.

func (s Scope) supportTool(tool string, add func(Involved)) {
	for _, sec := range s.sections {
		if line, ok := sec.tools.allow.has(tool); ok {
			add(Involved{Rule: s.policy.name(rule{"tools.allow", line}), Effect: Allows, Why: "the tool is in the allow-list"})
		}
	}
}

// supportCapability tells of a default that denies as well, where a section overrules it.
func (s Scope) supportCapability(c Capability, add func(Involved)) {
	var by Source
	for _, sec := range s.sections {
		if o := sec.opinions[c]; o.says == allows {
			by = s.policy.name(rule{c.String(), o.line})
			add(Involved{Rule: by, Effect: Allows, Why: c.String() + " is allowed for this repository"})
		}
	}
	def := s.policy.defaults[c]
	key := s.policy.name(rule{"defaults." + c.String(), def.line})
	switch {
	case def.says == allows:
		add(Involved{Rule: key, Effect: Allows, Why: c.String() + " is allowed by default"})
	case !by.IsZero():
		add(Involved{Rule: key, Effect: Denies, Why: c.String() + " is denied by default", OverruledBy: by})
	}
}

func (s Scope) supportListed(of patternLists, text string, folder bool, add func(Involved)) {
	for _, sec := range s.sections {
		for _, e := range of.of(sec).allow.entries {
			if f := e.glob.fit(text, false); f.whole || folder && f.below {
				add(Involved{Rule: s.policy.name(rule{of.key + ".allow", e.line}), Effect: Allows, Why: text + " is in the allow-list", Pattern: e.text})
			}
		}
	}
}
