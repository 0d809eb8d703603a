package sanitize

import (
	"slices"
	"strings"
	"unicode/utf8"

	"aegis/sanitize/leaks"
)

// A reading is a text as somebody reads it who sees through disguises: escapes
// resolved, what parts a token left out. It holds only the places where that
// says something else than the text, each with what stands around it, for most
// of most texts is no disguise.
type reading struct {
	view
	marks   []mark
	windows []int // where in the view each place ends
}

// A mark is an edit in the view: a character that stands for something else, or
// the place at which something was left out.
type mark struct {
	at    int
	part  bool
	loose bool
}

// What stands around a chain and is read with it, in bytes: names and keywords
// before a value, what ends it after.
const (
	readBefore = 256
	readAfter  = 96
)

// readings finds what the rules and the own credentials are found in once
// disguises are seen through. In each finding there is a disguise.
func (s *Scrubber) readings(text string) []leaks.Finding {
	var places, tokens []chain
	var value []byte
	keep := func(c chain) {
		value = c.value(value[:0], text)
		worth := telling(value)
		if !worth && (len(s.own.needles) == 0 || len(value) < keyLength) {
			return
		}
		c.edits = slices.Clone(c.edits)
		if worth {
			places = append(places, c)
		} else {
			tokens = append(tokens, c)
		}
	}
	chains(text, keep)
	n := len(places)
	lettersOnly(text, func(c chain) { places = append(places, c) })
	if len(places) > n {
		places = disjoint(places)
	}
	var found []leaks.Finding
	if len(places) > 0 {
		r := newReading(text, places, readBefore, readAfter)
		found = r.original(leaks.Find(r.text, s.findAlso), found)
	}
	if len(tokens) > 0 {
		// Own credentials need nothing around them.
		r := newReading(text, tokens, 0, 0)
		found = r.original(s.own.find(r.text), found)
	}
	return found
}

// disjoint sorts chains and leaves out those that overlap one before.
func disjoint(places []chain) []chain {
	slices.SortStableFunc(places, func(a, b chain) int { return a.start - b.start })
	kept := places[:0]
	for _, c := range places {
		if n := len(kept); n == 0 || c.start >= kept[n-1].end {
			kept = append(kept, c)
		}
	}
	return kept
}

func newReading(text string, places []chain, before, after int) *reading {
	r := &reading{}
	var b strings.Builder
	copied := 0 // how much of text is in the view, or is left out
	window := func(until int) {
		if b.Len() > 0 {
			r.windows = append(r.windows, b.Len())
			b.WriteByte('\n')
		}
		copied = until
		r.jump(b.Len(), copied)
	}
	for i, c := range places {
		from := runeStart(text, max(0, c.start-before))
		if from > copied || i == 0 {
			window(from)
		}
		for _, e := range c.edits {
			b.WriteString(text[copied:e.start])
			r.marks = append(r.marks, mark{b.Len(), e.value == "", e.loose})
			b.WriteString(e.value)
			copied = e.end
			r.jump(b.Len(), copied)
		}
		// Up to where the next one's begins, at most.
		until := runeStart(text, min(len(text), c.end+after))
		if i+1 < len(places) {
			until = min(until, places[i+1].start)
		}
		if until > copied {
			b.WriteString(text[copied:until])
			copied = until
		}
	}
	r.windows = append(r.windows, b.Len())
	r.text = b.String()
	return r
}

// jump notes that offset at of the view is offset original of the text.
func (r *reading) jump(at, original int) {
	if n := len(r.at); n > 0 && r.at[n-1] == at {
		r.gone[n-1] = original - at
		return
	}
	r.at, r.gone = append(r.at, at), append(r.gone, original-at)
}

func runeStart(text string, i int) int {
	for i > 0 && i < len(text) && !utf8.RuneStart(text[i]) {
		i--
	}
	return i
}

// original appends those findings in which there is a disguise, with offsets in
// the text. What code has for its own ends, too, is no disguise of whatever looks
// random: there only a specific rule counts.
func (r *reading) original(inView, found []leaks.Finding) []leaks.Finding {
	for _, f := range inView {
		first, _ := slices.BinarySearchFunc(r.marks, f.MatchStart, func(m mark, at int) int { return m.at - at })
		marked, loose := false, false
		for _, m := range r.marks[first:] {
			if m.at >= f.MatchEnd {
				break
			}
			if m.part && m.at == f.MatchStart {
				continue
			}
			marked, loose = true, loose || m.loose
			if loose {
				break
			}
		}
		window, _ := slices.BinarySearch(r.windows, f.MatchStart+1)
		if !marked || loose && strings.HasPrefix(f.Rule, "generic") || f.MatchEnd > r.windows[window] {
			continue
		}
		f.Start, f.End = r.view.original(f.Start, f.End)
		f.MatchStart, f.MatchEnd = r.view.original(f.MatchStart, f.MatchEnd)
		found = append(found, f)
	}
	return found
}
