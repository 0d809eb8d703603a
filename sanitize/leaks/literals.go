package leaks

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// unbounded is the length of what can be any length.
const unbounded = 1 << 30

// A shape is what a rule's syntax tree tells about its matches.
type shape struct {
	outline
	// core is the expression without what it may begin with but need not: every
	// match of the expression ends in a match of the core, and begins at most
	// lead bytes before it. Captures keeps its groups.
	core, captures *syntax.Regexp
}

// An outline is what of a shape has to be known of every rule before a text is looked
// at. The default rules' are in outlines_table.go.
type outline struct {
	lead int
	// direct says that the match at a core's begin is all there is to know: the
	// lead, if any, is up to most characters of one class, as few as possible.
	direct bool
	class  []rune
	most   int
	// literals, in lower case, are such that one of them begins at least near and
	// at most far bytes after the core does, in every match. With none, a core
	// can begin anywhere.
	literals  []string
	near, far int
}

// Literals shorter than this occur everywhere.
const shortestLiteral = 2

func analyse(pattern string) (shape, error) {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return shape{}, err
	}
	whole := flat(parsed, false)
	core, lead := behead(whole)
	s := shape{core: core, outline: outline{lead: lead}}
	s.direct = true
	if lead > 0 {
		s.class, s.most, s.direct = lazyLead(whole, core)
		s.captures, _ = behead(flat(parsed, true))
		s.direct = s.direct && !looksBack(core) && len(s.captures.Sub) == len(core.Sub)
	}
	parts := []*syntax.Regexp{core}
	if core.Op == syntax.OpConcat {
		parts = core.Sub
	}
	// The first place in the core that has literals; before it everything must
	// be bounded.
	near, far := 0, 0
	for i, part := range parts {
		rest := prefixes(&syntax.Regexp{Op: syntax.OpConcat, Sub: parts[i:]})
		if rest.useful() {
			s.literals, s.near, s.far = shortest(rest.strings), near, far
			break
		}
		near, far = near+minBytes(part), far+maxBytes(part)
		if far >= 64 {
			break
		}
	}
	return s, nil
}

// flat returns re with nested concatenations made flat, and without capturing
// groups unless they are to be kept.
func flat(re *syntax.Regexp, captures bool) *syntax.Regexp {
	for re.Op == syntax.OpCapture && !captures {
		re = re.Sub[0]
	}
	if len(re.Sub) == 0 {
		return re
	}
	copied := *re
	copied.Sub = nil
	for _, sub := range re.Sub {
		sub = flat(sub, captures)
		if re.Op == syntax.OpConcat && sub.Op == syntax.OpConcat {
			copied.Sub = append(copied.Sub, sub.Sub...)
		} else {
			copied.Sub = append(copied.Sub, sub)
		}
	}
	return &copied
}

// lazyLead describes what was cut from whole to leave core: repetitions of one
// class, each as short as possible. It returns false if it is something else.
func lazyLead(whole, core *syntax.Regexp) (class []rune, most int, ok bool) {
	if whole.Op != syntax.OpConcat || core.Op != syntax.OpConcat {
		return nil, 0, false
	}
	for _, part := range whole.Sub[:len(whole.Sub)-len(core.Sub)] {
		if part.Op != syntax.OpRepeat || part.Flags&syntax.NonGreedy == 0 || part.Max < 0 || part.Sub[0].Op != syntax.OpCharClass {
			return nil, 0, false
		}
		if class != nil && !slices.Equal(class, part.Sub[0].Rune) {
			return nil, 0, false
		}
		class = part.Sub[0].Rune
		most += part.Max
	}
	return class, most, class != nil
}

// looksBack reports whether re asks what is before a place.
func looksBack(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpBeginText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	return slices.ContainsFunc(re.Sub, looksBack)
}

// behead cuts what re may begin with but need not, and returns how many bytes
// of a match that is at most.
func behead(re *syntax.Regexp) (*syntax.Regexp, int) {
	switch re.Op {
	case syntax.OpConcat:
		lead := 0
		sub := re.Sub
		for len(sub) > 1 && optional(sub[0]) && maxBytes(sub[0]) < unbounded {
			lead += maxBytes(sub[0])
			sub = sub[1:]
		}
		rest := *re
		rest.Sub = sub
		return &rest, lead
	case syntax.OpAlternate:
		rest := *re
		rest.Sub = nil
		most := 0
		for _, sub := range re.Sub {
			tail, lead := behead(sub)
			rest.Sub = append(rest.Sub, tail)
			most = max(most, lead)
		}
		return &rest, most
	}
	return re, 0
}

// optional reports whether re is a repetition of characters that may be empty.
func optional(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpStar, syntax.OpQuest:
	case syntax.OpRepeat:
		if re.Min > 0 {
			return false
		}
	default:
		return false
	}
	switch re.Sub[0].Op {
	case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return true
	}
	return false
}

// maxBytes bounds the length of re's matches; minBytes is their least length.
func maxBytes(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		n := 0
		for _, r := range re.Rune {
			n += widest(re, r)
		}
		return n
	case syntax.OpCharClass:
		n := 0
		for i := 1; i < len(re.Rune); i += 2 {
			n = max(n, utf8.RuneLen(re.Rune[i]))
		}
		return n
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return utf8.UTFMax
	case syntax.OpStar, syntax.OpPlus:
		return unbounded
	case syntax.OpQuest:
		return maxBytes(re.Sub[0])
	case syntax.OpRepeat:
		if re.Max < 0 {
			return unbounded
		}
		return min(unbounded, re.Max*maxBytes(re.Sub[0]))
	case syntax.OpCapture, syntax.OpConcat:
		n := 0
		for _, sub := range re.Sub {
			n = min(unbounded, n+maxBytes(sub))
		}
		return n
	case syntax.OpAlternate:
		n := 0
		for _, sub := range re.Sub {
			n = max(n, maxBytes(sub))
		}
		return n
	}
	return 0
}

func minBytes(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpPlus, syntax.OpCapture:
		return minBytes(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min * minBytes(re.Sub[0])
	case syntax.OpConcat:
		n := 0
		for _, sub := range re.Sub {
			n += minBytes(sub)
		}
		return n
	case syntax.OpAlternate:
		n := minBytes(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			n = min(n, minBytes(sub))
		}
		return n
	}
	return 0
}

// widest returns the length of r's longest form under re's case folding.
func widest(re *syntax.Regexp, r rune) int {
	n := utf8.RuneLen(r)
	if re.Flags&syntax.FoldCase != 0 {
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			n = max(n, utf8.RuneLen(f))
		}
	}
	return n
}

// shortest drops the strings that begin with another one.
func shortest(all []string) []string {
	var kept []string
	for _, s := range all {
		if !slices.ContainsFunc(all, func(other string) bool { return len(other) < len(s) && strings.HasPrefix(s, other) }) {
			kept = append(kept, s)
		}
	}
	return kept
}
