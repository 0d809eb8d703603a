package policy

import (
	"slices"
	"strings"

	"aegis/internal/canon"
)

// capabilities is the length of an array indexed by Capability.
const capabilities = int(Automation) + 1

// section is what applies together: the global part, or what stands under a
// repository pattern. What the global part can't have is absent in it.
type section struct {
	index    int // in the file's order; the global part is -1
	pattern  repoPattern
	line     int
	opinions [capabilities]opinion
	tools    named
	paths    lists
	branches lists
	writing  lists // write_paths
	approve  map[string]int
	forks    opinion // allows: separate, denies: inherit
	hides    opinion // untrusted; allows: mark, denies: hide
	reason   string
}

// repoPattern is an owner's and a repository's pattern, in lower case.
type repoPattern struct {
	text        string // as written
	owner, name string
}

func (p repoPattern) match(owner, name string) bool {
	return wildcard(p.owner, owner) && wildcard(p.name, name)
}

// everything reports whether the pattern matches every repository.
func (p repoPattern) everything() bool {
	return strings.Trim(p.owner, "*") == "" && strings.Trim(p.name, "*") == ""
}

// wildcard matches text with a pattern in which "*" stands for any text.
func wildcard(pattern, text string) bool {
	head, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == text
	}
	if !strings.HasPrefix(text, head) {
		return false
	}
	text = text[len(head):]
	for {
		var part string
		part, rest, star = strings.Cut(rest, "*")
		if !star {
			return strings.HasSuffix(text, part)
		}
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
}

// sections are all repository sections: exact names by lookup, patterns one
// after the other.
type sections struct {
	all      []*section
	exact    map[canon.Repo]*section
	patterns []*section
}

func (s *sections) add(sec *section) {
	s.all = append(s.all, sec)
	if repo, err := canon.ParseRepo(sec.pattern.owner, sec.pattern.name); err == nil {
		if s.exact == nil {
			s.exact = make(map[canon.Repo]*section)
		}
		s.exact[repo] = sec
		return
	}
	s.patterns = append(s.patterns, sec)
}

// matching returns the sections that apply to a repository, in file order.
func (s *sections) matching(repo canon.Repo) []*section {
	found := s.matchingName(repo.Owner(), repo.Name())
	if sec, ok := s.exact[repo]; ok {
		at, _ := slices.BinarySearchFunc(found, sec.index, func(other *section, index int) int {
			return other.index - index
		})
		found = slices.Insert(found, at, sec)
	}
	return found
}

// matchingName returns the sections with a "*" in their pattern that apply to
// owner and name. The name "*" is matched only by patterns for all names.
func (s *sections) matchingName(owner, name string) []*section {
	var found []*section
	for _, sec := range s.patterns {
		if sec.pattern.match(owner, name) {
			found = append(found, sec)
		}
	}
	return found
}
