package main

import (
	"fmt"
	"maps"
	"slices"

	"aegis/internal/corpus"
)

// groups prints, by kind of secret, what is cut of texts as people write them.
func (r *reporter) groups() error {
	const seeds = 25
	counts := corpus.MeasureGroups(r.stock, r.scrubber, seeds)
	cases := 0
	for _, c := range counts {
		cases += len(c.Group.Cases)
	}
	r.printf("\n### Recall by group\n\n%d cases, %d texts of each.\n\n", cases, seeds)
	r.head("group", "cases", "texts", "gitleaks finds", "redacted", "promised")
	for _, c := range counts {
		r.row(c.Group.Name, len(c.Group.Cases), c.Texts, percent(c.Stock, c.Texts), percent(c.Cuts, c.Texts), fmt.Sprintf("%.0f %%", 100*c.Group.Promised))
	}
	r.printf("\n")
	for _, c := range counts {
		for _, name := range slices.Sorted(maps.Keys(c.Missed)) {
			r.printf("- %s, %s: %d of %d missed\n", c.Group.Name, name, c.Missed[name], seeds)
			if r.misses > 100 {
				r.printf("  - in: `%.300q`\n  - out: `%.300q`\n", c.Sample[name][0], c.Sample[name][1])
			}
		}
	}
	return nil
}
