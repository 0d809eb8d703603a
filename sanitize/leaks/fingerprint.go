package leaks

import (
	"crypto/sha256"
	"encoding/hex"
)

// FingerprintDigits is how many hex digits a fingerprint ends in.
const FingerprintDigits = 16

// Fingerprint is what a finding can be named by without its secret: "RULE@HEX".
// HEX is the first 8 bytes of the SHA-256 of the rule's id, a zero byte and the
// secret, decoded if it was encoded: a value has one fingerprint, wherever it
// stands and however it is written. Whoever can guess a secret can confirm the
// guess with its fingerprint. A finding without a secret, of a rule that matched
// around nothing, has none: it would be that of all of them.
//
// With a colon or an equals sign between its parts a fingerprint would itself be
// what rules look for: the name of a key, and a value.
func (f Finding) Fingerprint() string {
	if f.secret == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(f.Rule + "\x00" + f.secret))
	return f.Rule + "@" + hex.EncodeToString(sum[:FingerprintDigits/2])
}

// named gives findings that something else made, in text, the secret that they
// are known by.
func named(text string, found []Finding) []Finding {
	for i := range found {
		if f := &found[i]; f.secret == "" && 0 <= f.Start && f.Start <= f.End && f.End <= len(text) {
			f.secret = text[f.Start:f.End]
		}
	}
	return found
}
