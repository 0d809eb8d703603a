package leaks

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"sync/atomic"
)

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
	s.to(class).Store(n)
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
	s := &state{more: make([]atomic.Pointer[state], max(0, a.classes-classesInState)), pcs: pcs, prev: prev, matched: matched, age: a.age}
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
