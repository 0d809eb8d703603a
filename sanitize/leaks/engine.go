package leaks

import "strings"

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
	starts := make(map[int][]int) // by rule: where its core may begin
	for _, i := range e.anywhere {
		if open[i] {
			starts[i] = e.rules[i].everywhere(text)
		}
	}
	for _, h := range hits {
		for _, i := range e.starts[h.word] {
			if !open[i] {
				continue
			}
			s := e.rules[i].shape
			for distance := s.near; distance <= s.far && distance <= h.at; distance++ {
				starts[i] = append(starts[i], h.at-distance)
			}
		}
	}
	for i, at := range starts {
		found = e.rules[i].findings(text, e.rules[i].matches(text, at), segments, found)
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

// findings appends those of the matches that are findings.
func (r *rule) findings(text string, matches []Span, segments []segment, found []Finding) []Finding {
	var calm lineCache
	for _, m := range matches {
		if f, is := r.finding(text, m, segments, &calm); is {
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
