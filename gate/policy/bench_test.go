package policy

import (
	"fmt"
	"strings"
	"testing"

	"aegis/internal/canon"
)

// largeSource is a policy of 10,000 sections of which 100 are patterns.
func largeSource() string {
	var b strings.Builder
	b.WriteString("version: 1\npaths: {deny: [\"**/.env*\", \"**/*.pem\", \"secrets/**\"]}\nrepositories:\n")
	for i := range 9_900 {
		fmt.Fprintf(&b, "  \"owner%d/repository%d\": {paths: {deny: [\"private/**\"]}}\n", i%50, i)
	}
	for i := range 100 {
		fmt.Fprintf(&b, "  \"owner%d/hr-%d-*\": {read: deny}\n", i%50, i)
	}
	return b.String()
}

func large(t testing.TB) *Policy { return parse(t, largeSource()) }

func BenchmarkDecide(b *testing.B) {
	p := large(b)
	queries := []Case{
		ask("get_file_contents", "owner7/repository57", "src/main.go"),
		ask("get_file_contents", "owner7/hr-57-x", "src/main.go"),
		ask("get_file_contents", "elsewhere/entirely", "a/b/c/d/e.go"),
	}
	run := func(name string, p *Policy) {
		b.Run(name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				p.Decide(queries[i%len(queries)])
			}
		})
	}
	naive := *p
	naive.sections.exact, naive.sections.owners, naive.sections.anyOwner = nil, nil, p.sections.all
	run("naive", &naive)
	run("ours", p)
}

func BenchmarkPath(b *testing.B) {
	p := large(b)
	scope, at := p.In(repository("owner7/repository57")), path("src/internal/thing/main.go")
	for b.Loop() {
		scope.Path(at)
	}
}

// Sections are looked up by name; a decision is what going through all of them
// would have decided.
func TestLookedUpSectionsDecideLikeAll(t *testing.T) {
	t.Parallel()
	p := large(t)
	naive := *p
	naive.sections.exact, naive.sections.owners, naive.sections.anyOwner = nil, nil, p.sections.all
	for _, c := range []struct {
		repo, path string
		allow      bool
	}{
		{"owner7/repository57", "src/main.go", true},
		{"owner7/repository57", "private/main.go", false},
		{"owner8/repository57", "private/main.go", true},
		{"owner7/hr-57-x", "src/main.go", false},
		{"owner7/hr-56-x", "src/main.go", true},
		{"elsewhere/entirely", "src/main.go", true},
		{"elsewhere/entirely", "secrets/main.go", false},
	} {
		q := ask("get_file_contents", c.repo, c.path)
		if a, b := p.Decide(q), naive.Decide(q); a != b || a.Allow != c.allow {
			t.Errorf("%s of %s: %+v, going through all %+v", c.path, c.repo, a, b)
		}
	}
	if got := p.In(canon.Repo{}); len(got.sections) != 2 { // the global and the built-in one
		t.Errorf("%d sections apply to no repository", len(got.sections))
	}
}
