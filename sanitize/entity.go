package sanitize

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"

	"aegis/sanitize/leaks"
)

// revealEntities replaces character references of HTML that stand for invisible
// characters, such as "&#8203;" or "&zwj;", by notes of what they are: whoever
// renders prose, or decodes it, would have the characters. It returns how many
// characters were replaced. A reference counts as a browser reads it: also without
// its semicolon, and with more after it than its name.
func revealEntities(w *leaks.Work, text string) (shown string, replaced int) {
	at := strings.IndexByte(text, '&')
	if at < 0 {
		return text, 0
	}
	var b strings.Builder
	copied := 0
	for at < len(text) && w.Spend(workOfNote/4) {
		end := referenceEnd(text, at)
		if end > at+1 {
			if decoded := html.UnescapeString(text[at:end]); firstInvisible(decoded) >= 0 {
				b.WriteString(text[copied:at])
				replaced += noteInvisible(&b, decoded)
				copied = end
			}
		}
		next := strings.IndexByte(text[end:], '&')
		if next < 0 {
			break
		}
		at = end + next
	}
	if copied == 0 {
		return text, 0
	}
	b.WriteString(text[copied:])
	return b.String(), replaced
}

// longestReference is more than any name of a character has, in bytes.
const longestReference = 40

// referenceEnd returns where the reference that may begin at offset at, with its
// ampersand, ends; at+1 if it is none.
func referenceEnd(text string, at int) int {
	i := at + 1
	if i < len(text) && text[i] == '#' {
		i++
		digits := &isDigit
		if i < len(text) && (text[i] == 'x' || text[i] == 'X') {
			i++
			digits = &isHexDigit
		}
		begin := i
		for i < len(text) && digits[text[i]] { // there may be any number of zeros
			i++
		}
		if i == begin {
			return at + 1
		}
	} else {
		for i < len(text) && i-at < longestReference && isAlphanumeric[text[i]] {
			i++
		}
	}
	if i < len(text) && text[i] == ';' {
		i++
	}
	return i
}

// noteInvisible writes text with a note for each invisible character, and returns
// how many there were.
func noteInvisible(b *strings.Builder, text string) (n int) {
	for i := 0; i < len(text); {
		r, width := utf8.DecodeRuneInString(text[i:])
		if invisible(r) {
			fmt.Fprintf(b, "[U+%04X]", r)
			n++
		} else {
			b.WriteString(text[i : i+width])
		}
		i += width
	}
	return n
}
