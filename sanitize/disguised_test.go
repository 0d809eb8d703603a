package sanitize_test

import (
	"testing"

	"aegis/internal/corpus"
)

// seen are the disguises through which secrets of specific rules are found; in
// those marked true, what looks random beside a word like "key" is found, too.
var seen = map[string]bool{
	"base64, in lines of 76":                   true,
	"base64, in lines of 76, in a diff":        false,
	`\xXX`:                                     true,
	"octal":                                    true,
	"HTML entities, decimal":                   true,
	"HTML entities, hex":                       true,
	"quoted-printable, every character":        true,
	"quoted-printable, soft line break within": true,
	"full-width forms":                         true,
	"split across two added lines of a diff":   false,
	"split across lines by a backslash":        false,
	"split by Markdown emphasis":               false,
	"split by an HTML tag":                     false,
	"split by an HTML comment":                 false,
	`split by concatenation, "a" + "b"`:        false,
	`split by concatenation, 'a' . 'b'`:        false,
	`split by concatenation over lines`:        false,
}

// It does not run beside others: gitleaks has one logger for all, and two
// packages silence it.
func TestDisguisesAreSeenThrough(t *testing.T) {
	stock, err := corpus.NewStock()
	if err != nil {
		t.Fatal(err)
	}
	var samples []corpus.Sample
	for _, id := range corpus.Representative() {
		r, ok := stock.Rule(id)
		if !ok {
			t.Fatalf("there is no rule %s", id)
		}
		samples = append(samples, stock.Samples(r, 1, 2)...)
	}
	counts, err := corpus.MeasureDisguises(stock, samples)
	if err != nil {
		t.Fatal(err)
	}
	met := 0
	for _, c := range counts {
		generic, is := seen[c.Disguise.Name]
		if !is {
			continue
		}
		met++
		for _, m := range c.Misses {
			if generic || m.Rule != "generic-api-key" {
				t.Errorf("%s, %s, %s: %s\n in  %q\n out %q", m.Rule, m.Context, m.Via, m.Why, m.In, m.Out)
			}
		}
	}
	if met != len(seen) {
		t.Errorf("%d of %d disguises are there", met, len(seen))
	}
}
