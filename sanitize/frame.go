package sanitize

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// An answer is a JSON object and its string values.
type answer struct {
	object string
	values []value
}

// A value is a string value.
type value struct {
	from, to int // where it is in the object that was read, with its quotes
	text     string
	// start and end bound it, without its quotes, in the object last written.
	start, end int
	// What was asked for last: this offset in text is that one in the object. Who asks
	// goes on from there.
	read, written int
}

// parseAnswer takes apart an object that encoding/json wrote.
func parseAnswer(object string) (*answer, error) {
	if len(object) == 0 || object[0] != '{' {
		return nil, errors.New("answer is not a JSON object")
	}
	// Most strings that are values have a name, and all have two quotes.
	a := &answer{object: object, values: make([]value, 0, strings.Count(object, `"`)/4)}
	var open []byte // brackets
	name := false   // whether the next string is a member's name
	for i := 0; i < len(object); i++ {
		switch b := object[i]; b {
		case '"':
			end := i + 1
			for ; object[end] != '"'; end++ {
				if object[end] == '\\' {
					end++
				}
			}
			if name {
				name = false
			} else {
				text, err := unquote(object[i : end+1])
				if err != nil {
					return nil, err
				}
				a.values = append(a.values, value{from: i, to: end + 1, text: text})
			}
			i = end
		case '{':
			open, name = append(open, b), true
		case '[':
			open, name = append(open, b), false
		case '}', ']':
			open, name = open[:len(open)-1], false
		case ',':
			name = open[len(open)-1] == '{'
		}
	}
	return a, nil
}

// unquote reads a JSON string. The escapes that are common it reads itself.
func unquote(quoted string) (string, error) {
	inside := quoted[1 : len(quoted)-1]
	if strings.IndexByte(inside, '\\') < 0 {
		return inside, nil
	}
	out := make([]byte, 0, len(inside))
	for {
		i := strings.IndexByte(inside, '\\')
		if i < 0 {
			return string(append(out, inside...)), nil
		}
		out = append(out, inside[:i]...)
		switch b := inside[i+1]; b {
		case '"', '\\', '/':
			out = append(out, b)
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		default:
			var text string
			if err := json.Unmarshal([]byte(quoted), &text); err != nil {
				return "", errors.New("answer has a string that can't be read")
			}
			return text, nil
		}
		inside = inside[i+2:]
	}
}

// write puts the object together and notes where the values are.
func (a *answer) write() []byte {
	out := make([]byte, 0, len(a.object)+len(a.object)/8)
	copied := 0
	for i := range a.values {
		v := &a.values[i]
		out = append(out, a.object[copied:v.from]...)
		copied = v.to
		out = append(out, '"')
		v.start, v.read, v.written = len(out), 0, len(out)
		out = appendEscaped(out, v.text)
		v.end = len(out)
		out = append(out, '"')
	}
	return append(out, a.object[copied:]...)
}

// unescaped returns the offset in the value of offset at of the object; one
// outside is moved to the value's begin or end, one in the midst of a character
// to its begin or, with up, to its end.
func (v *value) unescaped(at int, up bool) int {
	if at <= v.start {
		return 0
	}
	for v.written > at && v.read > 0 {
		r, width := utf8.DecodeLastRuneInString(v.text[:v.read])
		v.read, v.written = v.read-width, v.written-escapedLength(r)
	}
	for i, r := range v.text[v.read:] {
		next := v.written + escapedLength(r)
		if v.written >= at || next > at && !up {
			v.read += i
			return v.read
		}
		v.written = next
	}
	v.read = len(v.text)
	return len(v.text)
}

// isEscaped has what a JSON string has an escape for.
var isEscaped = func() (is [256]bool) {
	for b := range 0x20 {
		is[b] = true
	}
	is['"'], is['\\'] = true, true
	return is
}()

// appendEscaped appends s as the inside of a JSON string.
func appendEscaped(out []byte, s string) []byte {
	copied := 0
	for i := range len(s) {
		b := s[i]
		if !isEscaped[b] {
			continue
		}
		out = append(out, s[copied:i]...)
		copied = i + 1
		switch b {
		case '"', '\\':
			out = append(out, '\\', b)
		case '\n':
			out = append(out, '\\', 'n')
		case '\r':
			out = append(out, '\\', 'r')
		case '\t':
			out = append(out, '\\', 't')
		default:
			out = fmt.Appendf(out, `\u%04x`, b)
		}
	}
	return append(out, s[copied:]...)
}

func escapedLength(r rune) int {
	switch {
	case r == '"', r == '\\', r == '\n', r == '\r', r == '\t':
		return 2
	case r < 0x20:
		return len(`\u0000`)
	}
	return utf8.RuneLen(r)
}
