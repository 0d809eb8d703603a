package corpus

import (
	"strings"
	"testing"

	"aegis/sanitize"
)

func scrubber(tb testing.TB, secrets ...string) *sanitize.Scrubber {
	tb.Helper()
	s, err := sanitize.New(sanitize.Config{Secrets: secrets})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func samples(tb testing.TB, s *Stock, n int) []Sample {
	tb.Helper()
	var all []Sample
	for _, r := range s.Rules() {
		all = append(all, s.Samples(r, n, 1)...)
	}
	return all
}

func TestI3_EveryRulesSecretsAreCutInEveryContext(t *testing.T) {
	t.Parallel()
	s := stock(t)
	n, contexts := 2, Contexts()
	if testing.Short() {
		n, contexts = 1, contexts[:5]
	}
	recall := MeasureRecall(s, scrubber(t), samples(t, s, n), contexts, nil)
	for _, m := range recall.Misses {
		t.Errorf("%s, %s, %s: %s\n in  %q\n out %q", m.Rule, m.Context, m.Via, m.Why, m.In, m.Out)
	}
	for _, c := range recall.Contexts {
		count := recall.Of("", c)
		if count.Stock*10 < count.Texts*4 {
			t.Errorf("%s: gitleaks finds %d of %d: the context says little", c, count.Stock, count.Texts)
		}
	}
}

// What passes everything must miss everything, or the measure is none.
func TestATextThatIsNotScrubbedIsAMiss(t *testing.T) {
	t.Parallel()
	s := stock(t)
	for _, sample := range samples(t, s, 1) {
		if judge(s, sample, sample.Text, sample.Text) == "" {
			t.Errorf("%s: nothing is wrong with %q", sample.Rule.ID, sample.Text)
		}
		half := sample.Secret[:len(sample.Secret)/2+1]
		if len(sample.Secret) >= 2*minSecret && judge(s, sample, "[redacted] "+half, half) == "" {
			t.Errorf("%s: nothing is wrong with half of %q", sample.Rule.ID, sample.Secret)
		}
	}
}

func TestShows(t *testing.T) {
	t.Parallel()
	const secret = "abcdefghijklmnopqrst"
	for text, want := range map[string]bool{
		"":                              false,
		secret:                          true,
		"x" + secret[:11] + "y":         true,
		"x" + secret[9:] + "y":          true,
		secret[:10] + secret[:10]:       false,
		secret[:10] + "." + secret[10:]: false,
	} {
		if got := Shows(text, secret); got != want {
			t.Errorf("%q shows %t, want %t", text, got, want)
		}
	}
	if !Shows("an abcd1234 here", "abcd1234") || Shows("an abcd123 here", "abcd1234") {
		t.Error("a short secret must be there whole")
	}
}

func TestI3_SecretsAreCutInTheMidstOfCode(t *testing.T) {
	t.Parallel()
	s := stock(t)
	files, err := filesBelow("aegis", "../../audit")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, f := range files {
		if f.Kind == "Go" {
			code.WriteString(f.Text)
		}
	}
	var some []Sample
	for i, sample := range samples(t, s, 1) {
		if !testing.Short() || i%8 == 0 {
			some = append(some, sample)
		}
	}
	sc := scrubber(t)
	haystacks := Haystacks(some, code.String(), 10<<10, 10, 1)
	parallel(len(haystacks), func(i int) {
		counts, misses := measureHaystack(s, sc, haystacks[i], "code")
		for _, m := range misses {
			t.Errorf("%s: %s\n secret %q\n out %q", m.Rule, m.Why, m.Secret, m.Out)
		}
		found := 0
		for _, c := range counts {
			found += c.Stock
		}
		if found*2 < len(counts) {
			t.Errorf("gitleaks finds %d of %d: the text says little", found, len(counts))
		}
	})
}
