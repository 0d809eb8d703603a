package leaks

import (
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"aegis/sanitize/internal/stock"
)

// What is found across a gap is what package regexp finds.
func TestGapIsRegexp(t *testing.T) {
	t.Parallel()
	patterns := []string{`(?i)\bab\b[^\n]{0,100}?\s-u (\w{2,}|')`, `ab[^\n]{0,100}?(?:-|$)`, `a[nr]\B[^\n]{0,120}?\b(x+|xy)`}
	for _, d := range ownTable {
		if strings.HasPrefix(d.id, "curl-") {
			patterns = append(patterns, d.pattern, d.wide)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, pattern := range patterns {
		rule := newRule(definition{pattern: pattern})
		if rule.made().gap() == nil {
			t.Fatalf("%s: has no gap", pattern)
		}
		core, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		heads := []string{"ab", " ab ", "an1", ` curl `, `\ncurl `}
		between := []string{" ", "\n", "-", "x", "\u00e9", "\xff", "abc", strings.Repeat("b", 40), strings.Repeat("\u00e9 ", 60), " -u ab", " -u 'a:b", `'`, `"`, "$"}
		matched := 0
		for range 80 {
			var b strings.Builder
			for range r.IntN(12) {
				switch n := r.IntN(10); {
				case n < 4:
					b.WriteString(heads[r.IntN(len(heads))])
				case n < 9:
					b.WriteString(between[r.IntN(len(between))])
				default:
					b.WriteString(stock.Instance(r, core.String()))
				}
			}
			text := b.String()
			starts := make([]int32, len(text))
			for i := range starts {
				starts[i] = int32(i)
			}
			got, ok := rule.made().gap().spanned(Unlimited(), text, starts, newBudget(text))
			if want := rule.all(text); !ok || !slices.Equal(got, want) {
				t.Fatalf("%s in %q: %v, %t, want %v", pattern, text, got, ok, want)
			}
			matched += len(got)
		}
		if matched < 5 {
			t.Errorf("%s: matched %d times only", pattern, matched)
		}
	}
}
