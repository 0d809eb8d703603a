package leaks

import (
	"math"
	"unicode/utf8"
)

// inexact bounds the error of a value's entropy. The sum's last bits depend on
// the order in which it is taken, and gitleaks takes it in no certain order;
// where the sum can be a round number like a rule's limit, every term is exact.
func inexact(value string) float64 {
	if n := len(value); n&(n-1) == 0 {
		return 0
	}
	return 1e-9
}

// entropy returns the Shannon entropy of s, in bits a character.
func entropy(s string) float64 {
	if s == "" {
		return 0
	}
	var ascii [utf8.RuneSelf]int
	var others map[rune]int
	for _, r := range s {
		if r < utf8.RuneSelf {
			ascii[r]++
			continue
		}
		if others == nil {
			others = make(map[rune]int)
		}
		others[r]++
	}
	sum, scale := 0.0, 1/float64(len(s))
	// Most characters occur once, twice or three times.
	var terms [16]float64
	add := func(n int) {
		if n < len(terms) && terms[n] != 0 {
			sum -= terms[n]
			return
		}
		term := float64(n) * scale * math.Log2(float64(n)*scale)
		if sum -= term; n < len(terms) {
			terms[n] = term
		}
	}
	for _, n := range ascii {
		if n > 0 {
			add(n)
		}
	}
	for _, n := range others {
		add(n)
	}
	return sum
}
