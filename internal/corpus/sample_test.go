package corpus

import (
	"testing"
)

func stock(tb testing.TB) *Stock {
	tb.Helper()
	s, err := NewStock()
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func TestEveryRuleHasSamples(t *testing.T) {
	t.Parallel()
	s := stock(t)
	if n := len(s.Rules()); n != 222 {
		t.Errorf("%d rules, want 222", n)
	}
	for _, r := range s.Rules() {
		want := 3
		if r.Pattern == "" { // judges a file by its name, and Aegis shows names
			want = 0
		}
		samples := s.Samples(r, 3, 1)
		if len(samples) != want {
			t.Errorf("%s: %d samples, want %d", r.ID, len(samples), want)
		}
		for i, other := range s.Samples(r, 3, 1) {
			if other.Text != samples[i].Text {
				t.Errorf("%s: the same seed made another sample", r.ID)
			}
		}
	}
}

func TestFragmentsOfSecretsAreToldFromSecrets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		match, capture string
		want           bool
	}{
		{"key = 'abcdefghijklmnopqrstuvwxyz'", "abcdefghijklmnopqrstuvwxyz", false},
		{"a_rather_long_name-of.a_setting = 'abcdefgh'", "abcdefgh", false},
		{"https://host/abcd-0123456789abcdefghij", "abcd-", true},
		{"ab0123456789abcdefghij", "ab", true},
		{"https://user:password@enterprise1contribsys2com", "user:password", false},
	} {
		if got := fragment(c.match, c.capture); got != c.want {
			t.Errorf("%q of %q: a fragment %t, want %t", c.capture, c.match, got, c.want)
		}
	}
}
