package policy

import "unicode/utf8"

// A name that is not valid UTF-8 is known with U+FFFD for the bytes that are none. What
// they were meant to be nobody can tell: a rule that denies counts if it may be meant.

// mayMatch reports whether a name is matched, in some case, if each U+FFFD stands for any
// characters outside ASCII.
func (s segment) mayMatch(name string) bool {
	terms := s.terms
	if terms == nil && !s.any {
		for _, r := range s.literal {
			terms = append(terms, term{class: class{ranges: []rang{{r, r}}}})
		}
	}
	at := make([]bool, len(terms)+1) // how many terms what was read so far may be
	at[0] = true
	pass(terms, at, false)
	for _, r := range name {
		if r == utf8.RuneError {
			pass(terms, at, true)
			continue
		}
		next := make([]bool, len(at))
		for i, t := range terms {
			next[i] = next[i] || at[i] && t.star
			next[i+1] = at[i] && !t.star && t.class.match(r, true)
		}
		pass(terms, next, false)
		at = next
	}
	return at[len(terms)]
}

// pass adds the terms that nothing more is needed for: stars, and where something
// unreadable stands those that take a character outside ASCII.
func pass(terms []term, at []bool, unreadable bool) {
	for i, t := range terms {
		if at[i] && (t.star || unreadable && t.class.beyondASCII()) {
			at[i+1] = true
		}
	}
}

// beyondASCII reports whether a class may have a character outside ASCII.
func (c class) beyondASCII() bool {
	for _, in := range c.ranges {
		if !c.negated && in.high >= utf8.RuneSelf {
			return true
		}
	}
	return c.negated
}
