package corpus

import "testing"

func TestI3_PromisedDisguisesAreSeenThrough(t *testing.T) {
	t.Parallel()
	s := stock(t)
	var samples []Sample
	for _, id := range Representative() {
		r, ok := s.Rule(id)
		if !ok {
			t.Errorf("there is no rule %s", id)
			continue
		}
		samples = append(samples, s.Samples(r, 1, 2)...)
	}
	counts, err := MeasureDisguises(s, samples)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range counts {
		t.Logf("%-60s promised %q: gitleaks %d, ours %d of %d, own %d of %d", c.Disguise.Name, c.Disguise.Promised, c.Stock, c.Hidden, c.Rules, c.OwnHidden, c.Own)
		for _, m := range c.Misses {
			if c.Disguise.Covers(m) {
				t.Errorf("%s, %s, %s: %s\n in  %q\n out %q", m.Rule, m.Context, m.Via, m.Why, m.In, m.Out)
			}
		}
	}
}
