package sanitize

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// A view is a text without its invisible characters: what a secret that they
// split looks like put together again. Offsets lead back.
type view struct {
	text string
	at   []int // offsets in the view after which something is missing or shorter
	gone []int // bytes of the original that the view lacks before there
}

// views returns what else the text can be read as.
func views(text string) []view {
	first := firstInvisible(text)
	if first < 0 {
		return nil
	}
	all := []view{strip(text, first, false)}
	if strings.Contains(text[first:], "\xf3\xa0\x80") || strings.Contains(text[first:], "\xf3\xa0\x81") {
		all = append(all, strip(text, first, true))
	}
	return all
}

// strip removes invisible characters and terminal control sequences from
// offset first on; tags says to take tag characters for the ASCII they spell.
func strip(text string, first int, tags bool) view {
	var v view
	var b strings.Builder
	b.Grow(len(text))
	b.WriteString(text[:first])
	gone := 0
	for i := first; i < len(text); {
		r, width := utf8.DecodeRuneInString(text[i:])
		switch {
		case !invisible(r) || r == '\r' && strings.HasPrefix(text[i+1:], "\n"):
			b.WriteString(text[i : i+width])
			i += width
			continue
		case r == 0x1b:
			width = escapeSequence(text[i:])
			gone += width
		case tags && 0xe0020 <= r && r <= 0xe007e:
			b.WriteByte(byte(r - 0xe0000))
			gone += width - 1
		default:
			gone += width
		}
		i += width
		if n := len(v.at); n > 0 && v.at[n-1] == b.Len() {
			v.gone[n-1] = gone
		} else {
			v.at, v.gone = append(v.at, b.Len()), append(v.gone, gone)
		}
	}
	v.text = b.String()
	return v
}

// original returns where in the text the view's span from start to end is,
// with what is hidden inside it and right after it.
func (v *view) original(start, end int) (int, int) {
	return v.offset(start), v.offset(end)
}

func (v *view) offset(i int) int {
	if n := sort.SearchInts(v.at, i+1); n > 0 {
		return i + v.gone[n-1]
	}
	return i
}
