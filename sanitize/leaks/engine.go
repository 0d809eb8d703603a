package leaks

import (
	"slices"
	"strings"
	"sync"
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
	scratch       sync.Pool
}

func newEngine(definitions []definition) *engine {
	e := &engine{}
	number := make(map[string]int, len(definitions))
	words := make([]string, 0, 2*len(definitions))
	e.opens, e.starts = make([][]int, 0, cap(words)), make([][]int, 0, cap(words))
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
	first := make(map[string]*rule) // by id
	for i, d := range definitions {
		r := newRule(d)
		e.rules = append(e.rules, r)
		if of := first[d.id]; of != nil && of.pair(r) {
			continue // it runs with the other
		}
		first[d.id] = r
		for _, k := range d.keywords {
			n := word(k)
			e.opens[n] = append(e.opens[n], i)
		}
		if len(d.keywords) == 0 {
			e.always = append(e.always, i)
		}
		for _, l := range r.shape.literals {
			n := word(l)
			e.starts[n] = append(e.starts[n], i)
		}
		if len(r.shape.literals) == 0 {
			e.anywhere = append(e.anywhere, i)
		}
	}
	e.words = newDictionary(words)
	e.scratch.New = func() any { return e.newScratch() }
	return e
}

// A scratch is what a scan needs and leaves as it was.
type scratch struct {
	hits   [lanes][]hit
	open   []bool    // rules of which a keyword occurs
	seen   []bool    // words
	starts [][]int32 // by rule: where its core may begin
	used   []int     // rules that have starts
}

func (e *engine) newScratch() *scratch {
	return &scratch{open: make([]bool, len(e.rules)), seen: make([]bool, len(e.opens)), starts: make([][]int32, len(e.rules))}
}

// keepStarts bounds what a scratch keeps of a large text.
const keepStarts = 1 << 12

func (sc *scratch) reset() {
	for _, i := range sc.used {
		if cap(sc.starts[i]) > keepStarts {
			sc.starts[i] = nil
		}
		sc.starts[i] = sc.starts[i][:0]
	}
	for i := range sc.hits {
		if cap(sc.hits[i]) > keepStarts {
			sc.hits[i] = nil
		}
		sc.hits[i] = sc.hits[i][:0]
	}
	sc.used = sc.used[:0]
	clear(sc.open)
	clear(sc.seen)
}

func (sc *scratch) start(rule, at int) {
	if len(sc.starts[rule]) == 0 {
		sc.used = append(sc.used, rule)
	}
	sc.starts[rule] = append(sc.starts[rule], int32(at))
}

// scan appends to found what the rules find in text. If segments is not nil,
// text was decoded, and only what touches a segment counts. Rules for which closed
// says so, if it is not nil, do not run.
func (e *engine) scan(w *Work, text string, segments []segment, closed []bool, found []Finding) []Finding {
	sc := e.scratch.Get().(*scratch)
	defer func() {
		sc.reset()
		e.scratch.Put(sc)
	}()
	if !w.Spend(len(text)) {
		return found
	}
	e.look(text, sc)
	for i, is := range closed {
		if is {
			sc.open[i] = false
		}
	}
	for _, i := range e.anywhere {
		if sc.open[i] && w.Spend(len(text)) {
			for _, at := range e.rules[i].everywhere(text) {
				sc.start(i, at)
			}
		}
	}
	for _, hits := range sc.hits {
		for _, h := range hits {
			for _, i := range e.starts[h.word] {
				if !sc.open[i] {
					continue
				}
				s := &e.rules[i].shape
				for distance := s.near; distance <= s.far && distance <= int(h.at); distance++ {
					sc.start(i, int(h.at)-distance)
				}
			}
		}
	}
	for _, i := range sc.used {
		if w.Ended() {
			return found
		}
		r, starts := e.rules[i], sc.starts[i]
		slices.Sort(starts)
		if r.twin != nil {
			if starts = r.passed(w, text, starts); len(starts) > 0 {
				found = r.twin.run(w, text, starts, segments, found)
			}
		}
		if len(starts) > 0 {
			found = r.run(w, text, starts, segments, found)
		}
	}
	return found
}

// run appends what the rule finds where its core may begin at one of the starts, which
// are in order.
func (r *rule) run(w *Work, text string, starts []int32, segments []segment, found []Finding) []Finding {
	matches, rest := r.matches(w, text, starts)
	found = r.findings(w, text, matches, segments, found)
	if rest < len(text) {
		found = append(found, r.unread(text, rest))
	}
	return found
}

// look finds all literals, and the rules of which a keyword occurs.
func (e *engine) look(text string, sc *scratch) {
	for _, i := range e.always {
		sc.open[i] = true
	}
	f := folded(text)
	e.words.each(f.text, &sc.hits)
	for _, hits := range sc.hits {
		for i := range hits {
			h := &hits[i]
			if !sc.seen[h.word] {
				sc.seen[h.word] = true
				for _, rule := range e.opens[h.word] {
					sc.open[rule] = true
				}
			}
			h.at = int32(f.original(int(h.at)))
		}
	}
}

// findings appends those of the matches that are findings.
func (r *rule) findings(w *Work, text string, matches []Span, segments []segment, found []Finding) []Finding {
	if len(matches) == 0 {
		return found
	}
	calm := &lineCache{text: text, place: Span{-1, -1}}
	for _, m := range matches {
		if !w.Spend(costOfMatch + m.End - m.Start) {
			return found
		}
		if f, is := r.finding(text, m, segments, calm); is {
			found = append(found, f)
		}
	}
	return found
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
	calm.move(place)
	secret, is := r.judge(trimmed, calm)
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
		ours:       r.ours,
	}, true
}

// costOfMatch is how many units of work it takes to judge a match, however short.
const costOfMatch = 512

// move makes the cache one of the lines that s is part of. Of the findings in
// a decoded value of many lines each is in all of them: they are found once.
func (c *lineCache) move(s Span) {
	if c.single && c.line.Start <= s.Start && s.End <= c.line.End || c.place == s {
		return
	}
	c.place = s
	s.End = max(s.Start, s.End)
	clear(c.allowed)
	c.line = Span{strings.LastIndexByte(c.text[:s.Start], '\n') + 1, len(c.text)}
	if i := strings.IndexByte(c.text[s.End:], '\n'); i >= 0 {
		c.line.End = s.End + i
	}
	c.single = strings.IndexByte(c.value(), '\n') < 0
}

func (c *lineCache) value() string { return c.text[c.line.Start:c.line.End] }
