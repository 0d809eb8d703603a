package policy

import (
	"fmt"
	"strings"
	"testing"

	"aegis/internal/canon"

	"github.com/goccy/go-yaml"
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
	naive.sections.exact, naive.sections.patterns = nil, p.sections.all
	run("naive", &naive)
	run("ours", p)
	run("narrowed", p.NarrowedBy(large(b)))
}

// Loading is held against what a YAML library needs to read the same text into maps.
func BenchmarkLoad(b *testing.B) {
	source := []byte(largeSource())
	b.Run("library", func(b *testing.B) {
		for b.Loop() {
			var all map[string]any
			if err := yaml.Unmarshal(source, &all); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := Parse("policy.yaml", source); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// Checking is loading, and all that aegis policy check tells.
func BenchmarkCheck(b *testing.B) {
	source := []byte(largeSource())
	for b.Loop() {
		p, _, err := Parse("policy.yaml", source)
		if err != nil || len(Describe(p))+len(Cautions(p)) == 0 {
			b.Fatal(err)
		}
	}
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
	naive.sections.exact, naive.sections.patterns = nil, p.sections.all
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
