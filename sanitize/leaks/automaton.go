package leaks

import (
	"regexp/syntax"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// An automaton tells where matches of an expression end that begin at a given
// place. It is deterministic, is built state by state as texts ask for them,
// and is safe for concurrent use. It knows nothing of captures.
type automaton struct {
	prog *syntax.Prog
	// ordered: of several matches the one that the regular expression prefers
	// is meant, not the longest. A state is then a list, most preferred first.
	ordered bool
	classes int // of characters that the expression can't tell apart, and one for the end of the text
	class   [128]uint8
	sample  []rune // one character of each class
	longS   uint8
	kelvin  uint8
	other   uint8 // all else that is not ASCII

	starts [4]atomic.Pointer[state] // by what is before

	mu     sync.Mutex
	states map[string]*state
	age    int64 // the value of ages when the oldest state was made
}

// A state is the set of instructions that could come next.
type state struct {
	// Where the character of a class leads, nil if nobody knows yet. It stands in the
	// state, for each step waits for what it reads; more is of the few classes beyond.
	next [classesInState]atomic.Pointer[state]
	more []atomic.Pointer[state]
	pcs  []uint32
	prev context // of the character before
	// matched says that a match ended before the character that led here.
	matched bool
	age     int64
}

// classesInState is enough for nearly all rules.
const classesInState = 48

// to returns where a character of a class leads.
func (s *state) to(class uint8) *atomic.Pointer[state] {
	if class < classesInState {
		return &s.next[class]
	}
	return &s.more[class-classesInState]
}

// A context is what zero-width assertions need to know of the character before.
type context uint8

const (
	afterOther context = iota
	afterWord
	afterNewline
	atBegin
)

// endOfText stands for the character after the last.
const endOfText rune = -1

func newAutomaton(re *syntax.Regexp, ordered bool) (*automaton, error) {
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return nil, err
	}
	a := &automaton{prog: prog, ordered: ordered, states: make(map[string]*state)}
	return a, a.classify()
}

// matchAt returns the end of the match that begins at offset at: the longest or,
// if ordered, the preferred one; or -1 if there is none. It gives up, with ok
// false, when the budget is spent.
func (a *automaton) matchAt(text string, at int, budget *budget) (end int, ok bool) {
	s := a.start(contextBefore(text, at))
	end = -1
	i := at
	for len(s.pcs) > 0 {
		class, width := uint8(0), 1
		if i < len(text) && text[i] < utf8.RuneSelf {
			class = a.class[text[i]]
		} else {
			class, width = a.classAt(text, i)
		}
		n := s.to(class).Load()
		if n == nil {
			n = a.step(s, class)
			budget.near -= costOfState
		}
		if n.matched {
			end = i
		}
		s = n
		if width == 0 {
			break
		}
		i += width
		if i-at > nearby {
			if budget.far--; budget.far < 0 {
				return 0, false
			}
		}
	}
	budget.near -= min(i-at, nearby)
	return end, budget.near >= 0
}

// search makes an automaton for [automaton.contains]: it looks everywhere.
func search(re *syntax.Regexp) (*automaton, error) {
	anything := &syntax.Regexp{Op: syntax.OpStar, Sub: []*syntax.Regexp{{Op: syntax.OpAnyChar}}}
	return newAutomaton(&syntax.Regexp{Op: syntax.OpConcat, Sub: []*syntax.Regexp{anything, re}}, false)
}

// contains reports whether text has a match, for an automaton made by search.
// It gives up as matchAt does.
func (a *automaton) contains(text string, budget *budget) (found, ok bool) {
	s := a.start(atBegin)
	for i := 0; ; {
		class, width := a.classAt(text, i)
		n := s.to(class).Load()
		if n == nil {
			n = a.step(s, class)
			budget.near -= costOfState
		}
		budget.near--
		switch {
		case n.matched:
			return true, true
		case budget.near < 0:
			return false, false
		case width == 0:
			return false, true
		}
		s = n
		i += width
	}
}

// A budget is how many steps from state to state may still be taken in a text:
// near a place where a match may begin, and far from it. A step near is taken
// once for each such place, of which there is one every few bytes at most; only
// an expression without a bound goes far, and on a text made for it from each
// place to the end.
type budget struct{ near, far int }

func newBudget(text string) *budget {
	return &budget{near: 160*len(text) + 1<<18, far: 8*len(text) + 1<<12}
}

// sum is what is left of both.
func (b *budget) sum() int { return b.near + b.far }

// nearby is how many bytes a match usually stays within.
const nearby = 512

// costOfState is how many steps from state to state take about the time that
// it takes to make a state.
const costOfState = 200

// firstBytes returns the bytes with which a match can begin.
func (a *automaton) firstBytes() *[256]bool {
	var first [256]bool
	for b := range first {
		r := rune(b)
		if r >= utf8.RuneSelf {
			r = utf8.RuneError
		}
		for before := range context(len(a.starts)) {
			class := a.other
			if r < utf8.RuneSelf {
				class = a.class[r]
			}
			if n := a.step(a.start(before), class); len(n.pcs) > 0 || n.matched {
				first[b] = true
			}
		}
		// ſ and K begin with bytes that others begin with, too.
		if r >= utf8.RuneSelf {
			first[b] = true
		}
	}
	return &first
}
