package apikey

import (
	"strings"
	"testing"
)

func TestWhatAKeyLooksLike(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	var used [256]int
	for range 2000 {
		key := New()
		if !WellFormed(key) || len(key) != Length || seen[key] {
			t.Fatal(key)
		}
		seen[key] = true
		for _, b := range []byte(key[len(Prefix) : len(Prefix)+Secret]) {
			used[b]++
		}
	}
	for _, digit := range []byte(digits) {
		if n := used[digit]; n < 800 || n > 1350 { // 1065 on average
			t.Errorf("%c comes %d times", digit, n)
		}
	}
	// This one is made for good: what keys look like does not change.
	const key = "aegis_0123456789ABCDEFGHIJKLMNOPQRSTUVW" + "3ffP4c"
	if got := Prefix + key[len(Prefix):Length-checksum] + sum(key[len(Prefix):Length-checksum]); got != key || !WellFormed(key) {
		t.Errorf("the checksum of it is %s", got)
	}
}

func TestWhatIsNoKey(t *testing.T) {
	t.Parallel()
	key := New()
	turned := "a"
	if key[10] == 'a' {
		turned = "b"
	}
	for name, text := range map[string]string{
		"nothing":        "",
		"truncated":      key[:Length-1],
		"half":           key[:Length/2],
		"without prefix": key[len(Prefix):],
		"doubled":        key + key,
		"longer":         key + "a",
		"upper case":     strings.ToUpper(key),
		"lower case":     strings.ToLower(key),
		"another prefix": "Aegis_" + key[len(Prefix):],
		"mistyped":       key[:10] + turned + key[11:],
		"wrong checksum": key[:Length-checksum] + "000000",
		"a space":        " " + key[1:],
		"a line break":   key[:Length-1] + "\n",
		"fullwidth":      strings.Replace(key, "a", "\uff41", 1),
		"Arabic digits":  key[:Length-2] + "\u0661",
		"NUL":            key[:Length-1] + "\x00",
		"huge":           strings.Repeat(key, 100_000),
		"a line before":  "\n" + key,
	} {
		if WellFormed(text) {
			t.Errorf("%s is well-formed", name)
		}
	}
}

// FuzzWellFormed: what is well-formed is so in one way, and no neighbour of it is.
func FuzzWellFormed(f *testing.F) {
	f.Add(New(), byte('x'), 7)
	f.Add("aegis_", byte(0), 0)
	f.Fuzz(func(t *testing.T, text string, b byte, at int) {
		if !WellFormed(text) {
			return
		}
		if len(text) != Length || strings.Trim(text[len(Prefix):], digits) != "" {
			t.Fatal(text)
		}
		other := []byte(text)
		if at = (at%Length + Length) % Length; other[at] == b {
			return
		}
		if other[at] = b; WellFormed(string(other)) {
			t.Fatalf("%s and %s", text, other)
		}
	})
}
