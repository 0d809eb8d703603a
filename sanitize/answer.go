package sanitize

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"aegis/sanitize/leaks"
)

// JSON marshals v, which must become a JSON object, compactly and without
// escaping <, > and &, and scrubs it. Every string value is prose: its secrets
// are cut, what is hidden in it is shown. Member names and all other values stay
// as they are. The object as a whole is clean, too: where a rule matches
// across a name and the value after it, the value is cut; a value that can't
// be made clean reads "[withheld]". If even that does not help, or v can't be
// marshalled, JSON returns an error and no text; the error quotes no value.
func (s *Scrubber) JSON(v any) ([]byte, Report, error) {
	if s == nil || s.own == nil {
		return nil, Report{}, errors.New("scrubber was not made by New")
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, Report{}, errors.New("answer can't be marshalled")
	}
	a, err := parseAnswer(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	if err != nil {
		return nil, Report{}, err
	}
	var report Report
	for i := range a.values {
		a.values[i].text, _ = s.prose(a.values[i].text, &report)
	}
	for round := range rounds {
		text := a.write()
		found := s.find(string(text))
		if len(found) == 0 {
			return text, report, nil
		}
		for i, findings := range a.blamed(found) {
			s.recut(&a.values[i], findings, round, &report)
		}
	}
	return nil, Report{}, errors.New("answer could not be made clean of secrets")
}

// recut cuts findings of the whole object from one value.
func (s *Scrubber) recut(value *value, found []leaks.Finding, round int, report *Report) {
	switch {
	case round < 4:
		value.text = cut(value.text, found, cutSecret, false, report)
		value.text, _ = s.prose(value.text, report)
	case round < 7:
		value.text = markerBegin + found[0].Rule + "]"
		report.redacted(found[0].Rule, 1)
	default:
		value.text = withheld
		report.Withheld++
	}
}

// An answer is a JSON object with its string values taken out.
type answer struct {
	frame  []byte // what is between them
	values []value
}

// A value is a string value.
type value struct {
	at   int // offset in frame at which it belongs
	text string
	// start and end bound it, without its quotes, in the object last written.
	start, end int
}

// parseAnswer takes apart an object that encoding/json wrote.
func parseAnswer(object []byte) (*answer, error) {
	if len(object) == 0 || object[0] != '{' {
		return nil, errors.New("answer is not a JSON object")
	}
	a := &answer{frame: make([]byte, 0, len(object))}
	var open []byte // brackets
	name := false   // whether the next string is a member's name
	for i := 0; i < len(object); {
		b := object[i]
		if b == '"' {
			end := i + 1
			for object[end] != '"' {
				if object[end] == '\\' {
					end++
				}
				end++
			}
			quoted := object[i : end+1]
			i = end + 1
			if name {
				a.frame = append(a.frame, quoted...)
				name = false
				continue
			}
			text, err := unquote(quoted)
			if err != nil {
				return nil, err
			}
			a.values = append(a.values, value{at: len(a.frame), text: text})
			continue
		}
		switch b {
		case '{':
			open, name = append(open, b), true
		case '[':
			open, name = append(open, b), false
		case '}', ']':
			open, name = open[:len(open)-1], false
		case ',':
			name = open[len(open)-1] == '{'
		}
		a.frame = append(a.frame, b)
		i++
	}
	return a, nil
}

// unquote reads a JSON string. The escapes that are common it reads itself.
func unquote(quoted []byte) (string, error) {
	inside := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inside, '\\') < 0 {
		return string(inside), nil
	}
	out := make([]byte, 0, len(inside))
	for i := 0; i < len(inside); i++ {
		if inside[i] != '\\' {
			out = append(out, inside[i])
			continue
		}
		i++
		switch inside[i] {
		case '"', '\\', '/':
			out = append(out, inside[i])
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		default:
			var text string
			if err := json.Unmarshal(quoted, &text); err != nil {
				return "", errors.New("answer has a string that can't be read")
			}
			return text, nil
		}
	}
	return string(out), nil
}

// write puts the object together and notes where the values are.
func (a *answer) write() []byte {
	size := len(a.frame)
	for i := range a.values {
		size += len(a.values[i].text) + 8
	}
	out := make([]byte, 0, size)
	copied := 0
	for i := range a.values {
		v := &a.values[i]
		out = append(out, a.frame[copied:v.at]...)
		copied = v.at
		out = append(out, '"')
		v.start = len(out)
		out = appendEscaped(out, v.text)
		v.end = len(out)
		out = append(out, '"')
	}
	return append(out, a.frame[copied:]...)
}

// blamed returns, by value, the findings for which it must be cut, with offsets
// in the value.
func (a *answer) blamed(found []leaks.Finding) map[int][]leaks.Finding {
	blamed := make(map[int][]leaks.Finding)
	for _, f := range found {
		hit := a.overlapped(f.Start, f.End)
		if len(hit) == 0 {
			hit = a.overlapped(f.MatchStart, f.MatchEnd)
		}
		if len(hit) == 0 {
			hit = a.beside(f.MatchStart)
		}
		for _, i := range hit {
			v := &a.values[i]
			g := leaks.Finding{Rule: f.Rule}
			g.Start, g.End = v.unescaped(f.Start, false), v.unescaped(f.End, true)
			if g.Start >= g.End {
				g.Start, g.End = 0, len(v.text)
			}
			g.MatchStart, g.MatchEnd = g.Start, g.End
			blamed[i] = append(blamed[i], g)
		}
	}
	return blamed
}

// overlapped returns the values that share a byte with the span.
func (a *answer) overlapped(start, end int) []int {
	first, _ := slices.BinarySearchFunc(a.values, start, func(v value, at int) int { return v.end - at - 1 })
	var hit []int
	for i := first; i < len(a.values) && a.values[i].start < end; i++ {
		if a.values[i].end > start && a.values[i].end > a.values[i].start {
			hit = append(hit, i)
		}
	}
	return hit
}

// beside returns the values before and after offset at.
func (a *answer) beside(at int) []int {
	next, _ := slices.BinarySearchFunc(a.values, at, func(v value, at int) int { return v.start - at })
	var hit []int
	if next > 0 {
		hit = append(hit, next-1)
	}
	if next < len(a.values) {
		hit = append(hit, next)
	}
	return hit
}

// unescaped returns the offset in the value of offset at of the object; one
// outside is moved to the value's begin or end, one in the midst of a character
// to its begin or, with up, to its end.
func (v *value) unescaped(at int, up bool) int {
	if at <= v.start {
		return 0
	}
	written := v.start
	for i, r := range v.text {
		next := written + escapedLength(r)
		if written >= at || next > at && !up {
			return i
		}
		written = next
	}
	return len(v.text)
}

// appendEscaped appends s as the inside of a JSON string.
func appendEscaped(out []byte, s string) []byte {
	copied := 0
	for i := range len(s) {
		b := s[i]
		if b >= 0x20 && b != '"' && b != '\\' {
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
