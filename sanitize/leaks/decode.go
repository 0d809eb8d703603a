package leaks

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// A segment is a value that was decoded: enc in the text before, dec in the
// text after.
type segment struct{ enc, dec Span }

// decode replaces every encoded value of text by what it encodes, as gitleaks
// does: percent-encoding, Unicode escapes (\u0041, U+0041), hex and base64 of
// printable ASCII. Segments are in order; there are none if nothing was
// decoded.
func decode(text string) (string, []segment) {
	matches := encodings(text)
	var b strings.Builder
	var segments []segment
	copied := 0
	for i, m := range matches {
		// Of two that touch, the less specific waits for the next round.
		if i > 0 && m.Start <= matches[i-1].End && matches[i-1].kind > m.kind {
			continue
		}
		if i+1 < len(matches) && matches[i+1].Start <= m.End && matches[i+1].kind > m.kind {
			continue
		}
		value := m.kind.decode(text[m.Start:m.End])
		if value == "" {
			continue
		}
		if segments == nil {
			b.Grow(len(text))
		}
		b.WriteString(text[copied:m.Start])
		segments = append(segments, segment{
			enc: Span{m.Start, m.End},
			dec: Span{b.Len(), b.Len() + len(value)},
		})
		b.WriteString(value)
		copied = m.End
	}
	if segments == nil {
		return text, nil
	}
	b.WriteString(text[copied:])
	return b.String(), segments
}

// A kind is an encoding; the greater is the more specific.
type kind uint8

const (
	base64Kind kind = iota + 1
	hexKind
	unicodeKind
	percentKind
)

func (k kind) decode(value string) string {
	switch k {
	case percentKind:
		return decodePercent(value)
	case unicodeKind:
		return decodeUnicode(value)
	case hexKind:
		return decodeHex(value)
	default:
		return decodeBase64(value)
	}
}

// printable says what gitleaks takes for text.
func printable(b byte) bool { return 0x08 < b && b < 0x7f }

func decodePercent(value string) string {
	out := make([]byte, 0, len(value))
	for i := 0; i < len(value); {
		// A '%' two bytes before the end is an escape, too, but only if a
		// third byte follows: the last one of a match always has it.
		if value[i] == '%' && i+2 < len(value) && isHex[value[i+1]] && isHex[value[i+2]] {
			b := unhex(value[i+1])<<4 | unhex(value[i+2])
			if !printable(b) {
				return ""
			}
			out = append(out, b)
			i += 3
			continue
		}
		out = append(out, value[i])
		i++
	}
	return string(out)
}

// decodeUnicode decodes a value that consists of escapes only.
func decodeUnicode(value string) string {
	var out strings.Builder
	for i := 0; i < len(value); {
		switch value[i] {
		case '+', 'u', 'U':
			if value[i] == 'U' && value[i+1] == '+' {
				i++
			}
			n, err := strconv.ParseUint(value[i+1:i+5], 16, 32)
			if err == nil {
				out.WriteRune(rune(n))
			}
			i += 5
		default: // a backslash, or the space after U+0041
			i++
		}
	}
	return out.String()
}

func decodeHex(value string) string {
	if len(value)%2 != 0 || !strings.ContainsAny(value, "0123456789") {
		return ""
	}
	out := make([]byte, 0, len(value)/2)
	for i := 0; i < len(value); i += 2 {
		b := unhex(value[i])<<4 | unhex(value[i+1])
		if !printable(b) {
			return ""
		}
		out = append(out, b)
	}
	return string(out)
}

func decodeBase64(value string) string {
	// Nearly everything that looks like base64 is a long name. Its first
	// bytes give that away before anything is allocated.
	n := uint32(0)
	for i := range 4 {
		n = n<<6 | uint32(sextet[value[i]])
	}
	if !printable(byte(n>>16)) || !printable(byte(n>>8)) || !printable(byte(n)) {
		return ""
	}
	if !strings.ContainsAny(value, "0123456789+/-_") {
		return ""
	}
	for _, encoding := range [...]*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
		out, err := encoding.DecodeString(value)
		if err != nil {
			continue
		}
		if text := string(out); allPrintable(text) {
			return text
		}
	}
	return ""
}

func allPrintable(s string) bool {
	for i := range len(s) {
		if !printable(s[i]) {
			return false
		}
	}
	return true
}

func unhex(b byte) byte {
	switch {
	case b <= '9':
		return b - '0'
	case b <= 'F':
		return b - 'A' + 10
	default:
		return b - 'a' + 10
	}
}
