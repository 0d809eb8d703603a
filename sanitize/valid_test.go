package sanitize

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// A secret that is split by what shows nothing in some encoding is a secret, in a text
// whose encoding nobody tells.
func TestI3_NoEncodingHidesASecret(t *testing.T) {
	t.Parallel()
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	const key = "AKIAQ3EGRWMZ7PLX5TVB"
	halves := func(by string) string { return key[:9] + by + key[9:] }
	wide := func(text string, big bool) string {
		var b strings.Builder
		for _, c := range []byte(text) {
			if big {
				b.Write([]byte{0, c})
			} else {
				b.Write([]byte{c, 0})
			}
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"a soft hyphen of Latin-1": "+key = " + halves("\xad") + " gr\xfc\xdfe\n",
		"a soft hyphen of UTF-8":   "+key = " + halves("\xc2\xad") + " gr\xfc\xdfe\n",
		"UTF-16, as a diff has it": "+" + wide("key = "+key+"\n", false) + "\x00",
		"UTF-16, the other way":    "+" + wide("key = "+key+"\n", true),
		"UTF-16 after much else":   strings.Repeat("\x4e\x2d", 5000) + wide("key = "+key+"\n", false),
		"a mark in the midst":      "+key = " + halves("\ufeff") + "\n",
		"plain, beside odd bytes":  "+\xff\xfe\xe4 key = " + key + " \x81\n",
	} {
		clean, report := s.Text(text, TextOptions{})
		if bare := strings.ReplaceAll(clean, "\x00", ""); strings.Contains(bare, key) || strings.Contains(bare, key[9:]) || len(report.Redactions) == 0 || !utf8.ValidString(clean) {
			t.Errorf("%s: %q", name, clean)
		}
	}
	if clean, _ := s.Text("gr\xfc\xdfe \x80\xff ä\n", TextOptions{}); clean != "gr\ufffde \ufffd ä\n" {
		t.Errorf("%q", clean)
	}
}
