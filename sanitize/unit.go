package sanitize

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// A unit is the smallest piece of text that says something: a character, an
// escape for one, or a character that says nothing (n is 0).
type unit struct {
	value [utf8.UTFMax]byte
	n     int
	width int // bytes of text
}

const (
	unitPlain  = iota // says itself
	unitSilent        // says nothing
	unitOther         // has to be looked at
)

// unitKind tells what a first byte tells.
var unitKind = func() (kinds [256]uint8) {
	for b := range kinds {
		switch {
		case b == '%' || b == '\\' || b == '&' || b >= utf8.RuneSelf || b == 0x1b:
			kinds[b] = unitOther
		case b <= ' ' || b == 0x7f:
			kinds[b] = unitSilent
		}
	}
	return kinds
}()

// unitAt reads the unit at offset i, which must be within text.
func unitAt(text string, i int) unit {
	b := text[i]
	switch unitKind[b] {
	case unitPlain:
		return byteUnit(b, 1)
	case unitSilent:
		return unit{width: 1}
	}
	switch b {
	case '%':
		if v, ok := hexAt(text, i+1, 2); ok {
			return byteUnit(byte(v), 3)
		}
	case '\\':
		return backslashUnit(text, i)
	case '&':
		return entityUnit(text, i)
	case 0x1b:
		return unit{width: escapeSequence(text[i:])}
	default:
		r, width := utf8.DecodeRuneInString(text[i:])
		if r != utf8.RuneError && invisible(r) {
			return unit{width: width}
		}
		u := unit{n: width, width: width}
		copy(u.value[:], text[i:i+width])
		return u
	}
	return byteUnit(b, 1)
}

// backslashUnit reads an escape of JSON or C. However often it was escaped
// again, as `\\u0041` and `\\\"`, it says the same; how many backslashes there are
// says nothing.
func backslashUnit(text string, i int) unit {
	j := i
	for j < len(text) && text[j] == '\\' {
		j++
	}
	if j == len(text) {
		return unit{width: j - i}
	}
	width := j + 1 - i
	switch text[j] {
	case 'u', 'U':
		if v, ok := hexAt(text, j+1, 4); ok {
			return runeUnit(rune(v), width+4)
		}
	case 'x', 'X':
		if v, ok := hexAt(text, j+1, 2); ok {
			return byteUnit(byte(v), width+2)
		}
	case 'n', 'r', 't', 'b', 'f':
		if j == i+1 {
			return unit{width: 2}
		}
	case '"', '/', '\'':
		return byteUnit(text[j], width)
	}
	return unit{width: j - i}
}

// entityUnit reads a character reference of HTML: by number, or one of the few
// names that encoders use.
func entityUnit(text string, i int) unit {
	end := strings.IndexByte(text[i:min(len(text), i+10)], ';')
	if end < 2 {
		return byteUnit('&', 1)
	}
	name := text[i+1 : i+end]
	if strings.HasPrefix(name, "#") {
		digits, base := name[1:], 10
		if strings.HasPrefix(digits, "x") || strings.HasPrefix(digits, "X") {
			digits, base = digits[1:], 16
		}
		if n, err := strconv.ParseUint(digits, base, 21); err == nil {
			return runeUnit(rune(n), end+1)
		}
		return byteUnit('&', 1)
	}
	switch strings.ToLower(name) {
	case "amp":
		return byteUnit('&', end+1)
	case "lt":
		return byteUnit('<', end+1)
	case "gt":
		return byteUnit('>', end+1)
	case "quot":
		return byteUnit('"', end+1)
	case "apos":
		return byteUnit('\'', end+1)
	case "shy", "zwj", "zwnj", "lrm", "rlm":
		return unit{width: end + 1}
	}
	return byteUnit('&', 1)
}

func byteUnit(b byte, width int) unit {
	u := unit{n: 1, width: width}
	u.value[0] = b
	if unitKind[b] == unitSilent || b == 0x1b || b == '\\' {
		u.n = 0
	}
	return u
}

func runeUnit(r rune, width int) unit {
	if r < utf8.RuneSelf {
		return byteUnit(byte(r), width)
	}
	if invisible(r) {
		return unit{width: width}
	}
	u := unit{width: width}
	u.n = utf8.EncodeRune(u.value[:], r)
	return u
}

func hexAt(text string, i, n int) (uint64, bool) {
	if i+n > len(text) {
		return 0, false
	}
	v, err := strconv.ParseUint(text[i:i+n], 16, 32)
	return v, err == nil
}

// escapeSequence returns the length of the terminal control sequence that text
// begins with; at least 1, the escape character itself.
func escapeSequence(text string) int {
	if len(text) < 2 || text[1] != '[' {
		return 1
	}
	i := 2
	for i < len(text) && i < 64 && 0x20 <= text[i] && text[i] <= 0x3f {
		i++
	}
	if i < len(text) && 0x40 <= text[i] && text[i] <= 0x7e {
		return i + 1
	}
	return 1
}
