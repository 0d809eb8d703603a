package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"aegis/audit"
)

// callPrinter writes what audit show found a line a call: when, what was decided, which
// tool on what, what came of it, and who asked with which client. An entry that does not belong is
// shown as an entry, marked.
type callPrinter struct {
	out     io.Writer
	layout  logLayout
	limit   int       // the last so many lines; 0: all, as they come
	until   time.Time // what is later only ends calls that began before; zero: nothing is
	lines   []logLine
	earlier int64
	open    []openCall // allowed, without an outcome so far
}

// openCall is a call that waits for its outcome, and its line if there is none.
type openCall struct {
	session, call string
	line          logLine
}

// maxOpen is how many calls are waited for the outcome of at once.
const maxOpen = 1000

func newCallPrinter(out io.Writer, terminal any, limit int, local bool) *callPrinter {
	p := &callPrinter{out: out, limit: limit, layout: logLayout{width: columnsOf(terminal), zone: time.UTC}}
	if local {
		p.layout.zone = time.Local
	}
	p.layout.fit(nil)
	return p
}

// entry takes an entry, and writes a line once the call is over.
func (p *callPrinter) entry(s audit.Stored) error {
	if late := !p.until.IsZero() && !s.Time.Before(p.until); late && (s.Kind != audit.KindOutcome || !p.isOpen(s)) {
		return nil
	}
	switch {
	case s.Kind == "" || s.Broken != "" || s.After:
		var b strings.Builder
		err := (&printer{out: &b}).entry(s)
		return firstOf(err, func() error { return p.put(logLine{marked: strings.TrimSuffix(b.String(), "\n")}) })
	case s.Kind == audit.KindDecision && s.Decision == audit.Allow:
		p.take(s)
		p.open = append(p.open, openCall{s.Session, s.Call, lineOf(s, "no outcome")})
		if len(p.open) <= maxOpen {
			return nil
		}
		line := p.open[0].line
		p.open, line.came = p.open[1:], fmt.Sprintf("no outcome before %d later calls", maxOpen)
		return p.put(line)
	case s.Kind == audit.KindOutcome:
		p.take(s)
		return p.put(lineOf(s, came(s)))
	case s.Kind == audit.KindDecision:
		if s.Decision == audit.Deny {
			p.take(s)
		}
		return p.put(lineOf(s, refusedBy(s)))
	}
	return p.put(lineOf(s, tellsOf(s)))
}

func firstOf(err error, then func() error) error {
	if err != nil {
		return err
	}
	return then()
}

func (o openCall) is(s audit.Stored) bool { return o.call == s.Call && o.session == s.Session }

func (p *callPrinter) isOpen(s audit.Stored) bool {
	return slices.ContainsFunc(p.open, func(o openCall) bool { return o.is(s) })
}

// take forgets that a call has no outcome.
func (p *callPrinter) take(s audit.Stored) {
	p.open = slices.DeleteFunc(p.open, func(o openCall) bool { return o.is(s) })
}

// finish writes the calls that have no outcome, and the last lines if only those were asked
// for.
func (p *callPrinter) finish() error {
	for _, o := range p.open {
		if err := p.put(o.line); err != nil {
			return err
		}
	}
	p.open = nil
	if p.limit > 0 {
		p.layout.fit(p.lines)
	}
	return p.goOn()
}

// goOn writes the last lines, and from then on all as they come.
func (p *callPrinter) goOn() error {
	lines := p.lines
	p.lines, p.limit = nil, 0
	for _, line := range lines {
		if err := p.put(line); err != nil {
			return err
		}
	}
	return nil
}

func (p *callPrinter) put(line logLine) error {
	if p.limit == 0 {
		_, err := fmt.Fprintln(p.out, p.layout.text(line))
		return err
	}
	if len(p.lines) == p.limit {
		p.lines = p.lines[1:]
		p.earlier++
	}
	p.lines = append(p.lines, line)
	return nil
}

// lineOf is the line of a call, or of an entry that is about none.
func lineOf(s audit.Stored, came string) logLine {
	return logLine{
		at: s.Time, number: fmt.Sprint(s.Seq), verdict: verdictOf(s), tool: quotedIf(s.Tool), about: subject(s), came: came, who: whoAsked(s),
	}
}

// whoAsked is a call's principal and client. A session's beginning tells its principal by
// itself.
func whoAsked(s audit.Stored) string {
	if s.Kind == audit.KindSessionStart {
		return quotedIf(s.Client)
	}
	return strings.TrimSpace(quotedIf(s.Principal) + " " + quotedIf(s.Client))
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
