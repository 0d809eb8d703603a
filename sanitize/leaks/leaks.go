// Package leaks finds secrets in text: what gitleaks' default rules find, with
// the rules' own allow-lists and stopwords, decoding base64, hex, percent and
// Unicode escapes up to five deep. It honours no "gitleaks:allow", no global
// allow-list and no file path; rules that gitleaks reserves for certain file
// names run on every text.
//
// It is not a wrapper. gitleaks runs a rule over the whole text as soon as
// one of its keywords occurs anywhere. Here every rule's syntax tree is asked
// for literals of which each match must contain one, and how far a match can
// reach from there. One pass over the text finds all literals of all rules; a
// small automaton, made from the rule, then walks from a literal and says if
// a match is possible and where it must end; only there, in a window of a
// few dozen bytes, does the regular expression itself run. Each of these
// steps can only let through too much, never too little, so that what gitleaks
// finds is found. Nothing is compiled before it is needed.
package leaks

//go:generate go run generate.go generate_endings.go

import "sync"

// MaxDepth is how many times an encoded value is decoded again.
const MaxDepth = 5

// A Finding is a secret in a text. Offsets are in bytes.
type Finding struct {
	// Rule is the id of the rule.
	Rule string
	// Start and End bound the secret; MatchStart and MatchEnd all that the rule
	// matched. For an encoded secret they bound what encodes it.
	Start, End           int
	MatchStart, MatchEnd int

	secret, match string // decoded, as gitleaks reports them
	ours          bool   // gitleaks has no such rule
}

// A Span is text[Start:End].
type Span struct{ Start, End int }

// Also looks for something else in each text that [Find] looks at: the text
// itself and what is left after each decoding. Its findings are in that text.
// Fresh is what was decoded last, in order, and nil in the text itself: a finding
// that no byte of it belongs to was made before, and may be left out.
type Also func(text string, fresh []Span) []Finding

// Find returns all findings in text, in no particular order; also may be nil.
// Text must be shorter than 2 GiB. The time taken is bounded by a multiple of
// the length of the text, whatever the text. Find is safe for concurrent use.
func Find(text string, also Also) []Finding { return FindWithin(Unlimited(), text, also) }

// FindWithin is Find as long as there is work left. When it has ended, not all may
// have been found.
func FindWithin(w *Work, text string, also Also) []Finding {
	var found []Finding
	var steps trail
	for depth := 0; ; depth++ {
		current := len(found)
		if !idle(text) {
			found = loaded().scan(w, text, steps.last(), nil, found)
		}
		if also != nil && !w.Ended() {
			found = append(found, named(text, also(text, steps.fresh()))...)
		}
		for i := current; i < len(found); i++ {
			steps.toOriginal(&found[i])
		}
		if depth == MaxDepth || !w.Spend(len(text)) {
			return found
		}
		decoded, segments := decode(text)
		if len(segments) == 0 {
			return found
		}
		text = decoded
		steps = append(steps, segments)
	}
}

// loaded prepares the default rules once, when the first text comes that one may find
// something in.
var loaded = sync.OnceValue(func() *engine {
	defer ready.Store(true)
	return newEngine(builtIn())
})

// IDs returns the ids of all rules that are always there.
func IDs() []string {
	ids := make([]string, 0, len(table)+len(ownTable))
	for i := range table {
		ids = append(ids, table[i].id)
	}
	for i := range ownTable {
		ids = append(ids, ownTable[i].id)
	}
	return ids
}

// Entropy returns the Shannon entropy of s, in bits a character.
func Entropy(s string) float64 { return entropy(s) }
