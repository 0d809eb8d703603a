package policy

import (
	"slices"

	"aegis/internal/canon"
)

// sections are all repository sections: exact names, and lists of them, by lookup;
// patterns by their owner, or one after the other if that is a pattern as well.
type sections struct {
	all      []*section
	exact    map[canon.Repo][]*section
	patterns []*section            // that are not exact
	owners   map[string][]*section // of these, those for owners that they spell out
	anyOwner []*section            // and the others
	ids      map[int64][]*section  // narrowed
	personal bool                  // some apply to some principals only
}

func (s *sections) add(sec *section) {
	s.all = append(s.all, sec)
	if len(sec.principals) > 0 {
		s.personal, sec.narrower = true, narrowed(sec)
	}
	if sec.id != 0 {
		if s.ids == nil {
			s.ids = make(map[int64][]*section)
		}
		s.ids[sec.id] = append(s.ids[sec.id], narrowed(sec))
	}
	named := make([]canon.Repo, 0, len(sec.pattern.rows))
	for i := range sec.pattern.rows {
		repo, exact := sec.pattern.rows[i].exact()
		if !exact {
			s.addPattern(sec)
			return
		}
		named = append(named, repo)
	}
	if s.exact == nil {
		s.exact = make(map[canon.Repo][]*section)
	}
	for _, repo := range named {
		s.exact[repo] = append(s.exact[repo], sec)
	}
}

func (s *sections) addPattern(sec *section) {
	s.patterns = append(s.patterns, sec)
	var owners []string
	for _, row := range sec.pattern.rows {
		if row.owner.stars {
			s.anyOwner = append(s.anyOwner, sec)
			return
		}
		owners = append(owners, row.owner.text)
	}
	if s.owners == nil {
		s.owners = make(map[string][]*section)
	}
	slices.Sort(owners)
	for _, owner := range slices.Compact(owners) {
		s.owners[owner] = append(s.owners[owner], sec)
	}
}

// matching returns the sections that apply to a repository, in file order.
func (s *sections) matching(repo canon.Repo) []*section {
	return inOrder(s.matchingName(repo.Owner(), repo.Name()), s.exact[repo])
}

// matchingName returns the sections with a "*" in their pattern that apply to
// owner and name, in file order. The name "*" is matched only by patterns for all names.
func (s *sections) matchingName(owner, name string) []*section {
	match := func(candidates []*section) (found []*section) {
		for _, sec := range candidates {
			if sec.pattern.match(owner, name) {
				found = append(found, sec)
			}
		}
		return found
	}
	return inOrder(match(s.anyOwner), match(s.owners[owner]))
}

// inOrder is two lists of sections in the file's order as one, to which its caller may
// append.
func inOrder(a, b []*section) []*section {
	switch {
	case len(a) == 0:
		return slices.Clip(b)
	case len(b) == 0:
		return slices.Clip(a)
	}
	both := slices.Concat(a, b)
	slices.SortFunc(both, func(a, b *section) int { return a.index - b.index })
	return both
}
