package policy

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"aegis/internal/canon"
)

// What is allowed and denied wherever it holds keeps a policy from loading, with the line
// of the allow; what is denied in part does not.
func TestOverruledRulesDoNotLoad(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		source string // after the version
		line   int    // of the rule without effect, 0 if the policy loads
	}{
		"read under a denied pattern":     {"repositories:\n  acme/*: {read: deny}\n  acme/x: {read: allow}\n", 4},
		"write where reading is denied":   {"repositories:\n  acme/*: {read: deny}\n  acme/x:\n    write: allow\n", 5},
		"write and read: deny in one":     {"repositories:\n  acme/x:\n    read: deny\n    write: allow\n", 5},
		"write where nothing allows read": {"defaults: {read: deny}\nrepositories:\n  acme/x: {write: allow}\n", 4},
		"automation where none reads":     {"defaults: {read: deny}\nrepositories:\n  acme/x: {automation: allow}\n  other/*: {read: allow}\n", 4},
		"write under a denied one":        {"repositories:\n  \"*/*\": {write: deny}\n  acme/x: {write: allow}\n", 4},
		"in a list":                       {"repositories:\n  acme/{a,b,c*}: {read: deny}\n  acme/{a,cx}: {read: allow}\n", 4},
		"for the same people":             {"repositories:\n  acme/x:\n    - {principals: [\"ci-*\"], write: deny}\n    - {principals: [ci-1], write: allow}\n", 5},
		"a pattern of the same":           {"repositories:\n  acme/a*: {read: deny}\n  acme/ab*c: {read: allow}\n", 4},

		"part of a list":                   {"repositories:\n  acme/{a,b}: {read: deny}\n  acme/{a,x}: {read: allow}\n", 0},
		"a wider pattern":                  {"repositories:\n  acme/x: {read: deny}\n  acme/*: {read: allow}\n", 0},
		"other people":                     {"repositories:\n  acme/x:\n    - {principals: [ci-1], write: deny}\n    - {principals: [\"ci-*\"], write: allow}\n", 0},
		"some people of all":               {"repositories:\n  acme/x:\n    - {principals: [ci], read: deny}\n    - {write: allow}\n", 0},
		"read by another section":          {"defaults: {read: deny}\nrepositories:\n  acme/x: {write: allow}\n  acme/*: {read: allow}\n", 0},
		"read by a section that may":       {"defaults: {read: deny}\nrepositories:\n  a*/x: {write: allow}\n  \"*z/*\": {read: allow}\n", 0},
		"another capability":               {"repositories:\n  acme/*: {automation: deny}\n  acme/x: {write: allow}\n", 0},
		"an allowed path":                  {"paths: {deny: [\"secrets/**\"]}\nrepositories:\n  acme/x: {paths: {allow: [\"secrets/public/**\"]}}\n", 4},
		"a path in a denied folder":        {"paths: {deny: [secrets/x]}\nrepositories:\n  acme/x: {paths: {allow: [\"docs/**\", \"Secrets/x/y.md\"]}}\n", 4},
		"by the built-in rule":             {"paths: {allow: [\"**\", \"**/.env\"]}\n", 2},
		"by the built-in rule, if on":      {"builtin_paths: off\npaths: {allow: [\"**\", \"**/.env\"], deny: [\"**/*.pem\"]}\n", 0},
		"each alternative of a path":       {"paths: {allow: [\"{a,b}/x\"], deny: [\"a/**\", \"b/**\"]}\n", 2},
		"one alternative of two":           {"paths: {allow: [\"{a,b}/x\"], deny: [\"a/**\"]}\n", 0},
		"part of a path":                   {"paths: {allow: [\"src/**\"], deny: [\"src/secrets/**\"]}\n", 0},
		"below any folder":                 {"paths: {allow: [\"a/**/x.pem\"], deny: [\"**/*.pem\"]}\n", 2},
		"a written path":                   {"paths: {deny: [\"secrets/**\"]}\nrepositories:\n  acme/x:\n    write: allow\n    write_paths: {allow: [\"docs/**\", \"secrets/*\"]}\n", 6},
		"a written path by its own":        {"repositories:\n  acme/x:\n    write: allow\n    write_paths: {allow: [\"docs/a\"], deny: [docs]}\n", 5},
		"a branch":                         {"repositories:\n  acme/x:\n    branches: {allow: [\"agent/x\", main], deny: [\"Agent/*\"]}\n", 4},
		"a branch is no folder":            {"repositories:\n  acme/x:\n    branches: {allow: [\"agent/x\"], deny: [agent]}\n", 0},
		"a tool":                           {"tools: {allow: [get_me, get_issue], deny: [get_me]}\n", 2},
		"a tool in a section":              {"tools: {deny: [\"@wiki\"]}\nrepositories:\n  acme/x:\n    tools: {allow: [get_issue, get_wiki_page]}\n", 5},
		"a whole group":                    {"tools: {deny: [\"@read\"]}\nrepositories:\n  acme/x:\n    tools: {allow: [\"@issues\", list_issues]}\n", 5},
		"part of a group":                  {"tools: {allow: [\"@issues\"], deny: [create_issue]}\n", 0},
		"a tool that another list lacks":   {"tools: {allow: [get_me]}\nrepositories:\n  acme/x:\n    tools: {allow: [get_issue]}\n", 5},
		"a group that another list lacks":  {"repositories:\n  acme/*: {tools: {allow: [\"@code\"]}}\n  acme/x: {tools: {allow: [list_commits, \"@wiki\"]}}\n", 4},
		"part of a group is in another":    {"tools: {allow: [get_issue, get_me]}\nrepositories:\n  acme/x:\n    tools: {allow: [\"@issues\"]}\n", 0},
		"a path that another list lacks":   {"paths: {allow: [\"docs/**\"]}\nrepositories:\n  acme/x: {paths: {allow: [\"src/**\"]}}\n", 4},
		"a path in other letters":          {"paths: {allow: [\"Docs/**\"]}\nrepositories:\n  acme/x: {paths: {allow: [\"docs/**\"]}}\n", 4},
		"a list that allows nothing":       {"paths: {allow: []}\nrepositories:\n  acme/x: {paths: {allow: [\"**\"]}}\n", 4},
		"a path that another one meets":    {"paths: {allow: [\"docs/**\", \"**/*.md\"]}\nrepositories:\n  acme/x: {paths: {allow: [\"src/**\"]}}\n", 0},
		"written but not shown":            {"repositories:\n  acme/x:\n    write: allow\n    paths: {allow: [\"src/**\"]}\n    write_paths: {allow: [\"docs/*\"]}\n", 6},
		"written and shown":                {"repositories:\n  acme/x:\n    write: allow\n    paths: {allow: [\"src/**\"]}\n    write_paths: {allow: [\"src/*.go\"]}\n", 0},
		"a branch that another list lacks": {"repositories:\n  acme/*: {branches: {allow: [\"agent/**\"]}}\n  acme/x: {branches: {allow: [\"ci/*\"]}}\n", 4},
		"lists of other people":            {"repositories:\n  acme/x:\n    - {principals: [a], paths: {allow: [a]}}\n    - {principals: [b], paths: {allow: [b]}}\n", 0},
		"lists of other repositories":      {"repositories:\n  acme/x: {paths: {allow: [a]}}\n  acme/y: {paths: {allow: [b]}}\n", 0},
		"writing without its tools":        {"tools: {deny: [\"@write\"]}\nrepositories:\n  acme/x: {write: allow}\n", 4},
		"writing with reading's tools":     {"repositories:\n  acme/x:\n    tools: {allow: [\"@read\"]}\n    write: allow\n", 5},
		"writing with one tool":            {"tools: {deny: [\"@pulls\", \"@wiki\"]}\nrepositories:\n  acme/x: {write: allow, tools: {allow: [\"@read\", create_label]}}\n", 0},
		"an id applies by its name only":   {"repositories:\n  acme/old: {id: 4, read: deny}\n  acme/new: {id: 4, read: allow}\n", 0},
	} {
		_, _, err := Parse("policy.yaml", []byte("version: 1\n"+c.source))
		var problem *Problem
		switch {
		case c.line == 0 && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.line > 0 && (!errors.As(err, &problem) || problem.Line != c.line || !strings.Contains(problem.Message, "has no effect")):
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A rule that is told to have no effect has none: without it all is decided as with it.
func TestOverruledRulesDecideNothing(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(15, 1))
	found := 0
	for range rounds() {
		d := newDraft(r)
		source := d.yaml(r)
		if _, _, err := Parse("policy.yaml", []byte(source)); err == nil {
			continue
		}
		less := d.withoutOneAllow(r)
		if less == nil {
			continue
		}
		removed := less.yaml(r)
		if len(told(t, source)) <= len(told(t, removed)) {
			continue // it was another allow, which had an effect
		}
		found++
		with, without := parseDraft(t, source), parseDraft(t, removed)
		for range 60 {
			q := newQuery(r)
			if a, b := with.Decide(q), without.Decide(q); a.Allow && !b.Allow {
				t.Fatalf("%+v is decided by a rule without effect\n%s\n---\n%s", q, source, removed)
			}
		}
	}
	if found < rounds()/40 {
		t.Errorf("only %d rules were found to have no effect", found)
	}
}

// told are the rules without effect that a policy does not load for.
func told(t *testing.T, source string) (all []string) {
	t.Helper()
	_, _, err := Parse("policy.yaml", []byte(source))
	var invalid *InvalidError
	if err != nil && !errors.As(err, &invalid) {
		t.Fatal(err)
	}
	if invalid != nil {
		for _, problem := range invalid.Problems {
			all = append(all, problem.Message)
		}
	}
	return all
}

// withoutOneAllow is the draft without one thing that it allows, in a list that keeps
// others; nil if it allows nothing so.
func (d draft) withoutOneAllow(r *rand.Rand) *draft {
	less := d
	less.sections = slices.Clone(d.sections)
	for _, i := range r.Perm(len(less.sections)) {
		p := less.sections[i]
		p.opinions, p.lists = cloned(p.opinions), cloned(p.lists)
		less.sections[i] = p
		for _, c := range []string{"read", "write", "automation"} {
			if p.opinions[c] == "allow" {
				delete(p.opinions, c)
				return &less
			}
		}
		for _, key := range []string{"paths.allow", "write_paths.allow", "branches.allow", "tools.allow"} {
			if n := len(p.lists[key]); n > 1 {
				i := r.IntN(n)
				p.lists[key] = slices.Delete(slices.Clone(p.lists[key]), i, i+1)
				return &less
			}
		}
	}
	return nil
}

func cloned[V any](from map[string]V) map[string]V {
	to := make(map[string]V, len(from))
	for key, value := range from {
		to[key] = value
	}
	return to
}

// A glob that is proved to cover another one matches what the other matches.
func TestCoveringGlobsMatchMore(t *testing.T) {
	t.Parallel()
	globs := append(slices.Clone(draftGlobs), "a*", "*b", "a*b", "a*b*", "A/**", "a/*", "**/x.md", "x.*", "{a,d}/x.md", "**/b/**", "a/**/b", "docs", "**/c")
	paths := append(slices.Clone(draftPaths), "ab", "axb", "a/x/b", "docs", "docs/x", "c", "a/b/c/x.md", "x.mdx", "aXb", "A/b")
	proved := 0
	for _, one := range globs {
		for _, other := range globs {
			g, h := globOf(t, one), globOf(t, other)
			for _, below := range []bool{false, true} {
				if !g.covers(h, below) {
					continue
				}
				proved++
				for _, at := range paths {
					fit := g.fit(at, true)
					if h.fit(at, false).whole && !fit.whole && !(below && fit.within) {
						t.Errorf("%s covers %s, and does not match %s", one, other, at)
					}
				}
			}
		}
		if g := globOf(t, one); !g.covers(g, true) && !strings.Contains(one, "[") && !strings.Contains(one, "?") && strings.Count(one, "*") < 2 {
			t.Errorf("%s does not cover itself", one)
		}
	}
	if proved < 100 {
		t.Errorf("only %d were proved", proved)
	}
}

func globOf(t testing.TB, pattern string) glob {
	t.Helper()
	g, err := compilePath(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// FuzzRepositoryCovers: of two patterns of which one covers the other, each repository
// that the other matches is matched by the first; and what both match they are said to.
func FuzzRepositoryCovers(f *testing.F) {
	f.Add("acme/*", "acme/a*", "acme/ab")
	f.Add("*/a*c", "x/ab*bc", "x/abbc")
	f.Add("a*/x", "*b/x", "ab/x")
	f.Add("{a,b}/c", "a/{c,d}", "a/c")
	f.Fuzz(func(t *testing.T, one, other, name string) {
		p, err1 := parseRepoPattern(one)
		q, err2 := parseRepoPattern(other)
		repo, err3 := canon.ParseFullName(name)
		if errors.Join(err1, err2, err3) != nil {
			return
		}
		a, b := p.match(repo.Owner(), repo.Name()), q.match(repo.Owner(), repo.Name())
		if p.covers(q) && b && !a {
			t.Fatalf("%s covers %s and does not match %s", one, other, name)
		}
		if a && b && !p.meets(q) {
			t.Fatalf("%s and %s both match %s", one, other, name)
		}
	})
}

// FuzzCovers is TestCoveringGlobsMatchMore for any globs and paths.
func FuzzCovers(f *testing.F) {
	f.Add("**/*.pem", "a/**/x.pem", "a/b/x.pem")
	f.Add("a*b", "ab*b", "abb")
	f.Add("secrets", "Secrets/x", "secrets/x")
	f.Add("[a-c]/**", "b/*", "b/x")
	f.Fuzz(func(t *testing.T, one, other, at string) {
		g, err1 := compilePath(one)
		h, err2 := compilePath(other)
		if _, err3 := canon.ParsePath(at); errors.Join(err1, err2, err3) != nil || !h.fit(at, false).whole {
			return
		}
		if fit := g.fit(at, true); g.covers(h, false) && !fit.whole || g.covers(h, true) && !fit.within {
			t.Fatalf("%q covers %q, and does not match %q", one, other, at)
		}
	})
}
