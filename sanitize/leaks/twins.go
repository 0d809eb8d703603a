package leaks

import (
	"regexp/syntax"
	"slices"
	"sync"
)

// pair makes twin the twin of r if their matches begin at the same places.
func (r *rule) pair(twin *rule) bool {
	a, b := r.shape, twin.shape
	if r.twin != nil || a.near != b.near || a.far != b.far || len(a.literals) == 0 || !slices.Equal(a.literals, b.literals) {
		return false
	}
	r.twin = twin
	r.gate = sync.OnceValue(func() *automaton {
		cores := &syntax.Regexp{Op: syntax.OpAlternate, Sub: []*syntax.Regexp{must(r.definition).core, must(twin.definition).core}}
		a, err := newAutomaton(cores, false)
		if err != nil {
			return nil
		}
		return a
	})
	return true
}

// passed returns those of the starts at which the rule or its twin may have a match,
// in place.
func (r *rule) passed(w *Work, text string, starts []int32) []int32 {
	gate, budget := r.gate(), newBudget(text)
	if gate == nil {
		return starts
	}
	kept := starts[:0]
	for i, at := range starts {
		if i > 0 && at == starts[i-1] {
			continue
		}
		before := budget.sum()
		end, ok := gate.matchAt(text, int(at), budget)
		switch {
		case !w.Spend(before - budget.sum()):
			return nil
		case !ok:
			return append(kept, starts[i:]...) // too laborious: each rule for itself
		case end >= 0:
			kept = append(kept, at)
		}
	}
	return kept
}
