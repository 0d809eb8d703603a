package leaks

import (
	"regexp/syntax"
	"unicode/utf8"
)

// A prefixSet holds strings, in lower case, of which each match of an
// expression begins with one. If it is whole, the strings are all there is to
// match.
type prefixSet struct {
	strings []string
	whole   bool
}

const (
	mostPrefixes  = 64
	longestPrefix = 20
	// fewPrefixes may go on a prefix of tellingPrefix bytes or more.
	fewPrefixes, tellingPrefix = 4, 5
)

// telling reports whether ordinary texts have none of the strings.
func (p prefixSet) telling() bool {
	for _, s := range p.strings {
		if len(s) < tellingPrefix {
			return false
		}
	}
	return true
}

func (p prefixSet) useful() bool {
	for _, s := range p.strings {
		if len(s) < shortestLiteral {
			return false
		}
	}
	return len(p.strings) > 0
}

var nothing = prefixSet{strings: []string{""}, whole: true}

// unknown is the set of an expression that can begin with anything.
var unknown = prefixSet{strings: []string{""}}

func prefixes(re *syntax.Regexp) prefixSet {
	switch re.Op {
	case syntax.OpLiteral:
		s := make([]byte, 0, len(re.Rune))
		for _, r := range re.Rune {
			r = fold(r)
			if r >= utf8.RuneSelf {
				return prefixSet{strings: []string{string(s)}}
			}
			s = append(s, byte(r))
		}
		return prefixSet{strings: []string{string(s)}, whole: true}.bounded()
	case syntax.OpCharClass:
		return classPrefixes(re.Rune)
	case syntax.OpCapture:
		return prefixes(re.Sub[0])
	case syntax.OpQuest:
		p := prefixes(re.Sub[0])
		p.strings = append(p.strings[:len(p.strings):len(p.strings)], "")
		return p
	case syntax.OpPlus:
		p := prefixes(re.Sub[0])
		p.whole = false
		return p
	case syntax.OpRepeat:
		p := nothing
		for range min(re.Min, longestPrefix) {
			p = p.then(prefixes(re.Sub[0]))
		}
		p.whole = p.whole && re.Min == re.Max && re.Min <= longestPrefix
		return p
	case syntax.OpConcat:
		p := nothing
		for _, sub := range re.Sub {
			if !p.whole {
				break
			}
			q := prefixes(sub)
			if p.telling() && len(q.strings) > fewPrefixes {
				p.whole = false // one more character of sixteen tells nothing, and takes room
				break
			}
			p = p.then(q)
		}
		return p
	case syntax.OpAlternate:
		all := prefixSet{whole: true}
		for _, sub := range re.Sub {
			p := prefixes(sub)
			all.strings = append(all.strings, p.strings...)
			all.whole = all.whole && p.whole
		}
		return all.bounded()
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary, syntax.OpEmptyMatch:
		return nothing
	}
	return unknown
}

// classPrefixes spells out a class of few characters.
func classPrefixes(ranges []rune) prefixSet {
	var p prefixSet
	p.whole = true
	for i := 0; i < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			folded := fold(r)
			if folded >= utf8.RuneSelf || len(p.strings) >= 16 {
				return unknown
			}
			p.strings = append(p.strings, string(folded))
		}
	}
	return p.bounded()
}

// then returns the set of what begins with p and goes on with q.
func (p prefixSet) then(q prefixSet) prefixSet {
	if !p.whole {
		return p
	}
	if len(p.strings)*len(q.strings) > mostPrefixes {
		p.whole = false
		return p
	}
	both := prefixSet{whole: q.whole}
	for _, a := range p.strings {
		for _, b := range q.strings {
			both.strings = append(both.strings, a+b)
		}
	}
	return both.bounded()
}

// bounded drops what is there twice and cuts what is too long.
func (p prefixSet) bounded() prefixSet {
	seen := make(map[string]bool, len(p.strings))
	kept := p.strings[:0:0]
	for _, s := range p.strings {
		if len(s) > longestPrefix {
			s = s[:longestPrefix]
			p.whole = false
		}
		if !seen[s] {
			seen[s] = true
			kept = append(kept, s)
		}
	}
	p.strings = kept
	if len(kept) > mostPrefixes {
		return unknown
	}
	return p
}

// fold returns the lower-case ASCII letter that r is or that r is folded to by
// a regular expression (K, ſ) or by strings.ToLower (K, İ), else r.
func fold(r rune) rune {
	switch {
	case 'A' <= r && r <= 'Z':
		return r + 'a' - 'A'
	case r == kelvin:
		return 'k'
	case r == longS:
		return 's'
	case r == dottedI:
		return 'i'
	}
	return r
}

const (
	kelvin  = '\u212A'
	longS   = '\u017F'
	dottedI = '\u0130'
)
