package leaks

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// shortText bounds, in bytes, what is looked at without preparing the rules: looking
// for each word alone takes longer than for all of them at once.
const shortText = 512

// ready tells that the rules are prepared.
var ready atomic.Bool

// Prepare prepares the default rules, unless that was done. The first text that a rule
// may find something in waits for it.
func Prepare() { loaded() }

// idle reports whether no rule could find anything in a text, as far as that can be
// told without preparing the rules: each has a word that must be there, and isn't.
func idle(text string) bool { return !ready.Load() && len(text) <= shortText && !promising(text) }

// promising reports whether a text has what some rule cannot do without: a keyword and,
// if each of its matches has one, a literal.
func promising(text string) bool {
	known := openers()
	if known == nil {
		return true
	}
	lower := strings.ToLower(folded(text).text)
	for i := range len(lower) - 1 {
		for _, o := range known[[2]byte{lower[i], lower[i+1]}] {
			if strings.HasPrefix(lower[i:], o.word) && o.completed(lower) {
				return true
			}
		}
	}
	return false
}

// An opener is a word without which a rule does not run, and those of which it then
// needs one; none if it needs no more.
type opener struct {
	word  string
	needs []string
}

func (o opener) completed(lower string) bool {
	return len(o.needs) == 0 || slices.ContainsFunc(o.needs, func(word string) bool { return strings.Contains(lower, word) })
}

// openers returns those of all rules, by their first two bytes. It is nil if some rule
// may run whatever the text.
var openers = sync.OnceValue(func() map[[2]byte][]opener {
	known := make(map[[2]byte][]opener)
	for _, d := range builtIn() {
		words, needs := d.keywords, []string(nil)
		if d.outline != nil {
			needs = d.outline.literals
		}
		if len(words) == 0 {
			words, needs = needs, nil
		}
		if len(words) == 0 {
			return nil
		}
		for _, word := range words {
			if len(word) < 2 {
				return nil
			}
			pair := [2]byte{word[0], word[1]}
			known[pair] = append(known[pair], opener{word, needs})
		}
	}
	return known
})
