package document

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Place is where something stands in a file. Both count from 1, columns in characters;
// line 0 is the file as a whole.
type Place struct{ Line, Column int }

// Problem is what is wrong at one place of a file, and what to write instead.
type Problem struct {
	File string // its last element
	Place
	Message string
}

func (p *Problem) Error() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
}

const (
	mostTold  = 10  // problems that one error tells
	mostFound = 200 // problems that are noted; the rest is counted
)

// problems collects what is wrong with a file.
type problems struct {
	file  string
	all   []*Problem
	extra int
}

// Errorf notes a problem.
func (p *problems) Errorf(at Place, format string, args ...any) {
	if len(p.all) == mostFound {
		p.extra++
		return
	}
	p.all = append(p.all, &Problem{filepath.Base(p.file), at, fmt.Sprintf(format, args...)})
}

// Found is how many problems there are so far.
func (p *problems) Found() int { return len(p.all) + p.extra }

// Err is all that is wrong as one [*InvalidError] in the file's order, nil for nothing.
func (p *problems) Err() error {
	if p.Found() == 0 {
		return nil
	}
	slices.SortStableFunc(p.all, func(a, b *Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	told := p.all[:min(len(p.all), mostTold)]
	return &InvalidError{told, len(p.all) - len(told) + p.extra}
}

// InvalidError is the error of a file that does not load: its first problems, each a
// [*Problem], and how many more there are.
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
