package sanitize

import (
	"strings"
	"unicode/utf8"

	"aegis/sanitize/leaks"
)

// Diffs and logs hold lines in whatever encoding their files are in. A byte that is no
// UTF-8 can be a character of Latin-1 that shows nothing, and split a secret.

// validUTF8 replaces bytes that are not UTF-8 by U+FFFD, those in a row by one, unless the
// work has ended. Of those that show nothing in Latin-1 and Windows-1252 it makes what
// they are.
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
	inRun := false
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r != utf8.RuneError || size > 1:
			b.WriteString(text[i : i+size])
			inRun = false
		case showsNothing(text[i]):
			b.WriteRune(rune(text[i]))
			inRun = false
		case !inRun:
			b.WriteRune(utf8.RuneError)
			inRun = true
		}
		i += size
	}
}

// showsNothing reports whether a byte is a soft hyphen or a control character in both
// encodings.
func showsNothing(c byte) bool {
	switch c {
	case 0xad, 0x81, 0x8d, 0x8f, 0x90, 0x9d:
		return true
	}
	return false
}
