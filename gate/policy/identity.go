package policy

import (
	"slices"

	"aegis/internal/canon"
)

// Identity is what is known of a repository besides what it is called. Names
// change hands; an id does not.
type Identity struct {
	IDs    []int64      // Gitea's; none if it is not known, several if the name changed hands
	Former []canon.Repo // other names that it is known by
}

// Knowing returns the policy for somebody who knows more of repositories than their
// names: wherever it judges one, it asks of. That can only narrow what is permitted.
// What holds for a former name holds still, as if the repository were called so as
// well. A section with the repository's id applies with all that it denies, restricts
// and asks for. What it allows, it allows to names that match its pattern, because
// names are decided on before Gitea tells ids.
func (p *Policy) Knowing(of func(canon.Repo) Identity) *Policy {
	return p.with(func(part *Policy) { part.identity = of })
}

// identify returns what is known of a repository.
func (p *Policy) identify(repo canon.Repo) Identity {
	if p.identity == nil || repo.IsZero() {
		return Identity{}
	}
	return p.identity(repo)
}

// Concerns reports whether the policy says of a name what it does not say of every
// other. Only then does it matter that a repository was once called so.
func (p *Policy) Concerns(repo canon.Repo) bool {
	return p.some(func(part *Policy) bool {
		return part.defaults[Read].says != allows || len(part.addressedOf(part.sections.matching(repo))) > 0
	})
}

// narrowed is a section without what it allows.
func narrowed(sec *section) *section {
	narrow := *sec
	narrow.narrow = true
	for c := range narrow.opinions {
		if narrow.opinions[c].says == allows {
			narrow.opinions[c] = opinion{}
		}
	}
	if narrow.forks.says == allows {
		narrow.forks = opinion{}
	}
	return &narrow
}

// narrows reports whether a section that allows nothing has any effect.
func (s *section) narrows() bool {
	for _, o := range s.opinions {
		if o.says == denies {
			return true
		}
	}
	for _, l := range []lists{s.paths, s.branches, s.writing} {
		if l.allow.present || len(l.deny.entries) > 0 {
			return true
		}
	}
	return s.tools.allow.present || len(s.tools.deny.entries) > 0 || len(s.approve.entries) > 0 || s.forks.says == denies || s.hides.says == denies
}

// identified adds to the sections that match a name those of its ids.
func (s *sections) identified(matching []*section, ids []int64) []*section {
	for _, id := range ids {
		for _, narrow := range s.ids[id] {
			same := func(sec *section) bool { return sec.index == narrow.index }
			if !slices.ContainsFunc(matching, same) {
				matching = append(matching, narrow)
			}
		}
	}
	return matching
}
