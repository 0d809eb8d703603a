package policy

import (
	"cmp"
	"fmt"
	"slices"
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

const (
	maxProblems = 10  // told at most by one error
	maxWarned   = 100 // warnings, the last of which says that there are more
	maxFound    = 200 // noted at most; then the rest of the file is only counted
)

// problems collects what a file's loading finds.
type problems struct {
	file   string
	source []string // lines
	errors []*Problem
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
	if len(p.errors) == maxFound {
		p.extra++
		return
	}
	found := p.problem(at, format, args...)
	p.errors = append(p.errors, &found)
}

func (p *problems) warnf(at place, format string, args ...any) {
	switch {
	case len(p.warned) < maxWarned-1:
		p.warned = append(p.warned, Warning{p.problem(at, format, args...)})
	case len(p.warned) == maxWarned-1:
		p.warned = append(p.warned, Warning{p.problem(place{}, "there are more warnings than these")})
	}
}

// err returns what was found as one error in the file's order, nil if nothing.
func (p *problems) err() error {
	if len(p.errors) == 0 {
		return nil
	}
	slices.SortStableFunc(p.errors, func(a, b *Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	told := p.errors[:min(len(p.errors), maxProblems)]
	return &InvalidError{told, len(p.errors) - len(told) + p.extra}
}

// InvalidError is returned for a policy that does not load. It tells the first
// ten problems in the file's order, each a [*Problem], and how many more there
// are.
type InvalidError struct {
	Problems []*Problem
	More     int
}

func (e *InvalidError) Error() string {
	var texts []string
	for _, p := range e.Problems {
		texts = append(texts, p.Error())
	}
	if e.More > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", e.More))
	}
	return strings.Join(texts, "\n")
}

// Unwrap returns the problems.
func (e *InvalidError) Unwrap() []error {
	all := make([]error, len(e.Problems))
	for i, p := range e.Problems {
		all[i] = p
	}
	return all
}
