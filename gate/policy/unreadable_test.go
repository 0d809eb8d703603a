package policy

import (
	"testing"
	"unicode/utf8"

	"aegis/internal/canon"
)

// FuzzMayMatch: what a rule denies it denies under every spelling that a file's name may be
// listed by: with U+FFFD for bytes that are no UTF-8, and in normal form C.
func FuzzMayMatch(f *testing.F) {
	for _, seed := range []struct{ pattern, path string }{
		{"**/geheim-ä*", "docs/geheim-ä.txt"}, {"secrets/**", "secrets/é"}, {"**/*.pem", "ü.pem"}, {"[à-ü]?", "éx"}, {"caf[!e]", "café"},
		{"**/GEHEIM-ü*", "a/geheim-ü"}, {"日本/*", "日本/語"}, {"*ä*ö*", "xäyöz"}, {"k", "\u212a"},
	} {
		f.Add(seed.pattern, seed.path, uint(0xff))
	}
	f.Fuzz(func(t *testing.T, pattern, text string, lost uint) {
		g, err := compilePath(pattern)
		if err != nil {
			return
		}
		path, err := canon.ParsePath(text)
		if err != nil {
			return
		}
		// The name as who wrote it in another encoding has it: some of its characters
		// are a byte that is no UTF-8.
		var name []byte
		for i, r := range []rune(path.String()) {
			if r >= utf8.RuneSelf && lost>>(i%32)&1 == 1 {
				name = append(name, 0xff)
			} else {
				name = utf8.AppendRune(name, r)
			}
		}
		listed, _, ok := canon.ListedPath(string(name))
		if !ok {
			return
		}
		meant, shown := g.fit(path.String(), true), g.fit(listed.String(), true)
		if meant.whole && !shown.whole || meant.within && !shown.within {
			t.Errorf("%q denies %q, and not %q, which may be it", pattern, path, listed)
		}
	})
}
