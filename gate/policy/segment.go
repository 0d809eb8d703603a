package policy

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// segment matches one segment of a path.
type segment struct {
	any     bool   // "**": any number of segments
	literal string // if terms is nil
	terms   []term

	// What terms say, where they are ASCII around one star: most patterns are, and
	// most names are ASCII as well.
	oneStar       bool
	before, after string
}

// withStar notes what stands around the only star of a segment.
func (s *segment) withStar(text string) {
	before, after, ok := strings.Cut(text, "*")
	if ok && !strings.ContainsAny(after, "*") && !strings.ContainsAny(text, "?[") && isASCII(text) {
		s.oneStar, s.before, s.after = true, before, after
	}
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// term is one step of a segment: a run of any characters, or one of a class.
type term struct {
	star  bool
	class class
}

// class is a set of characters. A single character is a range of one, "?" the
// negation of nothing.
type class struct {
	negated bool
	ranges  []rang
}

type rang struct{ low, high rune }

func (c class) has(r rune) bool {
	for _, in := range c.ranges {
		if in.low <= r && r <= in.high {
			return !c.negated
		}
	}
	return c.negated
}

// match reports whether r, or if fold is set any other case of it, is in c.
func (c class) match(r rune, fold bool) bool {
	if c.has(r) {
		return true
	}
	if fold {
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			if c.has(other) {
				return true
			}
		}
	}
	return false
}

// match reports whether name is matched from end to end. On a mismatch the
// last star alone is widened: an earlier one could only reach positions that
// the last one reaches too, so this takes at most len(name)*len(terms) steps.
func (s segment) match(name string, fold bool) bool {
	if fold && strings.ContainsRune(name, utf8.RuneError) {
		return s.mayMatch(name)
	}
	if s.terms == nil {
		if fold {
			return strings.EqualFold(s.literal, name)
		}
		return s.literal == name
	}
	if s.oneStar && isASCII(name) {
		rest := len(name) - len(s.after)
		if rest < len(s.before) {
			return false
		}
		if fold {
			return strings.EqualFold(name[:len(s.before)], s.before) && strings.EqualFold(name[rest:], s.after)
		}
		return name[:len(s.before)] == s.before && name[rest:] == s.after
	}
	at, star, starAt, pos := 0, -1, 0, 0
	for pos < len(name) {
		if at < len(s.terms) && s.terms[at].star {
			star, starAt = at, pos
			at++
			continue
		}
		r, size := utf8.DecodeRuneInString(name[pos:])
		if at < len(s.terms) && s.terms[at].class.match(r, fold) {
			at, pos = at+1, pos+size
			continue
		}
		if star < 0 {
			return false
		}
		_, size = utf8.DecodeRuneInString(name[starAt:])
		starAt += size
		at, pos = star+1, starAt
	}
	for at < len(s.terms) && s.terms[at].star {
		at++
	}
	return at == len(s.terms)
}

// spelled returns the text before the segment's first wildcard and whether
// there is one.
func (s segment) spelled() (text string, wild bool) {
	if s.terms == nil {
		return s.literal, s.any
	}
	var b strings.Builder
	for _, t := range s.terms {
		if t.star || t.class.negated || len(t.class.ranges) != 1 || t.class.ranges[0].low != t.class.ranges[0].high {
			return b.String(), true
		}
		b.WriteRune(t.class.ranges[0].low)
	}
	return b.String(), false
}
