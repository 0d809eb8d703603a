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
	end   int // after what it says
	from  int // its begin in the text
	part  bool
	loose bool
	space bool // it was white space
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
	var found []leaks.Finding
	if !s.work.Spend(2 * len(text)) {
		return nil
	}
	s.places(text, func(p *places) bool {
		if p.telling > 0 {
			r := newReading(text, p, func(c chain) bool { return c.telling }, readBefore, readAfter)
			found = r.original(leaks.FindWithin(s.work, r.text, s.findAlso), found)
		}
		if p.roomy > 0 {
			// Own credentials need nothing around them.
			r := newReading(text, p, func(c chain) bool { return c.roomy }, 0, 0)
			found = r.original(s.own.find(s.work, r.text, r.disguises()), found)
		}
		return s.work.Spend(len(p.edits))
	})
	return found
}

// disguises returns what of the view does not stand in the text, as own
// credentials are looked for there: without white space.
func (r *reading) disguises() []leaks.Span {
	var spans []leaks.Span
	for _, m := range r.marks {
		if !m.space {
			spans = append(spans, leaks.Span{Start: max(0, m.at-1), End: m.end + 1})
		}
	}
	return spans
}

// newReading reads the chains that are wanted, and those around them.
func newReading(text string, p *places, wanted func(chain) bool, before, after int) *reading {
	r := &reading{}
	var b strings.Builder
	copied, until := 0, -1 // what of text is in the view, and how far it goes on
	reach := func(to int) {
		if until = runeStart(text, min(to, until)); until > copied {
			b.WriteString(text[copied:until])
			copied = until
		}
	}
	write := func(c chain) {
		for _, e := range p.edits[c.first:c.last] {
			b.WriteString(text[copied:e.start])
			r.marks = append(r.marks, mark{b.Len(), b.Len() + len(e.value), e.start, e.value == "", e.loose, e.space(text)})
			b.WriteString(e.value)
			copied = e.end
			r.jump(b.Len(), copied)
		}
		if copied < c.end {
			b.WriteString(text[copied:c.end])
			copied = c.end
		}
	}
	next := 0 // the first chain that is not written
	for i, c := range p.chains {
		if !wanted(c) {
			continue
		}
		from := runeStart(text, max(0, c.start-before))
		for ; next < i && until >= 0 && p.chains[next].start < until; next++ {
			write(p.chains[next])
		}
		if until < 0 || from > until {
			if until >= 0 {
				reach(until)
				r.windows = append(r.windows, b.Len())
				b.WriteByte('\n')
			}
			for next < i && p.chains[next].start < from {
				from = max(from, p.chains[next].end)
				next++
			}
			copied = from
			r.jump(b.Len(), copied)
		}
		for ; next <= i; next++ {
			write(p.chains[next])
		}
		until = min(len(text), c.end+after)
	}
	for ; next < len(p.chains) && p.chains[next].start < until; next++ {
		write(p.chains[next])
	}
	reach(until)
	r.windows = append(r.windows, b.Len())
	r.text = b.String()
	return r
}

// jump notes that offset at of the view is offset original of the text.
func (r *reading) jump(at, original int) {
	if n := len(r.at); n > 0 && r.at[n-1] == at {
		r.gone[n-1] = original - at // several in a row
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
	var loose []int // which marks are
	for i, m := range r.marks {
		if m.loose && len(inView) > 0 {
			loose = append(loose, i)
		}
	}
	for _, f := range inView {
		// One that ends where the match begins, as what parts it from what comes
		// before, is not in it.
		first, _ := slices.BinarySearchFunc(r.marks, f.MatchStart+1, func(m mark, at int) int { return m.end - at })
		marked := first < len(r.marks) && r.marks[first].at < f.MatchEnd
		next, _ := slices.BinarySearch(loose, first)
		ordinary := next < len(loose) && r.marks[loose[next]].at < f.MatchEnd
		window, _ := slices.BinarySearch(r.windows, f.MatchStart+1)
		if !marked || ordinary && strings.HasPrefix(f.Rule, "generic") || f.MatchEnd > r.windows[window] {
			continue
		}
		f.Start, f.End = r.startOffset(f.Start), r.endOffset(f.End)
		f.MatchStart, f.MatchEnd = r.startOffset(f.MatchStart), r.endOffset(f.MatchEnd)
		found = append(found, f)
	}
	return found
}

// startOffset returns where in the text the view's span begins that begins at
// i. A value that was decoded is taken whole.
func (r *reading) startOffset(i int) int {
	if m, inside := r.inside(i); inside {
		return m.from
	}
	return r.offset(i)
}

// endOffset returns where in the text the view's span ends that ends at i:
// before what parts it from what comes after.
func (r *reading) endOffset(i int) int {
	if m, inside := r.inside(i); inside {
		return r.offset(m.end)
	}
	at, _ := slices.BinarySearchFunc(r.marks, i, func(m mark, at int) int { return m.at - at })
	if at < len(r.marks) && r.marks[at].at == i && r.marks[at].part {
		return r.marks[at].from
	}
	return r.offset(i)
}

// inside returns the mark that has offset i in the midst of what it says.
func (r *reading) inside(i int) (mark, bool) {
	at, _ := slices.BinarySearchFunc(r.marks, i+1, func(m mark, at int) int { return m.end - at })
	if at < len(r.marks) && r.marks[at].at < i {
		return r.marks[at], true
	}
	return mark{}, false
}
