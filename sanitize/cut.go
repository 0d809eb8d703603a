package sanitize

import (
	"slices"
	"strings"

	"aegis/sanitize/leaks"
)

const (
	markerBegin = "[redacted:"
	markerLimit = 80 // no marker is longer
)

// An extent says how much of a finding is cut. What is left of a match around
// its secret is sometimes a match again, so that each round cuts more.
type extent uint8

const (
	cutSecret extent = iota
	cutMatch
	cutLines
)

// A cutSpan is what a cut takes out of a text.
type cutSpan struct {
	start, end int
	rule       string
}

// span returns what is to be cut for a finding.
func (how extent) span(text string, f leaks.Finding, marked []int) cutSpan {
	start, end := f.Start, f.End
	if how >= cutMatch || start == end || holdsMarker(marked, start, end) || fragment(text, f) {
		start, end = f.MatchStart, f.MatchEnd
	}
	start, end = aroundMarkers(text, start, end)
	return cutSpan{start, end, f.Rule}
}

// toLines widens spans to whole lines. Many may be in one long line.
func toLines(text string, spans []cutSpan) {
	begin, end := 0, -1 // of the line that was looked at last
	for i := range spans {
		g := &spans[i]
		if g.start < begin || g.end > end {
			begin, end = strings.LastIndexByte(text[:g.start], '\n')+1, len(text)
			if i := strings.IndexByte(text[g.end:], '\n'); i >= 0 {
				end = g.end + i
			}
		}
		g.start, g.end = begin, end
	}
}

// markers returns where the markers in text[from:to] begin. There may be many
// findings in one span: each asks whether a marker is in it.
func markers(text string, from, to int) (at []int) {
	for {
		i := strings.Index(text[from:to], markerBegin)
		if i < 0 {
			return at
		}
		at = append(at, from+i)
		from += i + len(markerBegin)
	}
}

func holdsMarker(marked []int, start, end int) bool {
	i, _ := slices.BinarySearch(marked, start)
	return i < len(marked) && marked[i]+len(markerBegin) <= end
}

// A cutter replaces findings in a text by markers. With breaks, line breaks inside
// a cut are kept after its marker.
type cutter struct {
	text   string
	how    extent
	breaks bool
	report *Report

	out    strings.Builder
	copied int       // what of the text is in out, or cut
	spans  []cutSpan // those to come that are known
	taken  bool      // what is written is taken away piece by piece
	until  int       // what came last with findings
	line   int       // where the line begins that until is in
}

// cut cuts all of found at once.
func cut(text string, found []leaks.Finding, how extent, breaks bool, report *Report) string {
	c := cutter{text: text, how: how, breaks: breaks, report: report}
	c.add(found, len(text))
	return c.done()
}

// add takes findings, after which come none that begin before until.
func (c *cutter) add(found []leaks.Finding, until int) {
	if len(found) > 0 {
		from, to := len(c.text), 0
		for _, f := range found {
			from, to = min(from, f.Start), max(to, f.End)
		}
		var marked []int
		if from < to {
			marked = markers(c.text, from, to)
		}
		for _, f := range found {
			c.spans = append(c.spans, c.how.span(c.text, f, marked))
		}
		c.merge()
		if c.how >= cutLines {
			toLines(c.text, c.spans)
			c.merge()
		}
	}
	// A span may reach back to the begin of its line, or of a marker.
	if c.how >= cutLines {
		if i := strings.LastIndexByte(c.text[c.until:until], '\n'); i >= 0 {
			c.line = c.until + i + 1
		}
		c.until, until = until, c.line
	}
	n := 0
	for n < len(c.spans) && c.spans[n].end < until-markerLimit {
		c.write(c.spans[n])
		n++
	}
	c.spans = append(c.spans[:0], c.spans[n:]...)
}

// merge puts the spans in order and makes one of those that overlap.
func (c *cutter) merge() {
	slices.SortFunc(c.spans, func(a, b cutSpan) int { return a.start - b.start })
	merged := c.spans[:0]
	for _, next := range c.spans {
		if n := len(merged); n > 0 && next.start < merged[n-1].end {
			last := &merged[n-1]
			last.end = max(last.end, next.end)
			last.rule = preferred(last.rule, next.rule)
			continue
		}
		merged = append(merged, next)
	}
	c.spans = merged
}

func (c *cutter) write(g cutSpan) {
	if c.out.Len() == 0 && !c.taken {
		c.out.Grow(len(c.text) + len(c.text)/4 + 64) // markers are longer than most of what they replace
	}
	c.out.WriteString(c.text[c.copied:g.start])
	c.out.WriteString(markerBegin + g.rule + "]")
	gone := c.text[g.start:g.end]
	if c.breaks {
		for range strings.Count(gone, "\n") {
			c.out.WriteByte('\n')
		}
	}
	if !strings.Contains(gone, markerBegin) { // else it was counted before
		c.report.redacted(g.rule, 1)
	}
	c.copied = g.end
}

// writeUntil writes what is known of the text before an offset, but for as much as a
// later finding may reach back.
func (c *cutter) writeUntil(until int) {
	until -= markerLimit
	if len(c.spans) > 0 {
		until = min(until, c.spans[0].start)
	}
	if until > c.copied {
		until = max(c.copied, seam(c.text, until, c.copied))
		c.out.WriteString(c.text[c.copied:until])
		c.copied = until
	}
}

// take takes away what was written, up to the end of its last line.
func (c *cutter) take() string {
	written := c.out.String()
	c.out.Reset()
	if i := strings.LastIndexByte(written, '\n'); i >= 0 {
		c.out.WriteString(written[i+1:])
		written = written[:i+1]
	}
	return written
}

// done returns the text without what was cut, as far as it was not taken.
func (c *cutter) done() string {
	for _, g := range c.spans {
		c.write(g)
	}
	if c.copied == 0 {
		return c.text
	}
	c.out.WriteString(c.text[c.copied:])
	return c.out.String()
}

// preferred returns the rule that says more.
func preferred(a, b string) string {
	rank := func(rule string) int {
		switch {
		case rule == ownCredential:
			return 0
		case rule == privateKey:
			return 1
		case rule == giteaToken || rule == urlCredentials || rule == authorizationHeader:
			return 3
		case rule == namedSecretRule || rule == kubernetesSecret || rule == cookieValue:
			return 4
		case strings.HasPrefix(rule, "generic"):
			return 5
		}
		return 2
	}
	switch {
	case rank(a) != rank(b):
		if rank(a) < rank(b) {
			return a
		}
		return b
	case a < b:
		return a
	}
	return b
}

// aroundMarkers widens a span so that it cuts no marker in two.
func aroundMarkers(text string, start, end int) (int, int) {
	window := max(0, start-markerLimit)
	if i := strings.LastIndex(text[window:start], markerBegin[:1]); i >= 0 {
		at := window + i
		if strings.HasPrefix(text[at:], markerBegin) {
			if j := strings.IndexByte(text[at:min(len(text), at+markerLimit)], ']'); j >= 0 && at+j >= start {
				start = at
				end = max(end, at+j+1)
			}
		}
	}
	window = max(start, end-markerLimit)
	if i := strings.LastIndex(text[window:end], markerBegin[:1]); i >= 0 {
		at := window + i
		if strings.HasPrefix(text[at:], markerBegin) {
			if j := strings.IndexByte(text[at:min(len(text), at+markerLimit)], ']'); j >= 0 && at+j >= end {
				end = at + j + 1
			}
		}
	}
	return start, end
}
