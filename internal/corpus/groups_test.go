package corpus

import (
	"math/rand/v2"
	"testing"
)

func TestI3_EachGroupIsCutAsPromised(t *testing.T) {
	t.Parallel()
	seeds := 25
	if testing.Short() {
		seeds = 5
	}
	for _, c := range MeasureGroups(nil, scrubber(t), seeds) {
		t.Logf("%s: %d of %d are cut", c.Group.Name, c.Cuts, c.Texts)
		if float64(c.Cuts) < c.Group.Promised*float64(c.Texts) {
			t.Errorf("%s: %d of %d are cut; promised are %.0f %%", c.Group.Name, c.Cuts, c.Texts, 100*c.Group.Promised)
			for name, n := range c.Missed {
				t.Logf("  %s: %d of %d are missed, such as %q", name, n, seeds, c.Sample[name])
			}
		}
	}
}

// A measure that finds everything in everything would be none.
func TestGroupsHoldTheirSecrets(t *testing.T) {
	t.Parallel()
	cases := 0
	for _, g := range Groups() {
		cases += len(g.Cases)
		for _, c := range g.Cases {
			text, secret := c.make(rand.New(rand.NewPCG(1, 2)))
			if len(secret) < minSecret || !Shows(text, secret) {
				t.Errorf("%s, %s: %q does not hold %q", g.Name, c.Name, text, secret)
			}
		}
	}
	if cases < 400 {
		t.Errorf("only %d cases", cases)
	}
}
