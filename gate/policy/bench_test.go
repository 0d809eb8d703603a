package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"aegis/internal/canon"
)

// large is a policy of 10,000 sections of which 100 are patterns.
func large(t testing.TB) *Policy {
	var b strings.Builder
	b.WriteString("version: 1\npaths: {deny: [\"**/.env*\", \"**/*.pem\", \"secrets/**\"]}\nrepositories:\n")
	for i := range 9_900 {
		fmt.Fprintf(&b, "  \"owner%d/repository%d\": {paths: {deny: [\"private/**\"]}}\n", i%50, i)
	}
	for i := range 100 {
		fmt.Fprintf(&b, "  \"owner%d/hr-%d-*\": {read: deny}\n", i%50, i)
	}
	return parse(t, b.String())
}

func BenchmarkDecide(b *testing.B) {
	p := large(b)
	queries := []Query{
		ask("get_file_contents", "owner7/repository57", "src/main.go"),
		ask("get_file_contents", "owner7/hr-57-x", "src/main.go"),
		ask("get_file_contents", "elsewhere/entirely", "a/b/c/d/e.go"),
	}
	b.Run("naive", func(b *testing.B) {
		n := *p
		n.sections.exact, n.sections.patterns = nil, p.sections.all
		for i := 0; b.Loop(); i++ {
			n.Decide(queries[i%len(queries)])
		}
	})
	b.Run("ours", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			p.Decide(queries[i%len(queries)])
		}
	})
}

func BenchmarkPath(b *testing.B) {
	p := large(b)
	scope, at := p.In(repository("owner7/repository57")), path("src/internal/thing/main.go")
	for b.Loop() {
		scope.Path(at)
	}
}

// The bound is 20 microseconds; the test's is wide, for a machine in use.
func TestDecisionsAreFast(t *testing.T) {
	t.Parallel()
	p := large(t)
	naive := *p
	naive.sections.exact, naive.sections.patterns = nil, p.sections.all
	q := ask("get_file_contents", "owner7/hr-57-x", "src/main.go")
	if a, b := p.Decide(q), naive.Decide(q); a != b || a.Allow {
		t.Fatalf("%+v, %+v", a, b)
	}
	best := time.Hour
	for range 20 {
		start := time.Now()
		for range 50 {
			p.Decide(q)
		}
		best = min(best, time.Since(start)/50)
	}
	if best > 200*time.Microsecond {
		t.Errorf("a decision takes %s", best)
	}
	if got := p.In(canon.Repo{}); len(got.sections) != 1 {
		t.Errorf("%d sections apply to no repository", len(got.sections))
	}
}
