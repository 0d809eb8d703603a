package sanitize

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// ownCredential is the rule that values of [Config.Secrets] are redacted by.
const ownCredential = "own-credential"

// credentials finds given values in a text, however they are written. Each
// value becomes needles: itself, reversed, in base64 at each of three
// alignments, in hex. They are looked for in the text as it is, and in what it
// says once escapes are resolved (%41, \u0041, \x41, &#65;) and white space,
// backslashes and invisible characters are read over. Case is ignored throughout.
type credentials struct {
	filter   [1 << hashBits]bool // by the hashes of the keys
	needles  map[uint64][]needle // by the key of the first keyLength bytes
	shortest int                 // the length of the shortest needle; 0: there is none
	longest  int
	reads    [256]byteRead // what a byte does to the key
}

// A needle is in lower case. Bits of base64 that the value shares with what
// stands beside it are in the character before or after.
type needle struct {
	text          string
	before, after int // characters on either side that belong to it
}

const keyLength = MinSecret

// A byteRead is how a byte is read that may be part of a needle.
type byteRead struct {
	look  bool  // it has to be looked at more closely
	lower uint8 // what it adds to a key
	bits  uint8 // the room that takes: 8, or 0 where it says nothing
}

// plainReads are how bytes are read when no key holds one that is read over or
// looked into.
var plainReads = func() (reads [256]byteRead) {
	for b := range reads {
		switch unitKind[b] {
		case unitPlain:
			reads[b] = byteRead{lower: lowerByte(byte(b)), bits: 8}
		case unitOther:
			reads[b].look = true
		}
	}
	return reads
}()

func newCredentials(secrets []string) (*credentials, error) {
	c := &credentials{needles: make(map[uint64][]needle), reads: plainReads}
	for i, secret := range secrets {
		if len(secret) < MinSecret {
			return nil, fmt.Errorf("secret %d of %d to redact is %d bytes long, less than %d", i+1, len(secrets), len(secret), MinSecret)
		}
		c.add(needle{text: secret})
		c.add(needle{text: strings.ReplaceAll(secret, " ", "+")})
		c.add(needle{text: bare(strings.ReplaceAll(secret, " ", "+"))})
		c.add(needle{text: url.QueryEscape(secret)})
		c.add(needle{text: url.PathEscape(secret)})
		c.add(needle{text: bare(secret)})
		c.add(needle{text: strings.ToUpper(secret)}) // where it is not ASCII
		c.add(needle{text: reversed(secret)})
		c.add(needle{text: bare(reversed(secret))})
		c.add(needle{text: hex.EncodeToString([]byte(secret))})
		for shift := range 3 {
			for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
				c.add(aligned(encoding, secret, shift))
			}
		}
	}
	return c, nil
}

// aligned returns the characters that encode only secret in the base64 of a
// text in which it begins shift bytes after a multiple of three.
func aligned(encoding *base64.Encoding, secret string, shift int) needle {
	text := encoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + secret))
	from := (8*shift + 5) / 6
	to := 8 * (shift + len(secret)) / 6
	n := needle{text: text[from:to]}
	if 8*shift%6 != 0 {
		n.before = 1
	}
	if 8*(shift+len(secret))%6 != 0 {
		n.after = 1
	}
	return n
}

func reversed(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}

// bare returns s without what says nothing in a resolved text.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\\' || r < utf8.RuneSelf && isSpace(byte(r)) {
			return -1
		}
		return r
	}, s)
}

func isSpace(b byte) bool { return b == ' ' || '\t' <= b && b <= '\r' }

func (c *credentials) add(n needle) {
	lowered := []byte(n.text)
	for i, b := range lowered {
		lowered[i] = lowerByte(b)
	}
	n.text = string(lowered)
	if len(n.text) < keyLength {
		return
	}
	var key uint64
	special := false
	for i := range keyLength {
		key = key<<8 | uint64(n.text[i])
		special = special || unitKind[n.text[i]] != unitPlain
	}
	if special {
		for b := range c.reads {
			c.reads[b].look = unitKind[b] != unitPlain
		}
	}
	if c.shortest == 0 || len(n.text) < c.shortest {
		c.shortest = len(n.text)
	}
	c.longest = max(c.longest, len(n.text))
	if slices.Contains(c.needles[key], n) {
		return
	}
	c.needles[key] = append(c.needles[key], n)
	c.filter[hashKey(key)] = true
}

func lowerByte(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

const keyMask = 1<<(8*keyLength) - 1

// hashBits is the length of a hash: a filter of 8 KB stays at hand while a text is
// read.
const hashBits = 13

// hashKey returns the hash of a key, which is in the lower bytes.
func hashKey(key uint64) uint64 {
	return key << (64 - 8*keyLength) * 0x9E3779B97F4A7C15 >> (64 - hashBits)
}

func (c *credentials) candidate(key uint64) bool { return c.filter[hashKey(key)] }
