package leaks

import (
	"math"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// A definition is a rule as gitleaks' configuration has it.
type definition struct {
	id, pattern string
	// group is the capture that is the secret; 0: the first that is not empty.
	group int
	// entropy is what a secret's Shannon entropy, in bits a character, must exceed.
	entropy float64
	// keywords, in lower case: one must be somewhere in the text.
	keywords []string
	allow    []allowance
}

// An allowance is what makes a finding none.
type allowance struct {
	all       bool // all conditions must hold, not one
	elsewhere bool // one condition is a path or commit: there is none here
	target    string
	patterns  []string // for the target: "" the secret, "match", "line"
	words     []string // in the secret, ignoring case
}

// A rule is a definition with what is compiled of it when first needed.
type rule struct {
	definition
	shape  shape
	regexp func() *regexp.Regexp
	// automaton is nil if the expression can't have one.
	automaton func() *automaton
	first     func() *[256]bool
	allowed   []func(secret, match, line string) bool
}

func newRule(d definition, s shape) *rule {
	r := &rule{
		definition: d,
		shape:      s,
		regexp:     sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(d.pattern) }),
		automaton: sync.OnceValue(func() *automaton {
			if s.lead >= unbounded {
				return nil
			}
			a, err := newAutomaton(s.core)
			if err != nil {
				return nil
			}
			return a
		}),
	}
	r.first = sync.OnceValue(func() *[256]bool { return r.automaton().firstBytes() })
	for _, a := range d.allow {
		if test := a.compiled(); test != nil {
			r.allowed = append(r.allowed, test)
		}
	}
	return r
}

// compiled returns a test for the allowance, nil if it can never be true.
func (a allowance) compiled() func(secret, match, line string) bool {
	if a.all && a.elsewhere || len(a.patterns)+len(a.words) == 0 {
		return nil
	}
	pattern := sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile("(?:" + strings.Join(a.patterns, "|") + ")")
	})
	words := sync.OnceValue(func() *dictionary { return newDictionary(a.words) })
	return func(secret, match, line string) bool {
		target := secret
		switch a.target {
		case "match":
			target = match
		case "line":
			target = line
		}
		byPattern := len(a.patterns) > 0 && target != "" && pattern().MatchString(target)
		byWord := len(a.words) > 0 && words().in(strings.ToLower(secret))
		if a.all {
			return (len(a.patterns) == 0 || byPattern) && (len(a.words) == 0 || byWord)
		}
		return byPattern || byWord
	}
}

// judge returns where in match the secret is, and whether it is one. The line
// function returns the line of the match.
func (r *rule) judge(match string, line func() string) (secret Span, is bool) {
	secret = Span{0, len(match)}
	if groups := r.regexp().FindStringSubmatchIndex(match); len(groups) > 2 {
		if r.group > 0 {
			secret = Span{max(0, groups[2*r.group]), max(0, groups[2*r.group+1])}
		} else {
			for i := 2; i < len(groups); i += 2 {
				if groups[i+1] > groups[i] {
					secret = Span{groups[i], groups[i+1]}
					break
				}
			}
		}
	}
	value := match[secret.Start:secret.End]
	if r.entropy != 0 && entropy(value) <= r.entropy-inexact(value) {
		return secret, false
	}
	for _, allowed := range r.allowed {
		if allowed(value, match, line()) {
			return secret, false
		}
	}
	return secret, true
}

// inexact bounds the error of a value's entropy. The sum's last bits depend on
// the order in which it is taken, and gitleaks takes it in no certain order;
// where the sum can be a round number like a rule's limit, every term is exact.
func inexact(value string) float64 {
	if n := len(value); n&(n-1) == 0 {
		return 0
	}
	return 1e-9
}

// entropy returns the Shannon entropy of s, in bits a character.
func entropy(s string) float64 {
	if s == "" {
		return 0
	}
	var ascii [utf8.RuneSelf]int
	var others map[rune]int
	for _, r := range s {
		if r < utf8.RuneSelf {
			ascii[r]++
			continue
		}
		if others == nil {
			others = make(map[rune]int)
		}
		others[r]++
	}
	sum, scale := 0.0, 1/float64(len(s))
	for _, n := range ascii {
		if n > 0 {
			sum -= float64(n) * scale * math.Log2(float64(n)*scale)
		}
	}
	for _, n := range others {
		sum -= float64(n) * scale * math.Log2(float64(n)*scale)
	}
	return sum
}
