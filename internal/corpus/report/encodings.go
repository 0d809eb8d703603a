package main

import (
	"slices"

	"aegis/internal/corpus"
)

// encodings prints what is cut of secrets that are written in other ways.
func (r *reporter) encodings() error {
	representative := corpus.Representative()
	samples, _ := r.samples(func(rule corpus.Rule) bool { return slices.Contains(representative, rule.ID) })
	counts, err := corpus.MeasureDisguises(r.stock, samples)
	if err != nil {
		return err
	}
	r.printf("\n### Recall by encoding\n\n%d samples of %d rules, and an own credential.\n\n", len(samples), len(representative))
	r.head("written as", "gitleaks finds", "redacted, of rules", "redacted, own", "promised")
	var broken []corpus.Miss
	for _, c := range counts {
		own := "yes"
		if c.OwnHidden < c.Own {
			own = "**no**"
		}
		r.row(c.Disguise.Name, percent(c.Stock, c.Rules), percent(c.Hidden, c.Rules), own, c.Disguise.Promised)
		for _, m := range c.Misses {
			if c.Disguise.Covers(m) {
				broken = append(broken, m)
			}
		}
	}
	r.printf("\nOf what is promised:\n")
	r.list(broken)
	return nil
}
