package leaks

import (
	"math/rand/v2"
	"regexp"
	"testing"

	"aegis/sanitize/internal/stock"
)

var samplePatterns = []string{
	`^(?:\\*["'])?[ \t]*[:=,][ \t]*(?:\\*["'\x60])?`, `(?i)pass|key|123`, `^a{1,3}?b?`, `^(?:a|ab)(?:c|bcd)`, `[,;][\w.-]+=$`, `^(?:x|\b|$)y*`, `(?i)^[^k]+s`, "é|b$",
}

// A pattern finds what package regexp finds.
func TestPatternIsRegexp(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for _, expression := range samplePatterns {
		p, re, anchored := NewPattern(expression), regexp.MustCompile(expression), regexp.MustCompile(`\A(?:`+expression+`)`)
		for range 300 {
			text := stock.Between(r) + stock.Instance(r, expression) + stock.Between(r)
			text = text[r.IntN(len(text)+1):]
			if got, want := p.In(text), re.MatchString(text); got != want {
				t.Errorf("%q in %q: %t, want %t", expression, text, got, want)
			}
			want := -1
			if m := anchored.FindStringIndex(text); m != nil {
				want = m[1]
			}
			if got := p.Prefix(text); got != want {
				t.Errorf("%q begins %q: %d, want %d", expression, text, got, want)
			}
		}
	}
}

func FuzzPattern(f *testing.F) {
	for i := range samplePatterns {
		f.Add(i, "abc, \"key\": Paſsword=\n")
	}
	var patterns []*Pattern
	var expressions []*regexp.Regexp
	for _, expression := range samplePatterns {
		patterns, expressions = append(patterns, NewPattern(expression)), append(expressions, regexp.MustCompile(expression))
	}
	f.Fuzz(func(t *testing.T, i int, text string) {
		if i < 0 || i >= len(patterns) {
			return
		}
		if got, want := patterns[i].In(text), expressions[i].MatchString(text); got != want {
			t.Errorf("%q in %q: %t, want %t", samplePatterns[i], text, got, want)
		}
	})
}
