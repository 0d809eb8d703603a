package gate

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"aegis/sanitize"
)

// withText fits an object and the text that goes with it into budget bytes.
func (t *telling) withText(object []byte, budget int, notes *members, a *Answer) (fitted []byte, text string, err error) {
	if object, err = fit(object, budget/2, t.texts, notes); err != nil {
		return nil, "", err
	}
	var report sanitize.Report
	known := memory(t.caller).Learned()
	if text, report, err = t.text(t.result.Text, budget-len(object), notes); err != nil {
		return nil, "", err
	}
	a.report.Add(report)
	if memory(t.caller).Learned() != known { // the object may hold what the text gave away
		if object, report, err = t.scrubber.JSON(json.RawMessage(object)); err != nil {
			return nil, "", err
		}
		a.report.Again(report)
	}
	return object, text, nil
}

// text scrubs the whole text, then cuts out the lines that were asked for, as
// many as fit into budget bytes. What it cut, it notes. It takes the text away from
// wanted: a large one is not to be there twice.
func (t *telling) text(wanted *Text, budget int, notes *members) (string, sanitize.Report, error) {
	body := wanted.Body
	wanted.Body = ""
	lines := countLines(body) // scrubbing keeps them
	first, last := max(wanted.First, 1), lines
	if wanted.First == 0 && wanted.Last == 0 && wanted.Tail > 0 {
		first = max(1, lines-wanted.Tail+1)
	}
	if wanted.Last > 0 {
		last = min(last, wanted.Last)
	}
	if first > lines && first > 1 {
		return "", sanitize.Report{}, Refuse(InvalidArguments, "The text has %d lines; start_line is beyond them.", lines)
	}
	window := max(last, first-1) - (first - 1) // in lines
	options := sanitize.TextOptions{ShowHidden: wanted.ShowHidden, Path: t.file()}
	column := max(wanted.Column, 1)
	shown, report, err := t.scrubLines(body, options, position{first - 1, column - 1}, budget-envelopeSize)
	if err != nil {
		return "", report, err
	}
	if shown.beyond {
		return "", report, Refuse(InvalidArguments, "start_column is beyond the end of line %d.", first)
	}
	cut, kept, within := fitLines(shown.text.String(), window, budget-envelopeSize)
	size := len(cut)
	// A cut may make a match that the whole did not have: an anchored rule at
	// the new edge. What leaves is scrubbed as it leaves; the whole has been.
	if len(cut) != shown.size && report.Withheld == 0 {
		again := sanitize.Report{}
		if cut, again, err = t.scrubText(cut, options); err != nil {
			return "", report, err
		}
		report.Again(again)
	}

	notes.add("lines", lines)
	if kept > 0 {
		notes.add("start_line", first)
		if column > 1 {
			notes.add("start_column", column)
		}
		notes.add("end_line", first+kept-1)
	}
	switch {
	case within:
		notes.flag("truncated")
		notes.add("next_start_line", first)
		notes.add("next_start_column", column+size)
		notes.add("hint", fmt.Sprintf("Line %d is longer than an answer may be: start_line %d with start_column %d goes on.", first, first, column+size))
	case kept < window:
		notes.add("truncated", true)
		notes.add("next_start_line", first+kept)
	}
	framed, _ := sanitize.Wrap(cut)
	return framed, report, nil
}

// envelopeSize is more than the two marker lines and the members that text
// notes take.
const envelopeSize = 512

// scrubLines scrubs a whole text and keeps what it has behind a position, a little
// more than budget bytes of it. Of a text that is withheld that is a notice for each
// line.
func (t *telling) scrubLines(body string, options sanitize.TextOptions, from position, budget int) (shown *excerpt, report sanitize.Report, err error) {
	shown = &excerpt{skip: from, budget: budget}
	instead := ""
	if err := t.scrub(len(body), func() { report, instead = t.scrubber.Pieces(body, options, shown.add) }); err != nil {
		return shown, report, err
	}
	if instead != "" {
		shown = &excerpt{skip: position{lines: from.lines}, budget: budget}
		shown.add(instead)
		for range strings.Count(body, "\n") {
			shown.add("\n")
		}
	}
	return shown, report, nil
}

// position is a place in a text: so many lines, and then so many bytes.
type position struct{ lines, bytes int }

// An excerpt is the begin of what a text has behind some position.
type excerpt struct {
	skip   position // what is still to come before it
	beyond bool     // its line ends before it
	budget int      // bytes that are of use
	text   strings.Builder
	size   int // of all of the text, in bytes
}

func (e *excerpt) add(piece string) {
	e.size += len(piece)
	for e.skip.lines > 0 {
		i := strings.IndexByte(piece, '\n')
		if i < 0 {
			return
		}
		piece = piece[i+1:]
		e.skip.lines--
	}
	if n := min(e.skip.bytes, len(piece)); n > 0 {
		e.beyond = e.beyond || strings.Contains(piece[:n], "\n")
		piece, e.skip.bytes = piece[n:], e.skip.bytes-n
		if e.text.Len() == 0 && e.skip.bytes == 0 {
			for piece != "" && !utf8.RuneStart(piece[0]) {
				piece = piece[1:]
			}
		}
	}
	if room := e.budget + 1 - e.text.Len(); room > 0 {
		e.text.WriteString(piece[:min(room, len(piece))])
	}
}

// countLines counts the lines of a text; a last one without a newline counts.
func countLines(text string) int {
	n := strings.Count(text, "\n")
	if text != "" && !strings.HasSuffix(text, "\n") {
		n++
	}
	return n
}

// wholeMarks is a cut line without the begin of a mark that the cut has torn: half of
// one says nothing, and could be written back.
func wholeMarks(line string) string {
	from := max(0, len(line)-longestMark)
	if i := strings.LastIndexByte(line[from:], '['); from+i > 0 && i >= 0 && !strings.Contains(line[from+i:], "]") {
		return line[:from+i]
	}
	return line
}

// longestMark is more bytes than a mark of something that was taken out has.
const longestMark = 100

// fitLines returns as many of text's first lines, of at most most, as fit into budget
// bytes, and how many those are. If the first alone does not, it returns the part of
// it that does, within a line.
func fitLines(text string, most, budget int) (kept string, lines int, within bool) {
	size := 0
	for lines < most && size < len(text) {
		next := len(text)
		if i := strings.IndexByte(text[size:], '\n'); i >= 0 {
			next = size + i + 1
		}
		if next > budget {
			break
		}
		size = next
		lines++
	}
	if lines == 0 && most > 0 {
		line, _, _ := strings.Cut(text, "\n")
		if line = wholeMarks(strings.ToValidUTF8(line[:max(0, min(budget, len(line)))], "")); line != "" {
			return line, 1, true
		}
	}
	return text[:size], lines, false
}
