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
		t.Logf("%-60s promise %d: gitleaks %d, ours %d of %d, own %d of %d", c.Disguise.Name, c.Disguise.Promised, c.Stock, c.Hidden, c.Rules, c.OwnHidden, c.Own)
		for _, m := range c.Misses {
			promised := c.Disguise.Promised
			switch {
			case m.Rule == "" && promised&Own != 0, m.Rule != "" && promised&Rules != 0, m.Stock && promised&AsStock != 0:
				t.Errorf("%s, %s, %s: %s\n in  %q\n out %q", m.Rule, m.Context, m.Via, m.Why, m.In, m.Out)
			}
		}
	}
}
