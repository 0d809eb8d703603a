package policy

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Problem is what is wrong, or in a [Warning] doubtful, at one place of a
// policy. Line and Column count from 1, columns in characters; Line 0 means
// the file as a whole.
type Problem struct {
	File         string
	Line, Column int
	Message      string
	Source       string // the offending line, without its end
}

// Warning is a problem that does not keep a policy from loading.
type Warning struct{ Problem }

func (w Warning) String() string { return w.render("warning: ") }

// Error tells file, line, column and what is wrong there, and shows the line
// with a caret under the place.
func (p *Problem) Error() string { return p.render("") }

func (p Problem) render(prefix string) string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s%s", p.File, prefix, p.Message)
	}
	text, column := window(p.Source, p.Column-1)
	number := fmt.Sprintf("%5d", p.Line)
	return fmt.Sprintf("%s:%d:%d: %s%s\n%s | %s\n%s | %s^",
		p.File, p.Line, p.Column, prefix, p.Message,
		number, text, strings.Repeat(" ", len(number)), strings.Repeat(" ", column))
}

const (
	windowBefore = 60 // characters shown before the caret, at most
	windowAfter  = 40
)

// window makes a line printable and cuts it around a column counted from 0,
// which it returns in the cut text.
func window(line string, column int) (string, int) {
	runes := []rune(strings.ToValidUTF8(line, string(utf8.RuneError)))
	for i, r := range runes {
		if !unicode.IsPrint(r) {
			runes[i] = ' '
			if r != '\t' && !unicode.IsSpace(r) {
				runes[i] = utf8.RuneError
			}
		}
	}
	column = max(0, min(column, len(runes)))
	head, tail := "", ""
	if from := column - windowBefore; from > 0 {
		runes, column, head = runes[from:], column-from, "…"
	}
	if to := column + windowAfter; to < len(runes) {
		runes, tail = runes[:to], "…"
	}
	return head + string(runes) + tail, column + utf8.RuneCountInString(head)
}

// maxProblems is how many problems one error tells at most.
const maxProblems = 10

// problems collects what a file's loading finds.
type problems struct {
	file   string
	source []string // lines
	errors []error
	extra  int
	warned []Warning
}

// place is a position in the file; line 0 is the file as a whole.
type place struct{ line, column int }

func (p *problems) problem(at place, format string, args ...any) Problem {
	found := Problem{File: p.file, Line: at.line, Column: at.column, Message: fmt.Sprintf(format, args...)}
	if 0 < at.line && at.line <= len(p.source) {
		found.Source = p.source[at.line-1]
	}
	return found
}

func (p *problems) errorf(at place, format string, args ...any) {
	if len(p.errors) == maxProblems {
		p.extra++
		return
	}
	found := p.problem(at, format, args...)
	p.errors = append(p.errors, &found)
}

func (p *problems) warnf(at place, format string, args ...any) {
	if len(p.warned) < maxProblems {
		p.warned = append(p.warned, Warning{p.problem(at, format, args...)})
	}
}

func (p *problems) err() error {
	if len(p.errors) == 0 {
		return nil
	}
	all := p.errors
	if p.extra > 0 {
		all = append(all, fmt.Errorf("%s: and %d more", p.file, p.extra))
	}
	return &InvalidError{all}
}

// InvalidError is returned for a policy that does not load. It tells up to ten
// problems, each a [*Problem], in the file's order.
type InvalidError struct{ problems []error }

func (e *InvalidError) Error() string {
	texts := make([]string, len(e.problems))
	for i, p := range e.problems {
		texts[i] = p.Error()
	}
	return strings.Join(texts, "\n")
}

// Unwrap returns the problems.
func (e *InvalidError) Unwrap() []error { return e.problems }
