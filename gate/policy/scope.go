package policy

import (
	"slices"

	"aegis/internal/canon"
)

// Scope is a policy as it applies to one repository. Making one costs a few
// microseconds; judging a row with it, less than one per pattern. It is
// immutable and as long-lived as its policy.
type Scope struct {
	policy   *Policy
	sections []*section // the global part first, the built-in one last
	beside   []Scope    // of other names and other policies: a call has to pass these, too
}

// In returns what applies to a repository.
func (p *Policy) In(repo canon.Repo) Scope { return p.in(repo, p.identify(repo)) }

func (p *Policy) in(repo canon.Repo, known Identity) Scope {
	s := p.scope(p.addressedOf(p.sections.identified(p.sections.matching(repo), known.IDs)))
	for _, name := range known.Former {
		s.beside = append(s.beside, Scope{policy: p, sections: p.addressedOf(p.sections.matching(name))})
	}
	for _, part := range p.also {
		s.beside = append(s.beside, slices.Collect(part.in(repo, known).each)...)
	}
	return s
}

// anywhere is what applies to what belongs to no repository.
func (p *Policy) anywhere() Scope {
	s := Scope{policy: p, sections: []*section{&p.global}}
	for _, part := range p.also {
		s.beside = append(s.beside, part.anywhere())
	}
	return s
}

// each yields the scope by each name that the repository is known by, and of each
// policy that holds: a call has to pass them all.
func (s Scope) each(yield func(Scope) bool) {
	if !yield(s) {
		return
	}
	for _, other := range s.beside {
		if !yield(other) {
			return
		}
	}
}

// all yields the sections of each.
func (s Scope) all(yield func(*section) bool) {
	for scope := range s.each {
		for _, sec := range scope.sections {
			if !yield(sec) {
				return
			}
		}
	}
}

func (p *Policy) scope(matching []*section) Scope {
	all := append([]*section{&p.global}, matching...)
	if !p.builtinOff {
		all = append(all, builtinPaths())
	}
	return Scope{policy: p, sections: all}
}

// Repository judges a repository, or a row that belongs to one, for reading
// by a tool: the read rules and the tool's lists. An empty tool leaves the
// tool's lists out. It does not look at the repository's parent.
func (p *Policy) Repository(repo canon.Repo, tool string) Decision {
	if repo.IsZero() {
		return p.deny(rule{key: "repositories"}, "no repository is named")
	}
	return p.In(repo).reading(tool)
}

// OwnerVisible judges what belongs to an owner and no repository, as packages do, for
// reading by a tool. It is judged as "owner/*": sections apply whose pattern matches
// every repository of that owner.
func (p *Policy) OwnerVisible(owner canon.Owner, tool string) Decision {
	if owner.IsZero() {
		return p.deny(rule{key: "repositories"}, "no owner is named")
	}
	return p.of(owner).reading(tool)
}

func (p *Policy) of(owner canon.Owner) Scope {
	s := p.scope(p.addressedOf(p.sections.matchingName(owner.String(), "*")))
	for _, part := range p.also {
		s.beside = append(s.beside, part.of(owner))
	}
	return s
}

// Path judges a file of a repository, wherever it shows.
func (p *Policy) Path(repo canon.Repo, path canon.Path) Decision {
	return p.In(repo).Path(path)
}

// Folder judges a folder of a repository: it is visible if it passes or may
// contain what passes.
func (p *Policy) Folder(repo canon.Repo, path canon.Path) Decision {
	return p.In(repo).Folder(path)
}

// Path judges a file.
func (s Scope) Path(path canon.Path) Decision { return s.row(path, false) }

// Folder judges a folder. The zero Path is the root.
func (s Scope) Folder(path canon.Path) Decision { return s.row(path, true) }

func (s Scope) row(path canon.Path, folder bool) (d Decision) {
	d = Decision{Allow: true, Rule: s.policy.name(rule{key: "paths"}), Why: "the path passes"}
	for scope := range s.each {
		if !scope.refusePath(path, folder, func(refusal Decision) bool {
			d = refusal
			return false
		}) {
			break
		}
	}
	return d
}

func (s Scope) reading(tool string) (d Decision) {
	first := func(refusal Decision) bool {
		d = refusal
		return false
	}
	if !s.refuse(Case{Tool: tool, Reading: true}, first) {
		return d
	}
	return s.grant(Read)
}

// ForksSeparate reports whether a fork is judged without its parent. It takes
// a rule that says "separate" and none that says "inherit".
func (p *Policy) ForksSeparate(repo canon.Repo) bool {
	return !p.some(func(part *Policy) bool { return !part.In(repo).separate() })
}

func (s Scope) separate() bool {
	separate := false
	for _, sec := range s.sections {
		separate = separate || sec.forks.says == allows
	}
	for sec := range s.all {
		separate = separate && sec.forks.says != denies
	}
	return separate
}

// Untrusted says what is done with text that people without standing wrote in
// a repository. A rule that says "hide" wins.
func (p *Policy) Untrusted(repo canon.Repo) Treatment {
	for sec := range p.In(repo).all {
		if sec.hides.says == denies {
			return Hide
		}
	}
	return Mark
}

// asks reports whether a human is to be asked before the tool runs, and by which
// rule.
func (s Scope) asks(tool string) (by Source, ask bool) {
	for scope := range s.each {
		for _, sec := range scope.sections {
			if line, ok := sec.approve.has(tool); ok {
				return scope.policy.name(rule{"approve", line}), true
			}
		}
	}
	return Source{}, false
}
