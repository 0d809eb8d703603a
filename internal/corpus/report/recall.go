package main

import (
	"bufio"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"aegis/internal/corpus"
	"aegis/sanitize"
)

type reporter struct {
	out      *bufio.Writer
	stock    *corpus.Stock
	scrubber *sanitize.Scrubber
	root     string
	n        int
	seed     uint64
	misses   int
}

func (r *reporter) printf(format string, args ...any) { fmt.Fprintf(r.out, format, args...) }

// row prints a line of a table.
func (r *reporter) row(cells ...any) {
	for _, c := range cells {
		r.printf("| %s ", strings.ReplaceAll(fmt.Sprint(c), "|", `\|`))
	}
	r.printf("|\n")
}

func (r *reporter) head(names ...any) {
	r.row(names...)
	r.printf("|%s\n", strings.Repeat("---|", len(names)))
}

func (r *reporter) samples(ids func(corpus.Rule) bool) (samples []corpus.Sample, without []string) {
	for _, rule := range r.stock.Rules() {
		if !ids(rule) {
			continue
		}
		made := r.stock.Samples(rule, r.n, r.seed)
		if len(made) < r.n {
			without = append(without, fmt.Sprintf("%s (%d)", rule.ID, len(made)))
		}
		samples = append(samples, made...)
	}
	return samples, without
}

const (
	haystack    = 100 << 10
	perHaystack = 10
)

// recall prints what is cut of secrets in texts of every kind.
func (r *reporter) recall() error {
	files, err := corpus.Ordinary()
	if err != nil {
		return err
	}
	var code strings.Builder
	for _, f := range files {
		if f.Kind == "Go" {
			code.WriteString(f.Text)
		}
	}
	samples, without := r.samples(func(corpus.Rule) bool { return true })
	haystacks := corpus.Haystacks(samples, code.String(), haystack, perHaystack, r.seed)
	recall := corpus.MeasureRecall(r.stock, r.scrubber, samples, corpus.Contexts(), haystacks)

	r.printf("### Recall by context\n\n%d samples of %d rules.", len(samples), len(recall.Rules))
	if len(without) > 0 {
		r.printf(" Fewer than %d of: %s.", r.n, strings.Join(without, ", "))
	}
	r.printf("\n\n")
	r.head("context", "texts", "gitleaks finds", "of those redacted", "recall", "redacted, though gitleaks finds nothing", "missed by both")
	for _, context := range append(recall.Contexts, "") {
		c := recall.Of("", context)
		r.row(cmp.Or(context, "**all**"), c.Texts, c.Stock, c.Caught, percent(c.Caught, c.Stock), c.Beyond, c.Texts-c.Stock-c.Beyond)
	}

	r.printf("\n### Recall by rule\n\n")
	r.head("rule", "texts", "gitleaks finds", "of those redacted", "recall")
	full := 0
	for _, rule := range recall.Rules {
		c := recall.Of(rule, "")
		if c.Caught == c.Stock {
			full++
		}
		r.row(rule, c.Texts, c.Stock, c.Caught, percent(c.Caught, c.Stock))
	}
	r.printf("\nRecall is 100 %% for %d of %d rules.\n", full, len(recall.Rules))
	r.list(recall.Misses)
	return nil
}

// list prints misses: how many there are of a kind, and some with their texts.
func (r *reporter) list(misses []corpus.Miss) {
	if len(misses) == 0 {
		r.printf("\nNo misses.\n")
		return
	}
	slices.SortStableFunc(misses, func(a, b corpus.Miss) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Why, b.Why), cmp.Compare(len(a.In), len(b.In)), cmp.Compare(a.In, b.In), cmp.Compare(a.Via, b.Via))
	})
	r.printf("\nMisses: %d\n\n", len(misses))
	shown := 0
	for i, m := range misses {
		if i > 0 && misses[i-1].Rule == m.Rule && misses[i-1].Why == m.Why {
			continue // one of a kind
		}
		if shown++; shown > r.misses {
			r.printf("- and more\n")
			return
		}
		same := 0
		for _, other := range misses {
			if other.Rule == m.Rule && other.Why == m.Why {
				same++
			}
		}
		r.printf("- %s: %s; %d times, such as in %s, %s\n", cmp.Or(m.Rule, "own credential"), m.Why, same, m.Context, m.Via)
		if len(m.In) <= 2000 {
			r.printf("  - in: `%q`\n  - out: `%.400q`\n", m.In, m.Out)
		}
	}
}

func percent(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}
