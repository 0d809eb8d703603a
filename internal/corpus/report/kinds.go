package main

import "aegis/internal/corpus"

// kinds prints what is cut of secrets that are of no provider.
func (r *reporter) kinds() error {
	const n = 100
	r.printf("\n### Secrets of no provider\n\n%d of each kind.\n\n", n)
	r.head("kind", "gitleaks finds", "redacted")
	for _, c := range corpus.MeasureKinds(r.stock, r.scrubber, n, r.seed) {
		r.row(c.Kind.Name, percent(c.Stock, c.Texts), percent(c.Cuts, c.Texts))
	}
	return nil
}
