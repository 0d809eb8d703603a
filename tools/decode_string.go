package tools

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// string decodes a JSON string: at most p.max bytes, in NFC, not empty, without
// control characters, as far as its kind does not let them in, and one of p.enum
// if there is one.
//
// It returns what is wrong, "" for nothing.
func (p *parameter) string(text json.RawMessage) (s, wrong string) {
	if len(text) == 0 || text[0] != '"' || json.Unmarshal(text, &s) != nil {
		if len(text) > 0 && (text[0] == '-' || text[0] >= '0' && text[0] <= '9') {
			return "", "must be a string, in quotes"
		}
		return "", "must be a string"
	}
	switch {
	case s == "" && !p.text.raw:
		wrong = "must not be empty"
	case int64(len(s)) > p.max:
		wrong = fmt.Sprintf("is longer than %d bytes", p.max)
	case strings.ContainsRune(s, utf8.RuneError) && hasLoneSurrogate(text):
		wrong = "is not valid Unicode"
	case strings.ContainsFunc(s, p.text.refuses):
		wrong = "contains a control character"
	case !p.text.raw && !norm.NFC.IsNormalString(s):
		wrong = "is not in Unicode normal form C"
	case len(p.enum) > 0 && !slices.Contains(p.enum, s):
		wrong = "must be one of " + strings.Join(p.enum, ", ")
	}
	if wrong != "" {
		return "", wrong
	}
	return s, ""
}

// refuses reports whether a character must not be in a string of this kind.
func (k textKind) refuses(r rune) bool {
	switch {
	case k.raw:
		return r == 0
	case k.lines && (r == '\n' || r == '\r' || r == '\t'):
		return false
	}
	return unicode.IsControl(r)
}

// hasLoneSurrogate reports whether text holds half a surrogate pair, which
// encoding/json silently replaces.
func hasLoneSurrogate(text []byte) bool {
	units := func(i int) (rune, bool) {
		if i+6 > len(text) || text[i] != '\\' || text[i+1] != 'u' {
			return 0, false
		}
		n, err := strconv.ParseUint(string(text[i+2:i+6]), 16, 32)
		return rune(n), err == nil
	}
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		u, ok := units(i)
		if !ok {
			i++ // another escape
			continue
		}
		if u >= 0xd800 && u < 0xdc00 {
			if low, ok := units(i + 6); ok && low >= 0xdc00 && low < 0xe000 {
				i += 11
				continue
			}
			return true
		}
		if u >= 0xdc00 && u < 0xe000 {
			return true
		}
		i += 5
	}
	return false
}
