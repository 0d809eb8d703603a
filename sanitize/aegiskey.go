package sanitize

import (
	"strings"

	"aegis/internal/apikey"
	"aegis/sanitize/leaks"
)

// aegisKey is the rule of Aegis' own keys.
const aegisKey = "aegis-key"

// aegisKeys finds keys of Aegis: whoever holds one is let in as somebody. With a right
// checksum a key is one whatever stands beside it. Where the checksum is wrong, or a
// part of it is missing, what is there of the secret may tell all of the key, so that
// this is cut as well, unless it is a placeholder or a name.
func aegisKeys(text string) (found []leaks.Finding) {
	for at := 0; ; {
		i := strings.Index(text[at:], apikey.Prefix)
		if i < 0 {
			return found
		}
		start := at + i
		at = start + len(apikey.Prefix)
		end := at
		for end < len(text) && apikey.Digit(text[end]) {
			end++
		}
		switch whole := start + apikey.Length; {
		case whole <= end && apikey.WellFormed(text[start:whole]):
			found = append(found, ruleFinding(aegisKey, start, whole))
		case end == whole && varied(text[at:end]), end-at >= apikey.Secret && looksRandom(text[at:end]):
			found = append(found, ruleFinding(aegisKey, start, end))
		}
	}
}

// looksRandom reports whether s has letters of both cases, and digits.
func looksRandom(s string) bool {
	return strings.ContainsAny(s, "0123456789") && strings.ToLower(s) != s && strings.ToUpper(s) != s && varied(s)
}
