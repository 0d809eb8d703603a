package cli

import (
	"cmp"
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
	seq     int64 // of the entry before, or what a line that is none is put after
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
	if s.Kind != "" && s.Broken == "" {
		p.seq = s.Seq
	}
	switch {
	case s.Kind == "" || s.Broken != "" || s.After:
		var b strings.Builder
		err := (&printer{out: &b}).entry(s)
		p.seq = max(p.seq, s.Seq)
		return firstOf(err, func() error { return p.put(logLine{seq: p.seq, marked: strings.TrimSuffix(b.String(), "\n")}) })
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

// finish writes the last lines if only those were asked for, the calls that have no outcome
// among them where they were decided. Else those come at the end.
func (p *callPrinter) finish() error {
	limit := p.limit
	for _, o := range p.open {
		p.lines = append(p.lines, o.line)
	}
	p.open = nil
	if limit > 0 {
		slices.SortStableFunc(p.lines, func(a, b logLine) int { return cmp.Compare(a.seq, b.seq) })
		if more := len(p.lines) - limit; more > 0 {
			p.lines = p.lines[more:]
			p.earlier += int64(more)
		}
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
