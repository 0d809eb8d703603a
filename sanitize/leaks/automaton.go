package leaks

import (
	"encoding/binary"
	"errors"
	"regexp/syntax"
	"slices"
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
	next []atomic.Pointer[state] // by class
	pcs  []uint32
	prev context // of the character before
	// matched says that a match ended before the character that led here.
	matched bool
	age     int64
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

// errForeign: the expression tells characters beyond ASCII apart.
var errForeign = errors.New("expression distinguishes characters beyond ASCII")

func newAutomaton(re *syntax.Regexp, ordered bool) (*automaton, error) {
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return nil, err
	}
	a := &automaton{prog: prog, ordered: ordered, states: make(map[string]*state)}
	return a, a.classify()
}

// classify finds out which characters the expression can't tell apart.
func (a *automaton) classify() error {
	type shared struct {
		first *rune
		n     int
		arg   uint32
	}
	var distinct []*syntax.Inst
	seen := make(map[shared]bool)
	for i := range a.prog.Inst {
		inst := &a.prog.Inst[i]
		if inst.Op != syntax.InstRune && inst.Op != syntax.InstRune1 {
			continue // InstRuneAny* differ in the newline only
		}
		key := shared{&inst.Rune[0], len(inst.Rune), inst.Arg}
		if !seen[key] {
			seen[key] = true
			distinct = append(distinct, inst)
		}
	}
	number := make(map[string]uint8)
	classOf := func(r rune) uint8 {
		signature := make([]byte, 0, len(distinct)+2)
		for _, inst := range distinct {
			signature = append(signature, bit(inst.MatchRune(r)))
		}
		signature = append(signature, bit(syntax.IsWordChar(r)), bit(r == '\n'))
		n, ok := number[string(signature)]
		if !ok {
			n = uint8(len(number))
			number[string(signature)] = n
			a.sample = append(a.sample, r)
		}
		return n
	}
	for r := range rune(utf8.RuneSelf) {
		a.class[r] = classOf(r)
	}
	a.longS, a.kelvin = classOf(longS), classOf(kelvin)
	a.other = classOf(utf8.RuneError)
	// Everything else must be in the class of the others: an instruction matches
	// all of it or nothing.
	for _, inst := range distinct {
		if n := foreign(inst); n != 0 && n != utf8.MaxRune+1-utf8.RuneSelf-2 {
			return errForeign
		}
	}
	a.classes = len(number) + 1
	a.sample = append(a.sample, endOfText)
	return nil
}

// foreign counts the characters beyond ASCII, other than ſ and K, that inst
// matches.
func foreign(inst *syntax.Inst) int {
	if len(inst.Rune) == 1 {
		if r := inst.Rune[0]; r >= utf8.RuneSelf && r != longS && r != kelvin {
			return 1
		}
		return 0
	}
	n := 0
	for i := 0; i < len(inst.Rune); i += 2 {
		lo, hi := max(inst.Rune[i], utf8.RuneSelf), inst.Rune[i+1]
		if lo > hi {
			continue
		}
		n += int(hi-lo) + 1
		for _, r := range [...]rune{longS, kelvin} {
			if lo <= r && r <= hi {
				n--
			}
		}
	}
	return n
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// matchAt returns the end of the match that begins at offset at: the longest or,
// if ordered, the preferred one; or -1 if there is none. It gives up, with ok
// false, when the budget is spent.
func (a *automaton) matchAt(text string, at int, budget *budget) (end int, ok bool) {
	s := a.start(contextBefore(text, at))
	end = -1
	i := at
	for len(s.pcs) > 0 {
		class, width := a.classAt(text, i)
		n := s.next[class].Load()
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
		n := s.next[class].Load()
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

// nearby is how many bytes a match usually stays within.
const nearby = 512

// costOfState is how many steps from state to state take about the time that
// it takes to make a state.
const costOfState = 200

// classAt returns the class and length of the character at offset i.
func (a *automaton) classAt(text string, i int) (class uint8, width int) {
	if i >= len(text) {
		return uint8(a.classes - 1), 0
	}
	if b := text[i]; b < utf8.RuneSelf {
		return a.class[b], 1
	}
	switch r, width := utf8.DecodeRuneInString(text[i:]); r {
	case longS:
		return a.longS, width
	case kelvin:
		return a.kelvin, width
	default:
		return a.other, width
	}
}

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

func contextBefore(text string, at int) context {
	switch {
	case at == 0:
		return atBegin
	case text[at-1] == '\n':
		return afterNewline
	case syntax.IsWordChar(rune(text[at-1])):
		return afterWord
	}
	return afterOther
}

func (a *automaton) start(before context) *state {
	if s := a.starts[before].Load(); s != nil && s.age == ages.Load() {
		return s
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	set := newPCSet(len(a.prog.Inst))
	a.add(set, uint32(a.prog.Start))
	s := a.intern(set, before, false)
	a.starts[before].Store(s)
	return s
}

// step finds or makes the state to which a character of a class leads from s.
func (a *automaton) step(s *state, class uint8) *state {
	r := a.sample[class]
	flags := assertions(s.prev, r)

	// Which instructions remain once the assertions here are known?
	here := newPCSet(len(a.prog.Inst))
	for _, pc := range s.pcs {
		a.resolve(here, pc, flags)
	}
	matched := false
	next := newPCSet(len(a.prog.Inst))
	for _, pc := range here.list {
		if matched && a.ordered {
			break // what follows is preferred less
		}
		inst := &a.prog.Inst[pc]
		switch inst.Op {
		case syntax.InstMatch:
			matched = true
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if r != endOfText && inst.MatchRune(r) {
				a.add(next, inst.Out)
			}
		}
	}
	prev := afterOther
	switch {
	case r == '\n':
		prev = afterNewline
	case syntax.IsWordChar(r):
		prev = afterWord
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	n := a.intern(next, prev, matched)
	s.next[class].Store(n)
	return n
}

func assertions(prev context, r rune) syntax.EmptyOp {
	before := [...]rune{afterOther: ' ', afterWord: 'a', afterNewline: '\n', atBegin: -1}[prev]
	return syntax.EmptyOpContext(before, r)
}

// add adds pc and what it leads to without reading, up to assertions.
func (a *automaton) add(set *pcSet, pc uint32) {
	if !set.add(pc) {
		return
	}
	switch inst := &a.prog.Inst[pc]; inst.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		a.add(set, inst.Out)
		a.add(set, inst.Arg)
	case syntax.InstCapture, syntax.InstNop:
		a.add(set, inst.Out)
	}
}

// resolve is add through assertions that hold.
func (a *automaton) resolve(set *pcSet, pc uint32, flags syntax.EmptyOp) {
	if !set.add(pc) {
		return
	}
	switch inst := &a.prog.Inst[pc]; inst.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		a.resolve(set, inst.Out, flags)
		a.resolve(set, inst.Arg, flags)
	case syntax.InstCapture, syntax.InstNop:
		a.resolve(set, inst.Out, flags)
	case syntax.InstEmptyWidth:
		if syntax.EmptyOp(inst.Arg)&^flags == 0 {
			a.resolve(set, inst.Out, flags)
		}
	}
}

// intern returns the state of a set, of which there is one.
func (a *automaton) intern(set *pcSet, prev context, matched bool) *state {
	// Only what reads, asserts or matches tells states apart.
	asserts := false
	var pcs []uint32
	for _, pc := range set.list {
		switch a.prog.Inst[pc].Op {
		case syntax.InstEmptyWidth:
			asserts = true
		case syntax.InstAlt, syntax.InstAltMatch, syntax.InstCapture, syntax.InstNop, syntax.InstFail:
			continue
		}
		pcs = append(pcs, pc)
	}
	if !a.ordered {
		slices.Sort(pcs)
	}
	if !asserts {
		prev = afterOther
	}
	key := make([]byte, 0, 4*len(pcs)+2)
	key = append(key, byte(prev), bit(matched))
	for _, pc := range pcs {
		key = binary.LittleEndian.AppendUint32(key, pc)
	}
	if now := ages.Load(); a.age != now {
		a.age = now
		clear(a.states)
	}
	if s, ok := a.states[string(key)]; ok {
		return s
	}
	if statesMade.Add(1)%mostStates == 0 {
		ages.Add(1)
	}
	s := &state{next: make([]atomic.Pointer[state], a.classes), pcs: pcs, prev: prev, matched: matched, age: a.age}
	a.states[string(key)] = s
	return s
}

// mostStates bounds the memory of all automata together, at one to two
// kilobytes a state: when so many have been made, a new age begins, and each
// automaton forgets its states before it uses them again. States are never
// unmade, so whoever still walks on old ones is not disturbed.
const mostStates = 20_000

var statesMade, ages atomic.Int64

// A pcSet is a set of instructions.
type pcSet struct {
	list  []uint32
	index []bool
}

func newPCSet(n int) *pcSet { return &pcSet{index: make([]bool, n)} }

func (s *pcSet) add(pc uint32) bool {
	if s.index[pc] {
		return false
	}
	s.index[pc] = true
	s.list = append(s.list, pc)
	return true
}
