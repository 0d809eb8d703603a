package leaks

import "unicode/utf8"

// everywhere returns each place at which the core of a rule without literals
// could begin, by the first byte there.
func (r *rule) everywhere(text string) []int {
	if r.made().automaton() == nil {
		return []int{0} // matches will take the whole text
	}
	var starts []int
	first := r.made().first()
	for i := range len(text) {
		if first[text[i]] {
			starts = append(starts, i)
		}
	}
	return starts
}

// matches returns what FindAll returns for the whole text, given all places
// where the rule's core may begin, in order. It has looked as far as rest: to the end, but
// for a metered rule that would take too long.
func (r *rule) matches(w *Work, text string, starts []int32) (found []Span, rest int) {
	a := r.made().automaton()
	if a == nil {
		return r.exhaustive(w, text)
	}
	budget := newBudget(text)
	var ok bool
	if g := r.made().gap(); g != nil {
		found, ok = g.spanned(w, text, starts, budget)
	} else if r.shape.direct {
		found, ok = r.direct(w, text, starts, a, budget)
	} else {
		found, ok = r.windowed(w, text, starts, a, budget)
	}
	if !ok { // too laborious to be followed place by place
		if !w.Spend(len(text)) || !r.made().anywhere(text) {
			return nil, len(text)
		}
		return r.exhaustive(w, text)
	}
	return found, len(text)
}

// exhaustive runs the regular expression over the whole text, or over as much
// of it as a metered rule may.
func (r *rule) exhaustive(w *Work, text string) (found []Span, rest int) {
	if !w.Spend(costOfRegexp * len(text)) {
		return nil, len(text)
	}
	if r.metered {
		return r.meteredAll(text)
	}
	return r.all(text), len(text)
}

// costOfRegexp is how many units of work a regular expression takes for a byte.
const costOfRegexp = 32

// all runs the regular expression over the whole text.
func (r *rule) all(text string) []Span {
	var found []Span
	for _, s := range r.made().regexp().FindAllStringIndex(text, -1) {
		found = append(found, Span{s[0], s[1]})
	}
	return found
}

// direct follows the automaton from each start. FindAll takes the leftmost
// match, then the leftmost after that. The leftmost match is the one of the
// first core, for a lead reaches from there as far to the left as its class and
// length let it, and a later core's reaches no further; and a lead as short as
// can be ends at the first core within reach.
func (r *rule) direct(w *Work, text string, starts []int32, a *automaton, budget *budget) ([]Span, bool) {
	var found []Span
	after := 0 // the end of the match before
	for i, begin := range starts {
		at := int(begin)
		if at < after || i > 0 && begin == starts[i-1] {
			continue
		}
		before := budget.sum()
		end, ok := a.matchAt(text, at, budget)
		if !w.Spend(before - budget.sum()) {
			return found, true
		}
		if !ok {
			return nil, false
		}
		if end < 0 {
			continue
		}
		start := at
		for n := 0; n < r.shape.most && start > after; n++ {
			c, width := utf8.DecodeLastRuneInString(text[after:start])
			if !inClass(r.shape.class, c) {
				break
			}
			start -= width
		}
		found = append(found, Span{start, end})
		after = end
	}
	return found, true
}

func inClass(ranges []rune, r rune) bool {
	for i := 0; i < len(ranges); i += 2 {
		if ranges[i] <= r && r <= ranges[i+1] {
			return true
		}
	}
	return false
}

// windowed follows the automaton from each start to see where matches can be,
// and runs the regular expression there.
func (r *rule) windowed(w *Work, text string, starts []int32, a *automaton, budget *budget) ([]Span, bool) {
	var windows []Span // disjoint, in order: they hold every match whole
	for _, begin := range starts {
		at := int(begin)
		before := budget.sum()
		end, ok := a.matchAt(text, at, budget)
		if !w.Spend(before - budget.sum()) {
			return nil, true
		}
		if !ok {
			return nil, false
		}
		if end < 0 {
			continue
		}
		start := max(0, at-r.shape.lead)
		if n := len(windows); n > 0 && start <= windows[n-1].End {
			windows[n-1].End = max(windows[n-1].End, end)
			continue
		}
		windows = append(windows, Span{start, end})
	}
	var found []Span
	for _, window := range windows {
		if !w.Spend(costOfMatch + costOfRegexp*(window.End-window.Start)) {
			break
		}
		found = append(found, r.within(text, window)...)
	}
	return found, true
}

// within returns what FindAll returns for the whole text, as far as it lies in
// the window, which cuts no match in two.
func (r *rule) within(text string, w Span) []Span {
	// One character more on each side is what assertions look at. At the very
	// edge they would see a text's begin or end where there is none; a
	// match that touches it can't be trusted, and more text is taken.
	for margin := 1; ; margin *= 16 {
		lo, hi := max(0, w.Start-margin), min(len(text), w.End+margin)
		for lo > 0 && !utf8.RuneStart(text[lo]) {
			lo--
		}
		for hi < len(text) && !utf8.RuneStart(text[hi]) {
			hi++
		}
		matches := r.all(text[lo:hi])
		trusted := true
		for i := range matches {
			m := &matches[i]
			m.Start, m.End = m.Start+lo, m.End+lo
			if m.Start == lo && lo > 0 || m.End == hi && hi < len(text) {
				trusted = false
			}
		}
		if trusted {
			return matches
		}
	}
}
