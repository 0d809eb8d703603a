package policy

import "strings"

// Whether a pattern covers another one, so that whatever the other matches it matches,
// is answered by proof: true only if each step can be shown. A pattern that covers
// another in a way that these steps don't see is taken for one that does not.

// covers reports whether a deny of g reaches whatever other matches: in any case, and if
// below is set also what lies in a folder that g matches.
func (g glob) covers(other glob, below bool) bool {
	for _, row := range other.alternatives {
		covered := false
		for _, own := range g.alternatives {
			covered = covered || rowCovers(own, row, below)
		}
		if !covered {
			return false
		}
	}
	return true
}

// rowCovers is covers for one row of segments each. Rows are short, and steps are few:
// without a memory it would take them again and again where several "**" stand in a row.
func rowCovers(own, other []segment, below bool) bool {
	known := make(map[[2]int]bool)
	var from func(i, j int) bool
	from = func(i, j int) (covers bool) {
		at := [2]int{i, j}
		if found, ok := known[at]; ok {
			return found
		}
		defer func() { known[at] = covers }()
		switch {
		case i == len(own):
			return below || j == len(other)
		case own[i].any:
			return from(i+1, j) || j < len(other) && from(i, j+1)
		case j == len(other) || other[j].any:
			return false
		}
		return own[i].covers(other[j]) && from(i+1, j+1)
	}
	return from(0, 0)
}

// covers reports whether a segment matches, in any case, each name that other matches.
func (s segment) covers(other segment) bool {
	switch {
	case other.any:
		return false
	case other.terms == nil:
		return s.match(other.literal, true)
	case len(s.terms) == 1 && s.terms[0].star:
		return true
	case s.oneStar && other.oneStar:
		return prefixes(s.before, other.before) && prefixes(reversed(s.after), reversed(other.after))
	}
	return false
}

func prefixes(short, long string) bool {
	return len(short) <= len(long) && strings.EqualFold(short, long[:len(short)])
}

func reversed(ascii string) string {
	turned := []byte(ascii)
	for i, j := 0, len(turned)-1; i < j; i, j = i+1, j-1 {
		turned[i], turned[j] = turned[j], turned[i]
	}
	return string(turned)
}

// covers reports whether a pattern matches each repository that other matches.
func (p repoPattern) covers(other repoPattern) bool {
	for _, row := range other.rows {
		covered := false
		for _, own := range p.rows {
			covered = covered || own.owner.covers(row.owner) && own.name.covers(row.name)
		}
		if !covered {
			return false
		}
	}
	return true
}

func (w wildcard) covers(other wildcard) bool {
	switch {
	case !other.stars:
		return w.match(other.text)
	case w.anything() || w.text == other.text:
		return true
	}
	return w.stars && len(w.middle) == 0 && strings.HasPrefix(other.head, w.head) && strings.HasSuffix(other.tail, w.tail)
}

// meets reports whether there may be a repository that both patterns match.
func (p repoPattern) meets(other repoPattern) bool {
	for _, own := range p.rows {
		for _, row := range other.rows {
			if own.owner.meets(row.owner) && own.name.meets(row.name) {
				return true
			}
		}
	}
	return false
}

func (w wildcard) meets(other wildcard) bool {
	switch {
	case !w.stars:
		return other.match(w.text)
	case !other.stars:
		return w.match(other.text)
	}
	heads := strings.HasPrefix(w.head, other.head) || strings.HasPrefix(other.head, w.head)
	return heads && (strings.HasSuffix(w.tail, other.tail) || strings.HasSuffix(other.tail, w.tail))
}

// addresses reports whether a section is for everybody whom other is for.
func (sec *section) addresses(other *section) bool {
	if len(sec.principals) == 0 {
		return true
	}
	if len(other.principals) == 0 {
		return false
	}
	for _, e := range other.principals {
		covered := false
		for _, own := range sec.principals {
			covered = covered || own.glob.covers(e.glob, false)
		}
		if !covered {
			return false
		}
	}
	return true
}
