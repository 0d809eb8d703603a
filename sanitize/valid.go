package sanitize

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"aegis/sanitize/leaks"
)

// Diffs and logs hold lines in whatever encoding their files are in. Who reads them takes
// what is not UTF-8 for Windows-1252, in which a byte can be a character that shows
// nothing and splits a secret.

// validUTF8 takes bytes that are not UTF-8 for characters of Windows-1252, and for U+FFFD
// where that has none, unless the work has ended.
func validUTF8(w *leaks.Work, text string) string {
	if utf8.ValidString(text) { // nearly always, and known much sooner
		return text
	}
	const each = 64 << 10
	var b strings.Builder
	b.Grow(len(text))
	for len(text) > 0 && w.Spend(4*each) {
		n := min(each, len(text))
		for n < len(text) && text[n] >= utf8.RuneSelf { // not in the midst of a character
			n++
		}
		writeValid(&b, text[:n])
		text = text[n:]
	}
	b.WriteString(text) // if the work has ended
	return b.String()
}

func writeValid(b *strings.Builder, text string) {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			r = charmap.Windows1252.DecodeByte(text[i])
		}
		b.WriteRune(r)
		i += size
	}
}
