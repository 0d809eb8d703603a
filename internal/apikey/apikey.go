// Package apikey is what a key of Aegis looks like.
//
// A key is "aegis_", 33 random characters of base62 (196 bits) and six more that are
// the CRC-32 of these. So one that was cut, doubled or mistyped is known for none
// before anything is looked up, and one in a text is known for a secret. A key has so
// many random bits that its SHA-256 says nothing of it, and needs no salt.
package apikey

import (
	"crypto/rand"
	"crypto/sha256"
	"hash/crc32"
	"strings"
)

const (
	// Prefix is how every key begins.
	Prefix = "aegis_"
	// Secret is how many characters follow that nobody can guess.
	Secret = 33
	// Length is a key's length in bytes.
	Length = len(Prefix) + Secret + checksum

	checksum = 6
)

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Digit reports whether b is one of the 62 characters of a key behind its prefix.
func Digit(b byte) bool {
	return '0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z'
}

// New returns a key that nobody has.
func New() string {
	secret := make([]byte, 0, Secret)
	var random [2 * Secret]byte
	for len(secret) < Secret {
		_, _ = rand.Read(random[:]) // it never fails
		for _, b := range random {
			const fair = 256 / len(digits) * len(digits)
			if int(b) < fair && len(secret) < Secret {
				secret = append(secret, digits[int(b)%len(digits)])
			}
		}
	}
	return Prefix + string(secret) + sum(string(secret))
}

// WellFormed reports whether text is a key by its looks: all of it, in this case of
// letters. It takes the same time for all texts that have a key's length.
func WellFormed(text string) bool {
	if len(text) != Length || !strings.HasPrefix(text, Prefix) {
		return false
	}
	good := true
	for i := len(Prefix); i < Length; i++ {
		good = good && Digit(text[i])
	}
	return good && sum(text[len(Prefix):Length-checksum]) == text[Length-checksum:]
}

// Hash is what is kept of a key.
func Hash(key string) [sha256.Size]byte { return sha256.Sum256([]byte(key)) }

// sum is the checksum of a secret.
func sum(secret string) string {
	var text [checksum]byte
	n := crc32.ChecksumIEEE([]byte(secret))
	for i := range text {
		text[checksum-1-i] = digits[n%uint32(len(digits))]
		n /= uint32(len(digits))
	}
	return string(text[:])
}
