package leaks

import "sort"

// A trail is how a text was decoded: the segments of each step, in order.
type trail [][]segment

// last returns the segments of the last step. It is nil for the text itself,
// in which everything is new; in a decoded text only what touches a segment
// is.
func (t trail) last() []segment {
	if len(t) == 0 {
		return nil
	}
	return t[len(t)-1]
}

// fresh returns what the last step decoded.
func (t trail) fresh() []Span {
	var fresh []Span
	for _, s := range t.last() {
		fresh = append(fresh, s.dec)
	}
	return fresh
}

// toOriginal moves a finding in the text of the last step to where it stands
// in the text of the first.
func (t trail) toOriginal(f *Finding) {
	for i := len(t) - 1; i >= 0; i-- {
		f.Start, f.End = before(t[i], f.Start, f.End)
		f.MatchStart, f.MatchEnd = before(t[i], f.MatchStart, f.MatchEnd)
	}
}

// before returns what became the span from start to end when the segments
// were decoded. A segment is taken whole or not at all.
func before(segments []segment, start, end int) (int, int) {
	// The first segment that ends after start, and the last that begins
	// before end.
	first := sort.Search(len(segments), func(i int) bool { return segments[i].dec.End > start })
	last := sort.Search(len(segments), func(i int) bool { return segments[i].dec.Start >= end }) - 1
	s, e := start, end
	switch {
	case first < len(segments) && segments[first].dec.Start <= start:
		s = segments[first].enc.Start
	case first > 0:
		s += segments[first-1].enc.End - segments[first-1].dec.End
	}
	switch {
	case last >= 0 && segments[last].dec.End >= end:
		e = segments[last].enc.End
	case last >= 0:
		e += segments[last].enc.End - segments[last].dec.End
	}
	return s, e
}

// touched returns the segments whose decoded value overlaps or touches the
// span from start to end.
func touched(segments []segment, start, end int) []segment {
	first := sort.Search(len(segments), func(i int) bool { return segments[i].dec.End >= start })
	last := first
	for last < len(segments) && segments[last].dec.Start <= end {
		last++
	}
	return segments[first:last]
}
