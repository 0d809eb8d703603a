package leaks

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// An engine is a set of rules ready to be run.
type engine struct {
	rules []*rule
	words *dictionary
	// What a word of the dictionary is for: rules that may run because it
	// occurs, and rules that may match where it occurs.
	opens, starts [][]int
	always        []int // rules without keywords
	anywhere      []int // rules without literals
}

func newEngine(definitions []definition) *engine {
	e := &engine{}
	number := make(map[string]int)
	var words []string
	word := func(w string) int {
		n, ok := number[w]
		if !ok {
			n = len(words)
			number[w] = n
			words = append(words, w)
			e.opens, e.starts = append(e.opens, nil), append(e.starts, nil)
		}
		return n
	}
	for i, d := range definitions {
		s, err := analyse(d.pattern)
		if err != nil {
			panic("rule " + d.id + ": " + err.Error())
		}
		e.rules = append(e.rules, newRule(d, s))
		for _, k := range d.keywords {
			n := word(k)
			e.opens[n] = append(e.opens[n], i)
		}
		if len(d.keywords) == 0 {
			e.always = append(e.always, i)
		}
		for _, l := range s.literals {
			n := word(l)
			e.starts[n] = append(e.starts[n], i)
		}
		if len(s.literals) == 0 {
			e.anywhere = append(e.anywhere, i)
		}
	}
	e.words = newDictionary(words)
	return e
}

// A hit is a literal found: the word and the offset of its begin.
type hit struct {
	word uint16
	at   int
}

// scan appends to found what the rules find in text. If segments is not nil,
// text was decoded, and only what touches a segment counts.
func (e *engine) scan(text string, segments []segment, found []Finding) []Finding {
	hits, open := e.hits(text)
	windows := make(map[int]*windows)
	for _, i := range e.anywhere {
		if open[i] {
			w := e.rules[i].newWindows(text)
			w.everywhere()
			windows[i] = w
		}
	}
	for _, h := range hits {
		for _, i := range e.starts[h.word] {
			if !open[i] {
				continue
			}
			w := windows[i]
			if w == nil {
				w = e.rules[i].newWindows(text)
				windows[i] = w
			}
			w.at(h.at)
		}
	}
	for i, w := range windows {
		found = e.rules[i].findings(text, w.merged(), segments, found)
	}
	return found
}

// hits finds all literals, and the rules of which a keyword occurs.
func (e *engine) hits(text string) (hits []hit, open []bool) {
	open = make([]bool, len(e.rules))
	for _, i := range e.always {
		open[i] = true
	}
	seen := make([]bool, len(e.opens))
	f := folded(text)
	e.words.each(f.text, func(word uint16, end int) {
		if !seen[word] {
			seen[word] = true
			for _, i := range e.opens[word] {
				open[i] = true
			}
		}
		if len(e.starts[word]) > 0 {
			hits = append(hits, hit{word, f.original(end - len(e.words.names[word]))})
		}
	})
	return hits, open
}

// windows collects where in a text a rule may match.
type windows struct {
	rule   *rule
	text   string
	budget int
	spans  []Span
	// rest, if not negative, is where the rule was found too laborious to be
	// followed literal by literal: it may match anywhere from there on.
	rest int
}

func (r *rule) newWindows(text string) *windows {
	return &windows{rule: r, text: text, budget: 32*len(text) + 1<<18, rest: -1}
}

// at notes that a literal of the rule begins at offset at.
func (w *windows) at(at int) {
	for distance := w.rule.shape.near; distance <= w.rule.shape.far && distance <= at; distance++ {
		w.core(at - distance)
	}
}

// everywhere tries each place at which a match could begin.
func (w *windows) everywhere() {
	a := w.rule.automaton()
	if a == nil {
		w.rest = 0
		return
	}
	first := w.rule.first()
	for i := range len(w.text) {
		if first[w.text[i]] {
			w.core(i)
		}
	}
}

// core notes where matches of the core that begin at offset at can be.
func (w *windows) core(at int) {
	if w.rest >= 0 {
		w.rest = min(w.rest, at)
		return
	}
	a := w.rule.automaton()
	if a == nil {
		w.rest = at
		return
	}
	end, ok := a.longest(w.text, at, &w.budget)
	if !ok {
		w.rest = at
		return
	}
	if end >= 0 {
		w.spans = append(w.spans, Span{max(0, at-w.rule.shape.lead), end})
	}
}

// merged returns disjoint spans, in order, that hold every match of the rule
// whole.
func (w *windows) merged() []Span {
	if w.rest >= 0 {
		w.spans = append(w.spans, Span{max(0, w.rest-min(w.rule.shape.lead, w.rest)), len(w.text)})
	}
	slices.SortFunc(w.spans, func(a, b Span) int { return a.Start - b.Start })
	var merged []Span
	for _, s := range w.spans {
		if n := len(merged); n > 0 && s.Start <= merged[n-1].End {
			merged[n-1].End = max(merged[n-1].End, s.End)
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

// findings appends the rule's findings in the given parts of text.
func (r *rule) findings(text string, parts []Span, segments []segment, found []Finding) []Finding {
	var calm lineCache
	for _, part := range parts {
		if segments != nil && len(touched(segments, part.Start, part.End)) == 0 {
			continue
		}
		for _, m := range r.matches(text, part) {
			if f, is := r.finding(text, m, segments, &calm); is {
				found = append(found, f)
			}
		}
	}
	return found
}

// matches returns what FindAll returns for the whole text, as far as it lies in
// part; part cuts no match in two.
func (r *rule) matches(text string, part Span) []Span {
	// One character more on each side is what assertions look at. At the very
	// edge they would see a text's begin or end where there is none; a
	// match that touches it can't be trusted, and more text is taken.
	for margin := 1; ; margin *= 16 {
		lo, hi := max(0, part.Start-margin), min(len(text), part.End+margin)
		for lo > 0 && !utf8.RuneStart(text[lo]) {
			lo--
		}
		for hi < len(text) && !utf8.RuneStart(text[hi]) {
			hi++
		}
		spans := r.regexp().FindAllStringIndex(text[lo:hi], -1)
		matches := make([]Span, 0, len(spans))
		trusted := true
		for _, s := range spans {
			m := Span{lo + s[0], lo + s[1]}
			if m.Start == lo && lo > 0 || m.End == hi && hi < len(text) {
				trusted = false
				break
			}
			matches = append(matches, m)
		}
		if trusted {
			return matches
		}
	}
}

// finding judges a match.
func (r *rule) finding(text string, m Span, segments []segment, calm *lineCache) (Finding, bool) {
	near := touched(segments, m.Start, m.End)
	if segments != nil && len(near) == 0 {
		return Finding{}, false
	}
	// Line breaks around a match don't belong to it.
	match := text[m.Start:m.End]
	trimmed := strings.TrimLeft(match, "\n")
	m.Start += len(match) - len(trimmed)
	trimmed = strings.TrimRight(trimmed, "\n")
	m.End = m.Start + len(trimmed)

	// What gitleaks takes for the line: of a decoded text that of the segments.
	place := m
	if segments != nil {
		place = Span{near[0].dec.Start + 1, near[len(near)-1].dec.End}
	}
	calm.move(text, place)
	line := func() string { return text[calm.line.Start:calm.line.End] }
	secret, is := r.judge(trimmed, line, calm)
	if !is {
		return Finding{}, false
	}
	return Finding{
		Rule:       r.id,
		Start:      m.Start + secret.Start,
		End:        m.Start + secret.End,
		MatchStart: m.Start,
		MatchEnd:   m.End,
		secret:     trimmed[secret.Start:secret.End],
		match:      trimmed,
	}, true
}

// move makes the cache one of the lines that s is part of.
func (c *lineCache) move(text string, s Span) {
	if c.single && c.line.Start <= s.Start && s.End <= c.line.End {
		return
	}
	s.End = max(s.Start, s.End)
	c.allowed = make(map[int]bool)
	c.line = Span{strings.LastIndexByte(text[:s.Start], '\n') + 1, len(text)}
	if i := strings.IndexByte(text[s.End:], '\n'); i >= 0 {
		c.line.End = s.End + i
	}
	c.single = !strings.Contains(text[c.line.Start:c.line.End], "\n")
}
