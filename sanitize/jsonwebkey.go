package sanitize

import (
	"regexp"
	"strings"
	"sync"

	"aegis/sanitize/leaks"
)

// jsonWebKey is the rule of the private members of a JSON Web Key.
const jsonWebKey = "json-web-key"

// maxWebKey is how far the members of a key may be from its type, in bytes.
const maxWebKey = 8 << 10

// privateMember is one that RFC 7518 calls private: d and the primes with their
// kin, and k of a symmetric key. Quotes may be escaped.
var privateMember = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\\*"(?:d|k|p|q|dp|dq|qi)\\*"\s*:\s*\\*"([A-Za-z0-9_=-]{16,})`)
})

// webKeys finds the private members of JSON Web Keys.
func webKeys(text string) []leaks.Finding {
	var found []leaks.Finding
	done := 0 // the end of the key before
	for at := 0; ; {
		i := strings.Index(text[at:], `kty"`)
		if i < 0 {
			return found
		}
		begin := at + i
		start, end := max(done, begin-maxWebKey), min(len(text), begin+maxWebKey)
		if i := strings.LastIndexAny(text[start:begin], "{}"); i >= 0 {
			start += i
		}
		if i := strings.IndexAny(text[begin:end], "{}"); i >= 0 {
			end = begin + i
		}
		for _, m := range privateMember().FindAllStringSubmatchIndex(text[start:end], -1) {
			found = append(found, ruleFinding(jsonWebKey, start+m[2], start+m[3]))
		}
		at = max(end, begin+1)
		done = at
	}
}
