package policy

import (
	"slices"

	"aegis/internal/canon"
)

// CanHideRepositories reports whether some repository could be denied for
// reading, by a rule on reading or on tools. If not, rows of repositories need
// no judging.
func (p *Policy) CanHideRepositories() bool { return p.some((*Policy).hidesRepositories) }

func (p *Policy) hidesRepositories() bool {
	if p.defaults[Read].says != allows {
		return true
	}
	for _, sec := range p.addressedOf(p.sections.all) {
		if sec.opinions[Read].says == denies || sec.tools.allow.present || len(sec.tools.deny.entries) > 0 {
			return true
		}
	}
	return false
}

// CanHidePathsOfSome reports whether some section has a rule on paths, so that
// one repository's files may be hidden where another's are not.
func (p *Policy) CanHidePathsOfSome() bool { return p.some((*Policy).hidesPathsOfSome) }

func (p *Policy) hidesPathsOfSome() bool {
	for _, sec := range p.addressedOf(p.sections.all) {
		if sec.paths.allow.present || sec.paths.deny.present {
			return true
		}
	}
	return false
}

// AllowsTool reports whether some call of a tool could be allowed. It is for
// not listing what never works, and errs to true: a call is decided by
// Decide alone.
func (p *Policy) AllowsTool(name string, c Capability) bool {
	return !p.some(func(part *Policy) bool { return !part.mayAllow(name, c) })
}

func (p *Policy) mayAllow(name string, c Capability) bool {
	known, ok := tools[name]
	if !ok || known.capability != c || !passes(&p.global, name) {
		return false
	}
	if known.repoless {
		return true
	}
	needs, granted := p.Needs(c), [capabilities]bool{}
	for _, needed := range needs {
		granted[needed] = p.defaults[needed].says == allows
	}
	for _, sec := range p.addressedOf(p.sections.all) {
		bears := bears(sec, name, needs)
		if sec.pattern.everything() && !bears {
			return false
		}
		for _, needed := range needs {
			granted[needed] = granted[needed] || sec.opinions[needed].says == allows && (bears || needed != c)
		}
	}
	return !slices.ContainsFunc(needs, func(needed Capability) bool { return !granted[needed] })
}

// AllowsToolIn reports whether some call of a tool could be allowed in one
// repository. It leaves out what depends on paths and branches.
func (p *Policy) AllowsToolIn(repo canon.Repo, name string, c Capability) bool {
	known, ok := tools[name]
	if !ok || known.capability != c || repo.IsZero() {
		return false
	}
	none := func(Decision) bool { return false }
	for scope := range p.In(repo).each {
		if !scope.refuseTool(name, none) || !scope.refuseCapability(c, none) {
			return false
		}
	}
	return true
}

// bears reports whether a section has nothing against a tool, and what it needs.
func bears(sec *section, tool string, needs []Capability) bool {
	return passes(sec, tool) && !slices.ContainsFunc(needs, func(needed Capability) bool { return sec.opinions[needed].says == denies })
}

func passes(sec *section, tool string) bool {
	_, denied := sec.tools.deny.has(tool)
	return !denied && sec.tools.allow.passes(tool)
}
