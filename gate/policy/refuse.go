package policy

import "aegis/internal/canon"

// The refuse functions yield what speaks against a query and return false once
// yield does. They have no memory and no order among themselves.

type yield = func(Decision) bool

// refuse yields all that speaks against a query: one thing after the other that it is held
// to, and each of them by all names and policies. So what is decided in two steps is
// refused by the rule that it is refused by in one.
func (s Scope) refuse(c Case, yield yield) bool {
	capability, folder := c.Capability, c.Folder && c.Capability == Read
	if c.Reading {
		capability, folder = Read, c.Folder
	}
	for each := range s.each {
		if c.Tool != "" && !each.refuseTool(c.Tool, yield) {
			return false
		}
	}
	for each := range s.each {
		if !each.refuseCapability(capability, yield) {
			return false
		}
	}
	for each := range s.each {
		if !each.refusePaths(c.Paths, folder, yield) {
			return false
		}
	}
	for each := range s.each {
		if !c.Reading && !each.refuseLanding(c, yield) {
			return false
		}
	}
	return true
}

// refuseAncestor yields for what the case's repository was forked from, if that may
// not be read or hides one of its paths.
func (p *Policy) refuseAncestor(ancestor Place, c Case, yield yield) bool {
	c.Folder = c.Folder && (c.Reading || c.Capability == Read)
	c.Reading = true
	return p.in(ancestor.Name, ancestor.Identity).refuse(c, yield)
}

// refuseTool yields for every section whose lists the tool does not pass.
func (s Scope) refuseTool(tool string, yield yield) bool {
	for _, sec := range s.sections {
		if !s.policy.refuseTool(sec, tool, yield) {
			return false
		}
	}
	return true
}

func (p *Policy) refuseTool(sec *section, tool string, yield yield) bool {
	if line, ok := sec.tools.deny.has(tool); ok {
		if !yield(p.refusal(sec, rule{"tools.deny", line}, "the tool is denied")) {
			return false
		}
	}
	if !sec.tools.allow.passes(tool) {
		return yield(p.refusal(sec, rule{"tools.allow", sec.tools.allow.line}, "the tool is not in the allow-list"))
	}
	return true
}

// refuseCapability yields for every section that denies the capability, or one that it
// needs besides, and if neither a section nor the default allows it.
func (s Scope) refuseCapability(c Capability, yield yield) bool {
	for _, needed := range s.policy.Needs(c) {
		also := ""
		if c == Write && needed == Automation {
			also = ", which a job's writing needs as well"
		}
		if !s.refuseOne(needed, also, yield) {
			return false
		}
	}
	return true
}

// refuseOne is refuseCapability for one capability by itself; also is what it is needed for.
func (s Scope) refuseOne(c Capability, also string, yield yield) bool {
	for _, sec := range s.sections {
		if o := sec.opinions[c]; o.says == denies {
			if !yield(s.policy.refusal(sec, rule{c.String(), o.line}, c.String()+" is denied for this repository"+also)) {
				return false
			}
		}
	}
	if d := s.grant(c); !d.Allow {
		d.Why += also
		return yield(d)
	}
	return true
}

// grant finds what allows a capability; without it, the decision denies.
func (s Scope) grant(c Capability) Decision {
	p := s.policy
	def := p.defaults[c]
	key := rule{"defaults." + c.String(), def.line}
	if def.says == allows {
		return Decision{Allow: true, Rule: p.name(key), Why: c.String() + " is allowed by default"}
	}
	for _, sec := range s.sections {
		if o := sec.opinions[c]; o.says == allows {
			return Decision{Allow: true, Rule: p.name(rule{c.String(), o.line}), Why: c.String() + " is allowed for this repository"}
		}
	}
	return p.deny(key, "nothing allows "+c.String()+" for this repository")
}

// refusePaths yields for every path and every section whose path lists it does
// not pass.
func (s Scope) refusePaths(paths []canon.Path, folder bool, yield yield) bool {
	for _, path := range paths {
		if !s.refusePath(path, folder, yield) {
			return false
		}
	}
	return true
}

func (s Scope) refusePath(path canon.Path, folder bool, yield yield) bool {
	for _, sec := range s.sections {
		if !s.policy.refuseListed(sec, "paths", &sec.paths, path.String(), folder, yield) {
			return false
		}
	}
	return true
}

// refuseListed holds a path to a section's allow and deny list. A deny reaches
// below: what lies in a folder that is denied is denied, or listing the
// folder's content by its path would show what the rule hides. An allow does
// not: "docs" allows a file of that name and nothing in a folder of that name.
func (p *Policy) refuseListed(sec *section, key string, l *lists, path string, folder bool, yield yield) bool {
	for _, e := range l.deny.entries {
		if e.glob.fit(path, true).within {
			d := p.refusal(sec, rule{key + ".deny", e.line}, "the path is denied")
			d.Code, d.Pattern = PathDenied, e.text
			if !yield(d) {
				return false
			}
		}
	}
	if !l.allow.present {
		return true
	}
	for _, e := range l.allow.entries {
		f := e.glob.fit(path, false)
		if f.whole || folder && f.below {
			return true
		}
	}
	d := p.refusal(sec, rule{key + ".allow", l.allow.line}, "the path is not in the allow-list")
	d.Code = PathDenied
	return yield(d)
}

func (p *Policy) refusal(sec *section, r rule, why string) Decision {
	d := p.deny(r, why)
	if sec.builtin {
		d.Rule = Source{File: builtinName, Key: r.key}
	}
	d.Reason = sec.reason
	return d
}
