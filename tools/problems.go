package tools

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// maxProblems is how many problems of one call are told.
const maxProblems = 12

// problems are all that is wrong with a call's arguments, so that one answer is enough
// to mend them. Each begins with the name of the argument that it is about.
type problems struct {
	all     []string
	bad     map[string]bool // the arguments that could not be decoded
	remarks []string        // what was taken otherwise than it was given
}

// add notes what is wrong with an argument.
func (f *problems) add(argument, what string) {
	f.all = append(f.all, argument+" "+what)
	f.undecoded(argument)
}

// undecoded notes that an argument has no value that could be looked at.
func (f *problems) undecoded(argument string) {
	if f.bad == nil {
		f.bad = make(map[string]bool)
	}
	f.bad[subject(argument)] = true
}

// judged adds what a tool's own check found. Where an argument could not be decoded the
// check has seen none: what it says of that one, or of no single one, is left out.
func (f *problems) judged(err error, parameters []*parameter) {
	decoded := len(f.all) == 0
	for _, each := range errorsIn(err) {
		about := subject(each.Error())
		single := slices.ContainsFunc(parameters, func(p *parameter) bool { return p.name == about })
		if decoded || single && !f.bad[about] {
			f.all = append(f.all, each.Error())
		}
	}
}

// err is all problems as one error, nil for none.
func (f *problems) err() error {
	switch n := len(f.all); {
	case n == 0:
		return nil
	case n > maxProblems:
		return fmt.Errorf("%s; and %d more", strings.Join(f.all[:maxProblems], "; "), n-maxProblems)
	}
	return errors.New(strings.Join(f.all, "; "))
}

// errorsIn takes joined errors apart.
func errorsIn(err error) (all []error) {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	for _, each := range joined.Unwrap() {
		all = append(all, errorsIn(each)...)
	}
	return all
}

// subject is the argument that a problem is about: its first word, without what
// follows in brackets or behind a dot.
func subject(problem string) string {
	word, _, _ := strings.Cut(problem, " ")
	if i := strings.IndexAny(word, "[.:"); i >= 0 {
		word = word[:i]
	}
	return word
}
