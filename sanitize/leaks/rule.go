package leaks

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
)

// A definition is a rule as gitleaks' configuration has it.
type definition struct {
	id, pattern string
	// wide is the pattern with the ending that we know, "" if it needs no other.
	wide string
	// group is the capture that is the secret; 0: the first that is not empty.
	group int
	// entropy is what a secret's Shannon entropy, in bits a character, must exceed.
	entropy float64
	// keywords, in lower case: one must be somewhere in the text.
	keywords []string
	allow    []allowance
	// metered: nobody has seen that the pattern takes time in proportion to any
	// text, so that it is held to that.
	metered bool
	// ours: what it finds is no finding of gitleaks'.
	ours bool
	// outline is the pattern's, nil if it is to be found out.
	outline *outline
}

// An allowance is what makes a finding none.
type allowance struct {
	all       bool // all conditions must hold, not one
	elsewhere bool // one condition is a path or commit: there is none here
	target    string
	patterns  []string // for the target: "" the secret, "match", "line"
	words     []string // in the secret, ignoring case
}

// A rule is a definition, and what is made of it when a text first wants the rule.
type rule struct {
	definition
	shape    outline
	made     func() *compiled
	searcher searcher // of a metered rule
	// twin is a rule with the same places that differs in its ending, nil if there
	// is none. Gate is an automaton of both cores: nearly all places are left after
	// a look at them.
	twin *rule
	gate func() *automaton
}

// compiled is what a rule finds and judges by, each part made when first needed.
type compiled struct {
	regexp func() *regexp.Regexp
	// core is the regular expression of the core alone, anchored; only for rules
	// that are direct and have a lead.
	core func() *regexp.Regexp
	// automaton is the core's; ordered if the rule is direct. It is nil if the
	// expression can't have one.
	automaton func() *automaton
	gap       func() *gap // the core's, nil if it has none; only for rules that are direct
	first     func() *[256]bool
	anywhere  func(text string) bool // whether there is a match
	allowed   []func(candidate) bool
}

func newRule(d definition) *rule {
	if d.outline == nil {
		d.outline = &must(d).outline
	}
	r := &rule{definition: d, shape: *d.outline}
	r.made = sync.OnceValue(r.compile)
	if d.metered {
		r.searcher = newSearcher(d.pattern)
	}
	return r
}

func (r *rule) compile() *compiled {
	d, s := r.definition, r.shape
	whole := sync.OnceValue(func() shape { return *must(d) })
	c := &compiled{
		regexp: sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(d.pattern) }),
		automaton: sync.OnceValue(func() *automaton {
			if s.lead >= unbounded {
				return nil
			}
			a, err := newAutomaton(whole().core, s.direct)
			if err != nil {
				return nil
			}
			return a
		}),
		gap: sync.OnceValue(func() *gap {
			if !s.direct || s.most > 0 {
				return nil
			}
			return newGap(whole().core)
		}),
		anywhere: matcher(d.pattern),
	}
	if s.direct && s.lead > 0 {
		c.core = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("^(?:" + whole().captures.String() + ")") })
	}
	c.first = sync.OnceValue(func() *[256]bool { return c.automaton().firstBytes() })
	for n, a := range d.allow {
		if test := a.compiled(n); test != nil {
			c.allowed = append(c.allowed, test)
		}
	}
	return c
}

// must returns the shape of a definition, whose pattern was parsed before.
func must(d definition) *shape {
	s, err := analyse(d.pattern)
	if err != nil {
		panic("rule " + d.id + ": " + err.Error())
	}
	return &s
}

// A candidate is a match to be judged.
type candidate struct {
	secret, match string
	line          *lineCache
}

// A lineCache is the line of a candidate, and, by allowance, what was found out
// about it: of many candidates in one long line each would look at all of it
// again.
type lineCache struct {
	text    string
	place   Span // what line was found for
	line    Span
	single  bool // it is one line, not several
	allowed map[int]bool
}

// compiled returns a test for the allowance, the n-th of its rule; nil if it
// can never be true.
func (a allowance) compiled(n int) func(candidate) bool {
	if a.all && a.elsewhere || len(a.patterns)+len(a.words) == 0 {
		return nil
	}
	pattern := matcher("(?:" + strings.Join(a.patterns, "|") + ")")
	words := sync.OnceValue(func() *dictionary { return newDictionary(a.words) })
	byPattern := func(c candidate) bool {
		switch a.target {
		case "match":
			return c.match != "" && pattern(c.match)
		case "line":
			allowed, known := c.line.allowed[n]
			if !known {
				allowed = pattern(c.line.value())
				if c.line.allowed == nil {
					c.line.allowed = make(map[int]bool)
				}
				c.line.allowed[n] = allowed
			}
			return allowed
		}
		return c.secret != "" && pattern(c.secret)
	}
	byWord := func(c candidate) bool { return words().in(strings.ToLower(c.secret)) }
	return func(c candidate) bool {
		if a.all {
			return (len(a.patterns) == 0 || byPattern(c)) && (len(a.words) == 0 || byWord(c))
		}
		return len(a.words) > 0 && byWord(c) || len(a.patterns) > 0 && byPattern(c)
	}
}

// judge returns where in a match the secret is, and whether it is one.
func (r *rule) judge(match string, line *lineCache) (secret Span, is bool) {
	secret = Span{0, len(match)}
	if groups := r.groups(match); len(groups) > 2 {
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
	for _, allowed := range r.made().allowed {
		if allowed(candidate{secret: value, match: match, line: line}) {
			return secret, false
		}
	}
	return secret, true
}

// groups is FindStringSubmatchIndex of the whole expression, but for the begin
// of the match itself.
func (r *rule) groups(match string) []int {
	made := r.made()
	if made.core == nil || made.automaton() == nil {
		return made.regexp().FindStringSubmatchIndex(match)
	}
	// The lead is as short as can be: it ends where first a core begins.
	first, a, budget := made.first(), made.automaton(), newBudget(match)
	for at := range match {
		if !first[match[at]] {
			continue
		}
		end, ok := a.matchAt(match, at, budget)
		if !ok {
			break
		}
		if end < 0 {
			continue
		}
		groups := made.core().FindStringSubmatchIndex(match[at:])
		for i := range groups {
			if groups[i] >= 0 {
				groups[i] += at
			}
		}
		return groups
	}
	return made.regexp().FindStringSubmatchIndex(match)
}

// matcher returns MatchString of a pattern, compiled when first called.
func matcher(pattern string) func(string) bool {
	slow := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
	fast := sync.OnceValue(func() *automaton {
		re, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			return nil
		}
		a, err := search(re)
		if err != nil {
			return nil
		}
		return a
	})
	return func(text string) bool {
		if a := fast(); a != nil {
			if found, ok := a.contains(text, newBudget(text)); ok {
				return found
			}
		}
		return slow().MatchString(text)
	}
}
