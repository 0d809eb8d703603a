package policy

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// What an explanation tells is what decided: the refusals and nothing else deny, an allow
// that is told to be overruled is overruled by one of them, and what is told to have
// allowed a call is not.
func TestRulesThatTakePartAreThoseThatDecide(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(15, 2))
	overruled := 0
	for range rounds() {
		source := newDraft(r).yaml(r)
		p := parseDraft(t, source)
		known := make(map[Source]bool)
		for _, rule := range Rules(p) {
			known[rule.Source] = true
		}
		for range 20 {
			q := newQuery(r)
			e := p.Explain(q)
			if d := p.Decide(q); d != e.Decision {
				t.Fatalf("%+v is explained as %+v", d, e.Decision)
			}
			var denies []Source
			for _, i := range e.Rules {
				switch {
				case i.Effect == Denies && i.OverruledBy.IsZero():
					denies = append(denies, i.Rule)
				case !i.OverruledBy.IsZero():
					overruled++
					if i.Effect == Allows && !slices.ContainsFunc(e.Against, func(d Decision) bool { return d.Rule == i.OverruledBy }) {
						t.Fatalf("%+v is overruled by what does not refuse\n%s", i, source)
					}
				}
				if i.Rule.Line > 0 && !known[i.Rule] && !strings.HasPrefix(i.Rule.Key, "tools.allow") && !strings.HasSuffix(i.Rule.Key, ".allow") {
					t.Fatalf("%+v is no rule of\n%s", i, source)
				}
			}
			for _, d := range e.Against {
				if !slices.Contains(denies, d.Rule) {
					t.Fatalf("%+v refuses %+v, and is not told\n%s", d, q, source)
				}
			}
			if len(denies) > 0 == e.Decision.Allow || len(e.Rules) == 0 {
				t.Fatalf("%+v: %+v\n%s", q, e, source)
			}
			if !e.Decision.Allow && e.Rules[0].Rule != e.Decision.Rule {
				t.Fatalf("%+v did not decide %+v\n%s", e.Rules[0], q, source)
			}
			if len(e.Changes) == 0 && e.Decision.Rule.Key != "tools" {
				t.Fatalf("nothing would change %+v\n%s", e, source)
			}
		}
	}
	if overruled < rounds() {
		t.Errorf("the property is hollow: %d were overruled", overruled)
	}
}

// What is told to change a decision does.
func TestChangesOfADecisionChangeIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ source, changed, tells string }{
		{"paths: {deny: [\"secrets/**\"]}\n", "paths: {deny: []}\n", `take "secrets/**" out of policy.yaml:2 paths.deny`},
		{"paths: {allow: [\"docs/**\"]}\n", "paths: {allow: [\"docs/**\", \"secrets/**\"]}\n", "add a pattern that matches to policy.yaml:2 paths.allow"},
		{"tools: {deny: [\"@code\"]}\n", "tools: {deny: []}\n", "take get_file_contents out of policy.yaml:2 tools.deny"},
		{"tools: {allow: [get_me]}\n", "tools: {allow: [get_me, get_file_contents]}\n", "add get_file_contents to policy.yaml:2 tools.allow"},
		{"defaults: {read: deny}\n", "defaults: {read: deny}\nrepositories: {a/b: {read: allow}}\n", "add read: allow to a section for a/b"},
		{"repositories: {a/b: {read: deny}}\n", "repositories: {a/b: {}}\n", "take out read: deny (policy.yaml:2 read)"},
	} {
		q := ask("get_file_contents", "a/b", "secrets/x")
		before, after := parse(t, "version: 1\n"+c.source).Explain(q), parse(t, "version: 1\n"+c.changed).Explain(q)
		if before.Decision.Allow || !after.Decision.Allow || !slices.Equal(before.Changes, []string{c.tells}) {
			t.Errorf("%s: %+v, %+v", c.source, before.Changes, after.Decision)
		}
	}
	write := row{query: ask("commit_files", "a/b", ".gitea/workflows/x.yml")}.on("main", IsDefault).query
	e := parse(t, "version: 1\nrepositories: {a/b: {write: allow}}\n").Explain(write)
	if len(e.Changes) != 2 || !strings.Contains(e.Changes[0], "branches.allow") || !strings.Contains(e.Changes[1], "write_paths.allow") {
		t.Errorf("%q", e.Changes)
	}
}
