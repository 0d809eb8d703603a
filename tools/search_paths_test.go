package tools_test

import (
	"slices"
	"testing"

	"aegis/internal/gatetest"
)

// A rule of the operator's about files of some paths holds in a search, too,
// also where another path has the same content.
func TestI3_RulesAboutPathsHoldInSearches(t *testing.T) {
	t.Parallel()
	f := newCodeForge(t, map[string]string{
		"door.conf": "pin = 123456 needle\n", "other.txt": "pin = 123456 needle\n", "keys.p12": "a needle in a store\n",
	})
	d := gatetest.Open(t, gatetest.Config{URL: f.URL, Rules: `
[[rules]]
id = "pin"
regex = '''pin\s*=\s*(\d{6})'''
path = '''(^|/)door\.conf$'''
[[rules]]
id = "keystore"
path = '''\.p12$'''
`})
	want := []string{"door.conf:1 pin = [redacted:pin] needle", "other.txt:1 pin = 123456 needle"}
	for range 2 { // read, and kept
		if got := found(t, d.Ask("search_code", inApp+`"needle"}`)); !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
	}
	if got := found(t, d.Ask("search_code", inApp+`"123456","path":"door.conf"}`)); len(got) != 0 {
		t.Errorf("%q", got)
	}
}
