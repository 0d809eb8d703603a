package cli

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"aegis/audit"

	"golang.org/x/term"
)

// callPrinter writes what audit show found a line a call: when, what was decided, which
// tool on what, what came of it, and whose client asked. An entry that does not belong is
// shown as an entry, marked.
type callPrinter struct {
	out     io.Writer
	width   int // columns of the terminal; 0 if it is none, and nothing is cut
	local   bool
	limit   int // the last so many lines; 0: all, as they come
	lines   []string
	earlier int64
	open    []audit.Stored // allowed, without an outcome so far
}

// maxOpen is how many calls are waited for the outcome of at once.
const maxOpen = 1000

func newCallPrinter(out io.Writer, terminal any, limit int, local bool) *callPrinter {
	p := &callPrinter{out: out, limit: limit, local: local}
	if file, ok := terminal.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil {
			p.width = max(width, 40)
		}
	}
	return p
}

// entry takes an entry, and writes a line once the call is over.
func (p *callPrinter) entry(s audit.Stored) error {
	switch {
	case s.Kind == "" || s.Broken != "" || s.After:
		var b strings.Builder
		err := (&printer{out: &b}).entry(s)
		return firstOf(err, func() error { return p.put(strings.TrimSuffix(b.String(), "\n")) })
	case s.Kind == audit.KindDecision && s.Decision == audit.Allow:
		p.take(s)
		if p.open = append(p.open, s); len(p.open) > maxOpen {
			s, p.open = p.open[0], p.open[1:]
			return p.put(p.line(s, "no outcome"))
		}
		return nil
	case s.Kind == audit.KindOutcome:
		p.take(s)
		return p.put(p.line(s, came(s)))
	case s.Kind == audit.KindDecision:
		if s.Decision == audit.Deny {
			p.take(s)
		}
		return p.put(p.line(s, refusedBy(s)))
	}
	return p.put(p.line(s, tellsOf(s)))
}

func firstOf(err error, then func() error) error {
	if err != nil {
		return err
	}
	return then()
}

// take forgets that a call has no outcome.
func (p *callPrinter) take(s audit.Stored) {
	p.open = slices.DeleteFunc(p.open, func(o audit.Stored) bool { return o.Call == s.Call && o.Session == s.Session })
}

// finish writes the calls that have no outcome, and the last lines if only those were asked for.
func (p *callPrinter) finish() error {
	for _, s := range p.open {
		if err := p.put(p.line(s, "no outcome")); err != nil {
			return err
		}
	}
	p.open = nil
	for _, line := range p.lines {
		if _, err := fmt.Fprintln(p.out, line); err != nil {
			return err
		}
	}
	p.lines = nil
	return nil
}

func (p *callPrinter) put(line string) error {
	if p.limit == 0 {
		_, err := fmt.Fprintln(p.out, line)
		return err
	}
	if len(p.lines) == p.limit {
		p.lines = p.lines[1:]
		p.earlier++
	}
	p.lines = append(p.lines, line)
	return nil
}

// line is one call, in columns.
func (p *callPrinter) line(s audit.Stored, came string) string {
	at := s.Time.UTC().Format("2006-01-02 15:04:05Z")
	if p.local {
		at = s.Time.Local().Format("2006-01-02 15:04:05 ") + zone(s.Time)
	}
	verdict, what := verdictOf(s), subject(s)
	tail := came
	if s.Client != "" {
		tail += "  " + quoted(s.Client)
	}
	head := fmt.Sprintf("%s %6d %-7s %-20s ", at, s.Seq, verdict, quoted(s.Tool))
	if s.Tool == "" {
		head = fmt.Sprintf("%s %6d %-7s ", at, s.Seq, verdict)
	}
	line := strings.TrimRight(head+what, " ")
	if tail = strings.TrimSpace(tail); tail != "" {
		line += ": " + tail
	}
	return shortened(line, p.width)
}

func zone(t time.Time) string {
	name, _ := t.Local().Zone()
	return quoted(name)
}

// verdictOf is what was decided, in a word.
func verdictOf(s audit.Stored) string {
	switch {
	case s.Kind == audit.KindDecision:
		return quoted(string(s.Decision))
	case s.Kind != audit.KindOutcome:
		return "-"
	case s.Code != "":
		return "failed"
	}
	return "allow"
}

// subject is what a call was about, or the kind of an entry that is about no call.
func subject(s audit.Stored) string {
	if s.Tool == "" {
		return string(s.Kind)
	}
	var words []string
	if s.Repo != "" {
		words = append(words, quoted(s.Repo))
	}
	for i, path := range s.Paths {
		if i == 3 {
			words = append(words, fmt.Sprintf("and %d more", max(s.PathsTotal, int64(len(s.Paths)))-3))
			break
		}
		words = append(words, quoted(path))
	}
	if s.Ref != "" {
		words = append(words, "at "+quoted(s.Ref))
	}
	if s.DryRun {
		words = append(words, "(dry run)")
	}
	return strings.Join(words, " ")
}

// came is what came of a call.
func came(s audit.Stored) string {
	var said []string
	if s.Code != "" {
		said = append(said, quoted(s.Code))
	}
	for _, made := range s.Made {
		said = append(said, "made "+quotedWords(made))
	}
	if len(s.Made) == 0 && s.Written > 0 {
		said = append(said, count(int64(s.Written), "request written", "requests written"))
	}
	said = append(said, fmt.Sprintf("%d bytes", s.Bytes))
	if n := total(s.Redactions); n > 0 {
		said = append(said, fmt.Sprintf("%d redacted", n))
	}
	if s.Withheld > 0 {
		said = append(said, fmt.Sprintf("%d withheld", s.Withheld))
	}
	return strings.Join(said, ", ")
}

func total(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// quotedWords quotes a text of several words, word by word.
func quotedWords(text string) string {
	words := strings.Fields(text)
	for i := range words {
		words[i] = quoted(words[i])
	}
	return strings.Join(words, " ")
}

func refusedBy(s audit.Stored) string {
	if s.Rule == "" {
		return quotedIf(s.Code)
	}
	return strings.TrimSpace(quotedIf(s.Code) + " by " + quotedWords(s.Rule))
}

func quotedIf(text string) string {
	if text == "" {
		return ""
	}
	return quoted(text)
}

// tellsOf is what an entry says that is about no call.
func tellsOf(s audit.Stored) string {
	switch {
	case s.Archived != "":
		return "the file is " + quoted(s.Archived) + " from here on"
	case s.Continues != "" && s.Reason == "":
		return "continues " + quoted(s.Continues)
	case s.Checkpoint != "":
		origin, _, _ := strings.Cut(s.Checkpoint, "\n")
		return "by " + quoted(origin)
	case s.Kind == audit.KindSessionStart:
		return quotedIf(s.Principal)
	}
	return quotedWords(s.Reason)
}

// shortened cuts a line to the columns of a terminal, and shows that it did.
func shortened(line string, width int) string {
	runes := []rune(line)
	if width == 0 || len(runes) <= width {
		return line
	}
	return string(runes[:width-1]) + "…"
}
