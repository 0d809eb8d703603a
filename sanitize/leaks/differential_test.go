package leaks

import (
	"math/rand/v2"
	"strings"
	"testing"

	"aegis/internal/race"
	"aegis/sanitize/internal/stock"
)

// sample returns a text with an instance of the rule in it, plain or encoded.
func sample(r *rand.Rand, d *definition) string {
	return stock.Between(r) + d.keywords[r.IntN(len(d.keywords))] + stock.Between(r) + stock.Between(r) +
		stock.Encoded(r, stock.Instance(r, d.pattern)) + stock.Between(r) + stock.Between(r)
}

// Forty samples of each rule; under the race detector, where gitleaks takes most of the
// time, sixteen, or more until gitleaks finds one of them.
func TestFindsWhatGitleaksFinds(t *testing.T) {
	t.Parallel()
	detector := stock.New(t)
	const most = 40
	rounds := most
	switch {
	case testing.Short():
		rounds = 6
	case race.On:
		rounds = 16
	}
	found := make(map[string]int)
	for i := range table {
		d := &table[i]
		for round := 0; round < rounds || round < most && found[d.id] == 0 && !testing.Short(); round++ {
			r := rand.New(rand.NewPCG(uint64(i), uint64(round)))
			text := sample(r, d)
			if r.IntN(3) == 0 { // two close together, of one rule or of two
				text += sample(r, &table[(i+r.IntN(3))%len(table)])
			}
			theirs, ours := detector.DetectString(text), Find(text, nil)
			if missed := missing(theirs, ours); len(missed) > 0 {
				t.Errorf("%s, round %d: in %q missed %q", d.id, round, text, missed)
			}
			if invented := invented(theirs, ours); len(invented) > 0 {
				t.Errorf("%s, round %d: in %q invented %q", d.id, round, text, invented)
			}
			for _, f := range theirs {
				found[f.RuleID]++
			}
		}
	}
	for i := range table {
		if found[table[i].id] == 0 && !testing.Short() {
			t.Errorf("no sample of %s was one: the test says nothing about it", table[i].id)
		}
	}
}

func FuzzAgainstStock(f *testing.F) {
	for i := range table {
		for round := range 3 {
			f.Add(sample(rand.New(rand.NewPCG(uint64(i), uint64(round))), &table[i]))
		}
	}
	f.Add(strings.Repeat("key=", 100))
	f.Add("curl " + strings.Repeat("-u ", 50) + "\"a:bcdefgh\"")
	f.Add("import { token } from 'abc123def456ghi7'\n" + "key: \u212aey token=abc123def456ghi7")
	detector := stock.New(f)
	f.Fuzz(func(t *testing.T, text string) {
		theirs, ours := detector.DetectString(text), Find(text, nil)
		if missed := missing(theirs, ours); len(missed) > 0 {
			t.Errorf("missed %q", missed)
		}
		if invented := invented(theirs, ours); len(invented) > 0 {
			t.Errorf("invented %q", invented)
		}
	})
}
