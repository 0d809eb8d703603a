package leaks

import (
	"regexp"
	"sync"
)

// Rules are rules of somebody's own, looked for beside the default ones; nil are
// none. They come from [ParseRules] and are prepared when the first text comes, or before by [Rules.Prepare].
// A set is safe for concurrent use.
type Rules struct {
	definitions []definition
	paths       []*regexp.Regexp // by definition; nil: the rule runs on any text
	files       []fileRule
	engines     func() []*engine // each takes the next definitions
}

// A fileRule judges a file by its path alone.
type fileRule struct {
	id   string
	path *regexp.Regexp
}

func newRules(definitions []definition, paths []*regexp.Regexp, files []fileRule) *Rules {
	return &Rules{definitions, paths, files, sync.OnceValue(func() []*engine { return newEngines(definitions) })}
}

// At returns what looks for the rules in a text that is in the file of the given
// path, "" if it is in none that is known, and in what that text encodes. Rules
// that are about certain paths run where theirs matches; a path never keeps a
// rule from running that is about none. It returns nil if no rule can run.
func (r *Rules) At(path string) func(w *Work, text string) []Finding {
	if r == nil {
		return nil
	}
	closed, open := make([]bool, len(r.definitions)), 0
	for i, about := range r.paths {
		if closed[i] = about != nil && (path == "" || !about.MatchString(path)); !closed[i] {
			open++
		}
	}
	if open == 0 {
		return nil
	}
	return func(w *Work, text string) []Finding {
		var found []Finding
		first := 0
		for _, e := range r.engines() {
			next := first + len(e.rules)
			found = e.scan(w, text, nil, closed[first:next], found)
			first = next
		}
		return found
	}
}

// Prepare prepares the rules, unless that was done.
func (r *Rules) Prepare() {
	if r != nil {
		r.engines()
	}
}

// Len returns how many rules look at texts.
func (r *Rules) Len() int {
	if r == nil {
		return 0
	}
	return len(r.definitions)
}

// Withholds reports whether a rule judges the file of that path by its path
// alone, and which.
func (r *Rules) Withholds(path string) (rule string, ok bool) {
	if r == nil || path == "" {
		return "", false
	}
	for _, f := range r.files {
		if f.path.MatchString(path) {
			return f.id, true
		}
	}
	return "", false
}

// mostWords bounds the words of one engine, in bytes: the states of its
// dictionary are numbered in 16 bits, and take up to half a kilobyte each.
const mostWords = 16 << 10

// newEngines makes engines for as many rules as there are.
func newEngines(definitions []definition) []*engine {
	var engines []*engine
	first, words := 0, 0
	for i, d := range definitions {
		n := 0
		if s, err := analyse(d.pattern); err == nil {
			for _, l := range s.literals {
				n += len(l)
			}
		}
		for _, k := range d.keywords {
			n += len(k)
		}
		if words += n; words > mostWords && i > first {
			engines = append(engines, newEngine(definitions[first:i]))
			first, words = i, n
		}
	}
	if first < len(definitions) {
		engines = append(engines, newEngine(definitions[first:]))
	}
	return engines
}
