package leaks

import (
	"strings"

	"aegis/sanitize/internal/runs"
)

// An encoded is a value that looks encoded.
type encoded struct {
	Span
	kind kind
}

// encodings finds what looks encoded, leftmost first, without overlaps: the
// matches of
//
//	%[0-9A-Fa-f]{2}(?:.*%[0-9A-Fa-f]{2})?
//	(?:U\+[a-fA-F0-9]{4}(?:\s|$))+|(?i)(?:\\{1,2}u[a-fA-F0-9]{4})+
//	[0-9A-Fa-f]{32,}
//	[\w\/+-]{16,}={0,2}
//
// in this order of preference at each place.
func encodings(text string) []encoded {
	var found []encoded
	add := func(start, end int, k kind) { found = append(found, encoded{Span{start, end}, k}) }
	// Where the next of each is that something may begin with; -1: not yet known.
	percent, backslash, codePoint, run, runEnd := -1, -1, -1, -1, -1
	for i := 0; ; {
		percent = next(text, "%", percent, i)
		backslash = next(text, `\`, backslash, i)
		codePoint = next(text, "U+", codePoint, i)
		if run < i {
			ok := false
			if run, runEnd, ok = runs.Next(text, &inBase64, i, shortestBase64); !ok {
				run = len(text)
			}
		}
		at := min(percent, backslash, codePoint, run)
		end := at
		switch at {
		case len(text):
			return found
		case run:
			i = encodedRun(text, run, runEnd, add)
			continue
		case percent:
			if end = percents(text, at); end > at {
				add(at, end, percentKind)
			}
		case backslash, codePoint:
			if end = max(escapes(text, at), codePoints(text, at)); end > at {
				add(at, end, unicodeKind)
			}
		}
		i = max(end, at+1)
	}
}

// shortestBase64 is the length of the shortest value in base64 that counts.
const shortestBase64 = 16

// next returns where from offset i on text has what for the first time, len(text)
// if it has not, given where that was for an offset before, or -1.
func next(text, what string, known, i int) int {
	if known >= i {
		return known
	}
	if n := strings.Index(text[i:], what); n >= 0 {
		return i + n
	}
	return len(text)
}

// encodedRun finds encodings that begin in text[start:end], a maximal run of
// base64's characters, and returns where to go on.
func encodedRun(text string, start, end int, add func(start, end int, k kind)) int {
	for i := start; i < end; {
		if text[i] == 'U' {
			if stop := codePoints(text, i); stop > i {
				add(i, stop, unicodeKind)
				return stop
			}
		}
		if end-i < shortestBase64 {
			// Only code points can begin in what is left.
			next := strings.IndexByte(text[i+1:end], 'U')
			if next < 0 {
				return end
			}
			i += 1 + next
			continue
		}
		if end-i >= 32 {
			stop := i
			for stop < end && isHex[text[stop]] {
				stop++
			}
			if stop-i >= 32 {
				add(i, stop, hexKind)
				i = stop
				continue
			}
		}
		stop := end
		for stop < len(text) && stop < end+2 && text[stop] == '=' {
			stop++
		}
		add(i, stop, base64Kind)
		return stop
	}
	return end
}

// percents returns the end of the percent-encoding that begins at i: after the
// last escape of the line; or i.
func percents(text string, i int) int {
	if !percent(text, i) {
		return i
	}
	line := strings.IndexByte(text[i:], '\n')
	if line < 0 {
		line = len(text) - i
	}
	for j := i + line - 3; j > i+2; j-- {
		if percent(text, j) {
			return j + 3
		}
	}
	return i + 3
}

func percent(text string, i int) bool {
	return i+2 < len(text) && text[i] == '%' && isHex[text[i+1]] && isHex[text[i+2]]
}

// escapes returns the end of the escapes \u0041, \\u0041 that begin at i; or i.
func escapes(text string, i int) int {
	for {
		j := i
		if j < len(text) && text[j] == '\\' {
			j++
		} else {
			return i
		}
		if j < len(text) && text[j] == '\\' {
			j++
		}
		if j >= len(text) || text[j]|0x20 != 'u' || !fourHex(text, j+1) {
			return i
		}
		i = j + 5
	}
}

// codePoints returns the end of the U+0041 that begin at i, each followed by
// white space or the end; or i.
func codePoints(text string, i int) int {
	for {
		if i+6 > len(text) || text[i] != 'U' || text[i+1] != '+' || !fourHex(text, i+2) {
			return i
		}
		if i+6 == len(text) {
			return i + 6
		}
		switch text[i+6] {
		case ' ', '\t', '\n', '\r', '\f':
			i += 7
		default:
			return i
		}
	}
}

func fourHex(text string, i int) bool {
	return i+4 <= len(text) && isHex[text[i]] && isHex[text[i+1]] && isHex[text[i+2]] && isHex[text[i+3]]
}

const (
	digits = "0123456789"
	lower  = "abcdefghijklmnopqrstuvwxyz"
	upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

var (
	isHex    = set(digits + "abcdefABCDEF")
	inBase64 = set(digits + lower + upper + "_/+-")
	sextet   = sextets()
)

// The tables are filled at start: half a microsecond.
func set(chars string) (s [256]bool) {
	for i := range len(chars) {
		s[chars[i]] = true
	}
	return s
}

func sextets() (s [256]uint8) {
	for i, c := range []byte(upper + lower + digits + "+/") {
		s[c] = uint8(i)
	}
	s['-'], s['_'] = 62, 63
	return s
}
