package leaks

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// longGap is from how many characters on a gap is worth a look of its own.
const longGap = 100

// A gap divides a core that looks for a word and then, as near as can be on the same
// line, for what it is about: curl, and one of its options. Followed as one automaton
// such a core would read the line once for each time that the word is in it.
type gap struct {
	head, tail *automaton
	first      *[256]bool // bytes that the tail can begin with
	most       int        // characters between the two
}

// noNewline is the class of all characters but the line break.
var noNewline = []rune{0, '\n' - 1, '\n' + 1, unicode.MaxRune}

// newGap returns the gap of a core, nil if it has none.
func newGap(core *syntax.Regexp) *gap {
	if core.Op != syntax.OpConcat {
		return nil
	}
	for i, sub := range core.Sub {
		switch sub.Op {
		case syntax.OpLiteral, syntax.OpCharClass, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
			continue // of a head there is one at a place, and it has one end
		case syntax.OpRepeat:
			lazy := sub.Flags&syntax.NonGreedy != 0
			if i == 0 || !lazy || sub.Min != 0 || sub.Max < longGap || !slices.Equal(sub.Sub[0].Rune, noNewline) {
				return nil
			}
			part := func(subs []*syntax.Regexp) *automaton {
				a, err := newAutomaton(&syntax.Regexp{Op: syntax.OpConcat, Sub: subs}, true)
				if err != nil {
					return nil
				}
				return a
			}
			g := &gap{head: part(core.Sub[:i]), tail: part(core.Sub[i+1:]), most: sub.Max}
			if g.head == nil || g.tail == nil {
				return nil
			}
			g.first = g.tail.firstBytes()
			return g
		}
		return nil
	}
	return nil
}

// spanned does what direct does for a core with a gap. Heads that share a place of
// the tail find the same there: the first of them has it. So each place is tried once.
func (g *gap) spanned(w *Work, text string, starts []int32, budget *budget) (found []Span, ok bool) {
	after := 0          // the end of the match before
	next, line := 0, -1 // no tail begins before next, in the line that ends at line
	for _, begin := range starts {
		at := int(begin)
		if at < after {
			continue
		}
		before := budget.sum()
		from, ok := g.head.matchAt(text, at, budget)
		if !ok {
			return nil, false
		}
		if from < 0 || from <= line {
			continue // the rest of its line has been tried
		}
		i, left := from, g.most
		if from < next {
			i, left = next, g.most-utf8.RuneCountInString(text[from:next])
		}
		for ; left >= 0; left-- {
			end := -1
			if i == len(text) || g.first[text[i]] {
				if end, ok = g.tail.matchAt(text, i, budget); !ok {
					return nil, false
				}
			}
			if end >= 0 {
				found, after = append(found, Span{at, end}), end
				break
			}
			if i == len(text) || text[i] == '\n' {
				line = i
				break
			}
			_, width := utf8.DecodeRuneInString(text[i:])
			i += width
			budget.near--
		}
		next = i
		if !w.Spend(before - budget.sum()) {
			return found, true
		}
	}
	return found, true
}
