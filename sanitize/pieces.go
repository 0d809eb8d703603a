package sanitize

import (
	"strings"
	"unicode/utf8"

	"aegis/sanitize/leaks"
)

// A text is looked at in pieces, so that what is needed for it while it is looked at
// does not grow with it. What an answer shows fits into one.
const (
	pieceSize = 256 << 10
	// pieceMargin is how far a piece reaches into its neighbours: farther than
	// secrets are long. What is encoded may be longer; it is taken apart where
	// its parts can be decoded.
	pieceMargin = 8 << 10
	// pieceSearch is how far from its end a line break is looked for.
	pieceSearch = 32 << 10
)

// A part is text[start:end] of a text that is looked at. With its margins it goes
// from reads to to. No later part reads what is before next.
type part struct{ reads, start, end, to, next int }

// inParts calls each for the parts of text in order, as long as it returns true.
func inParts(text string, each func(part) bool) {
	for p := (part{}); ; {
		p.end = min(len(text), p.start+pieceSize)
		if len(text)-p.end > pieceMargin {
			if i := strings.LastIndexByte(text[p.end-pieceSearch:p.end], '\n'); i >= 0 {
				p.end += i + 1 - pieceSearch
				p.next = seam(text, p.end-pieceMargin, p.start)
			} else {
				p.next = seam(text, p.end-pieceMargin, p.start)
				p.end = seam(text, p.end, p.next)
			}
			p.to = seam(text, min(len(text), p.end+pieceMargin), p.end)
		} else {
			p.end, p.to, p.next = len(text), len(text), len(text)
		}
		if !each(p) || p.end == len(text) {
			return
		}
		p.start, p.reads = p.end, p.next
	}
}

// seam returns where to part a text at or shortly before offset at: between two
// characters, and in base64 after a multiple of four. At offset from, before it,
// there is such a place.
func seam(text string, at, from int) int {
	if at == len(text) {
		return at
	}
	if isBase64(text[at]) && isBase64(text[at-1]) {
		run := at
		for run > from && isBase64(text[run-1]) {
			run--
		}
		return at - (at-run)%4
	}
	for at > 0 && !utf8.RuneStart(text[at]) {
		at--
	}
	return at
}

// findings calls each for the findings in text that have to be cut, part by part, and
// for what is allowed to stay. When the work has ended, that was not all.
func (s *Scrubber) findings(text string, each func(found []leaks.Finding, stay []keptFinding, of part)) {
	inParts(text, func(p part) bool {
		all := s.findIn(text[p.reads:p.to])
		kept := all[:0]
		for _, f := range all {
			f.Start, f.End = f.Start+p.reads, f.End+p.reads
			f.MatchStart, f.MatchEnd = f.MatchStart+p.reads, f.MatchEnd+p.reads
			// What lies in the margin alone the neighbour has, too.
			if f.MatchEnd >= p.start && (f.MatchStart < p.end || p.end == len(text)) {
				kept = append(kept, f)
			}
		}
		if s.work.Ended() {
			return false // not all was found
		}
		found, stay := s.sift(kept)
		each(found, stay, p)
		return !s.work.Ended()
	})
}

// find returns all that has to be cut from text, and what is allowed to stay.
func (s *Scrubber) find(text string) (found []leaks.Finding, stay []keptFinding) {
	s.findings(text, func(more []leaks.Finding, allowed []keptFinding, _ part) {
		found, stay = append(found, more...), append(stay, allowed...)
	})
	return found, stay
}

// largeText is the length in bytes from which a text is cleaned piece by piece.
const largeText = 4 * pieceSize

// cleanPieces cleans a text as clean does and hands the outcome to each. Of a large
// text what has been cut once is taken in pieces of whole lines. Each is then cleaned as
// a text of its own, unless nothing is known of it that could have to be cut. It
// reports whether that came to an end.
func (s *Scrubber) cleanPieces(text string, show func(string, *Report) string, each func(string), report *Report) bool {
	if s == nil || s.own == nil {
		return false
	}
	s = s.remembering()
	clean := func(piece string) bool {
		var of Report
		cleaned, ok := s.clean(piece, func(text string) string { return show(text, &of) }, true, &of)
		if ok {
			report.Add(of)
			each(cleaned)
		}
		return ok
	}
	if len(text) <= largeText {
		return clean(text)
	}
	ok := true
	c := cutter{text: text, how: cutSecret, breaks: true, report: report, taken: true}
	from := 0    // where the piece begins that is not taken, if nothing was cut from it
	changed := 0 // how far what was found or learned says something of the text
	take := func(piece string) bool {
		var of Report
		if from < changed || show(piece, &of) != piece {
			return clean(piece)
		}
		report.Add(of)
		each(piece)
		return true
	}
	s.findings(text, func(found []leaks.Finding, stay []keptFinding, of part) {
		s.memory.learn(text, found)
		if len(found)+len(stay) > 0 {
			changed = of.to
		}
		c.add(found, of.next)
		c.writeUntil(of.next)
		if ok && c.out.Len() >= pieceSize {
			ok = take(c.take())
			from = c.copied - c.out.Len()
		}
	})
	return ok && !s.work.Ended() && take(c.done())
}
