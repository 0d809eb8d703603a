package corpus

import "testing"

func TestI3_KindsThatGitleaksFindsAreCut(t *testing.T) {
	t.Parallel()
	for _, c := range MeasureKinds(stock(t), scrubber(t), 10, 1) {
		if c.Cuts < c.Stock {
			t.Errorf("%s: gitleaks finds %d of %d, %d are cut", c.Kind.Name, c.Stock, c.Texts, c.Cuts)
		}
		t.Logf("%s: gitleaks finds %d of %d, %d are cut", c.Kind.Name, c.Stock, c.Texts, c.Cuts)
	}
}
