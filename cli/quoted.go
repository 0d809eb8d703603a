package cli

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	quotedBytes = 500 // of a value, at most
	marksInARow = 2   // combining marks on a letter; no language needs more
)

// quoted returns a value that somebody else chose as a word that a terminal
// shows and does nothing else with. It is the value itself if that is one word of
// visible characters; else it is in quotes, with escapes as in Go for whatever
// would be obeyed, hide, or change the order in which others show. A value that
// is too long is cut, and says how long it was.
func quoted(value string) string {
	cut := ""
	if len(value) > quotedBytes {
		end := quotedBytes
		for end > quotedBytes-utf8.UTFMax && !utf8.RuneStart(value[end]) {
			end--
		}
		value, cut = value[:end], fmt.Sprintf("…(%d bytes)", len(value))
	}
	var b strings.Builder
	plain, marks := value != "", 0
	for len(value) > 0 {
		r, width := utf8.DecodeRuneInString(value)
		piece := value[:width]
		value = value[width:]
		if unicode.Is(unicode.M, r) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case r == ' ', r == ',', r == '=', r == '…':
			plain = false
		case r == '"', r == '\\', r == utf8.RuneError && width == 1, concealed(r), marks > marksInARow:
			escaped := strconv.QuoteToASCII(piece)
			plain, piece = false, escaped[1:len(escaped)-1]
		}
		b.WriteString(piece)
	}
	if plain {
		return b.String() + cut
	}
	return `"` + b.String() + `"` + cut
}

// harmless is a sentence about what somebody else has named, as a terminal shows it: what
// would be obeyed, hide, or change the order of others is escaped, as in [quoted].
func harmless(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r != ' ' && concealed(r) {
			escaped := strconv.QuoteToASCII(string(r))
			b.WriteString(escaped[1 : len(escaped)-1])
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// obeyed reports whether a terminal may obey a character instead of showing it.
func obeyed(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }

// concealed reports whether a character shows nothing, is obeyed, or moves those
// around it: letters that are written from right to left do.
func concealed(r rune) bool {
	return !unicode.IsPrint(r) || r == 0x2800 ||
		unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) ||
		0x590 <= r && r <= 0x8ff || 0xfb1d <= r && r <= 0xfdff || 0xfe70 <= r && r <= 0xfeff ||
		0x10800 <= r && r <= 0x10fff || 0x1e800 <= r && r <= 0x1efff
}
