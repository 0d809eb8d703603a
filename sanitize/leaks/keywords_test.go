package leaks

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// However a text is divided, each word is found where it is.
func TestEachFindsEveryWord(t *testing.T) {
	t.Parallel()
	words := []string{"key", "ey", "token", "api-key", "a-longer-word"}
	d := newDictionary(words)
	pieces := append([]string{"ke", "tok", "a-longer-wor", "é", "\u212a", "\x00", " ", "KEY", "Api-"}, words...)
	for round := range 2000 {
		r := rand.New(rand.NewPCG(5, uint64(round)))
		var b strings.Builder
		for range r.IntN(80) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		text := b.String()
		lower := strings.Map(func(r rune) rune {
			if 'A' <= r && r <= 'Z' {
				return r + 'a' - 'A'
			}
			return r
		}, text)
		want := make(map[hit]bool)
		for n, w := range words {
			for at := range len(text) {
				if strings.HasPrefix(lower[at:], w) {
					want[hit{uint16(n), int32(at)}] = true
				}
			}
		}
		var found [lanes][]hit
		d.each(text, &found)
		end := 0
		for _, hits := range found {
			for _, h := range hits {
				if !want[h] {
					t.Fatalf("in %q: %+v is not there, or was found twice", text, h)
				}
				delete(want, h)
				if ends := int(h.at) + len(words[h.word]); ends < end {
					t.Fatalf("in %q: %+v is out of order", text, h)
				} else {
					end = ends
				}
			}
		}
		if len(want) > 0 {
			t.Fatalf("in %q: %v were not found", text, want)
		}
	}
}
