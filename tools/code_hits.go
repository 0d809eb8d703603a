package tools

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"aegis/gate"
	"aegis/internal/canon"
)

// codeHit is a line that matches, with lines before and after it. Line counts
// from 1.
type codeHit struct {
	Path   string   `json:"path"`
	Line   int      `json:"line"`
	Text   string   `json:"text"`
	Before []string `json:"before,omitempty"`
	After  []string `json:"after,omitempty"`

	path canon.Path
}

// maxLine is how many bytes of a line are shown.
const maxLine = 300

// codeHits collects hits from files that are looked at in no order, many at
// once: it counts all, and keeps the first by path and line.
type codeHits struct {
	ctx     context.Context
	matches *lineMatcher
	around  int // lines to show before and after
	most    int // hits to keep

	mu      sync.Mutex
	total   int
	tooLong int // lines that were not looked at
	kept    []*codeHit
}

// look collects a file's hits.
func (h *codeHits) look(file gate.CodeFile) {
	total, kept := 0, []*codeHit(nil)
	var cut *lineCutter
	tooLong := h.matches.each(h.ctx, file.Masked, func(line, at int) {
		total++
		if total > h.most {
			return
		}
		if cut == nil {
			cut = newLineCutter(file.Text)
		}
		hit := &codeHit{Path: file.Path.String(), Line: line + 1, Text: cut.line(line, at), path: file.Path}
		for i := max(0, line-h.around); i < line; i++ {
			hit.Before = append(hit.Before, cut.line(i, 0))
		}
		for i := line + 1; i <= line+h.around && i < cut.lines(); i++ {
			hit.After = append(hit.After, cut.line(i, 0))
		}
		kept = append(kept, hit)
	})
	if total == 0 && tooLong == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.total += total
	h.tooLong += tooLong
	h.kept = append(h.kept, kept...)
	if len(h.kept) > 2*h.most {
		h.sort()
		h.kept = slices.Clone(h.kept[:h.most])
	}
}

func (h *codeHits) sort() {
	slices.SortFunc(h.kept, func(a, b *codeHit) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line))
	})
}

// rank returns the hits from one rank to before another, counted from 0 by path
// and line.
func (h *codeHits) rank(from, to int) []*codeHit {
	h.sort()
	return h.kept[min(from, len(h.kept)):min(to, len(h.kept))]
}

// lineMatcher finds the lines that match: that hold literal, or pattern if there
// is one.
type lineMatcher struct {
	literal string
	pattern *regexp.Regexp
	longest int // bytes of a line that is held against pattern
}

// each calls hit with the number, from 0, of each line of text that matches, and
// where in the line it does. It ends early when ctx does. It returns how many
// lines were too long to look at.
func (m *lineMatcher) each(ctx context.Context, text string, hit func(line, at int)) (tooLong int) {
	if m.pattern == nil {
		m.eachLiteral(text, hit)
		return 0
	}
	line, looked := 0, 0
	for row := range strings.Lines(text) {
		if looked += len(row); looked >= 4<<10 {
			if looked = 0; ctx.Err() != nil {
				return tooLong
			}
		}
		if row = strings.TrimSuffix(row, "\n"); len(row) > m.longest {
			tooLong++
		} else if at := m.pattern.FindStringIndex(row); at != nil {
			hit(line, at[0])
		}
		line++
	}
	return tooLong
}

// eachLiteral looks for what holds no line break, so that it need not look at
// lines one by one.
func (m *lineMatcher) eachLiteral(text string, hit func(line, at int)) {
	line, begin := 0, 0 // of the line that is looked at
	for from := 0; ; {
		i := strings.Index(text[from:], m.literal)
		if i < 0 {
			return
		}
		at := from + i
		if breaks := strings.Count(text[begin:at], "\n"); breaks > 0 {
			line += breaks
			begin = strings.LastIndexByte(text[:at], '\n') + 1
		}
		hit(line, at-begin)
		end := strings.IndexByte(text[at:], '\n')
		if end < 0 {
			return
		}
		line++
		begin = at + end + 1
		from = begin
	}
}

// lineCutter shows lines of a text.
type lineCutter struct{ all []string }

func newLineCutter(text string) *lineCutter {
	return &lineCutter{strings.Split(strings.TrimSuffix(text, "\n"), "\n")}
}

func (c *lineCutter) lines() int { return len(c.all) }

// line returns a line, or maxLine bytes of it around what is at offset at of it,
// where each marker counts as one byte. The result shares no memory with the text.
func (c *lineCutter) line(i, at int) string {
	line := c.all[i]
	if len(line) <= maxLine {
		return strings.Clone(line)
	}
	markers := gate.Marker().FindAllStringIndex(line, -1)
	for _, m := range markers {
		if m[0] < at {
			at += m[1] - m[0] - 1
		}
	}
	begin := max(0, min(at-maxLine/3, len(line)-maxLine))
	end := begin + maxLine
	for _, m := range markers { // none is cut in two
		if m[0] < begin && begin < m[1] {
			begin = m[0]
		}
		if m[0] < end && end < m[1] {
			end = m[1]
		}
	}
	for begin > 0 && !utf8.RuneStart(line[begin]) {
		begin--
	}
	for end < len(line) && !utf8.RuneStart(line[end]) {
		end++
	}
	shown := line[begin:end]
	if begin > 0 {
		shown = "…" + shown
	}
	if end < len(line) {
		shown += "…"
	}
	return strings.Clone(shown)
}
