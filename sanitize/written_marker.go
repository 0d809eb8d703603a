package sanitize

import (
	"html"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Marker returns the first marker of ours that text holds, "" if there is none: what
// an answer shows in place of what is stored. A text with one comes from a
// filtered read, and to write it would put the marker over what it stands for. The
// markers are
//
//	[redacted:…]                    a secret
//	[withheld] [withheld: …]        a text that could not be made clean
//	[hidden comment: …]             a comment of HTML
//	[hidden tag characters: …]      tag characters
//	[hidden by policy: …]           what somebody without standing wrote
//	[U+200B]                        an invisible character; others are no marker
//	[3 zero-width characters]       several in a row
//	<<untrusted …>> <<end …>>       the frame of a file, diff or log
//	U+FFFD                          bytes that are not UTF-8
//
// They are found as well where somebody typed them anew: in another case, with other
// white space, full-width, or escaped for Markdown, HTML, JSON or a URL; only
// U+FFFD must be there as the character. The end of a marker may be missing, as
// where a long line was cut. Words alone are no marker: "[redacted]" and "redacted:"
// are what people write, too.
//
// What is returned is one of the forms above, and nothing out of the text.
func Marker(text string) string {
	if found := markerIn(bareText(text), true); found != "" {
		return found
	}
	for range escapedAgain {
		if !strings.ContainsAny(text, `\%&`) {
			return ""
		}
		text = saidBy(html.UnescapeString(text))
		if found := markerIn(bareText(text), false); found != "" {
			return found
		}
	}
	return ""
}

// escapedAgain is how many times a marker may have been escaped.
const escapedAgain = 3

// saidBy returns text with its escapes resolved and without white space.
func saidBy(text string) string {
	said := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if unitKind[text[i]] == unitPlain {
			said = append(said, text[i])
			i++
			continue
		}
		u := unitAt(text, i)
		said = append(said, u.value[:u.n]...)
		i += u.width
	}
	return string(said)
}

// bareText returns text in lower case and its common width, without white space
// and what is invisible, and with brackets that look like others as those.
func bareText(text string) string {
	bare := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			if c > ' ' && c != 0x7f {
				bare = append(bare, lowerByte(c))
			}
			i++
			continue
		}
		r, width := utf8.DecodeRuneInString(text[i:])
		i += width
		switch {
		case r == utf8.RuneError && width == 1, invisible(r), unicode.IsSpace(r):
		case 0xff01 <= r && r <= 0xff5e:
			bare = append(bare, lowerByte(byte(r-0xfee0)))
		default:
			if plain, ok := lookalikes[r]; ok {
				bare = append(bare, plain...)
			} else {
				bare = utf8.AppendRune(bare, unicode.ToLower(r))
			}
		}
	}
	return string(bare)
}

var lookalikes = map[rune]string{
	'【': "[", '】': "]", '〔': "[", '〕': "]", '〚': "[", '〛': "]", '⟦': "[", '⟧': "]", '⁅': "[", '⁆': "]",
	'«': "<<", '»': ">>", '‹': "<", '›': ">", '〈': "<", '〉': ">", '《': "<<", '》': ">>", '⟪': "<<", '⟫': ">>",
	'‐': "-", '‑': "-", '–': "-", '∶': ":", '…': "...",
}

// markerIn returns the first marker in a bare text. Replaced says to take U+FFFD for
// one.
func markerIn(bare string, replaced bool) string {
	for i := 0; i < len(bare); i++ {
		found := ""
		switch bare[i] {
		case '[':
			found = noteAt(bare[i+1:])
		case '<':
			found = frameAt(bare[i:])
		case "\uFFFD"[0]:
			if replaced && strings.HasPrefix(bare[i:], "\uFFFD") {
				found = "U+FFFD"
			}
		}
		if found != "" {
			return found
		}
	}
	return ""
}

// notes are what markers in brackets begin with, and what each is called.
var notes = []struct{ begin, shown string }{
	{"redacted:", "[redacted:…]"},
	{"withheld]", "[withheld]"},
	{"withheld:", "[withheld: …]"},
	{"hiddencomment:", "[hidden comment: …]"},
	{"hiddentagcharacters:", "[hidden tag characters: …]"},
	{"hiddenbypolicy:", "[hidden by policy: …]"},
}

// noteAt returns the marker of which inside is what follows its bracket.
func noteAt(inside string) string {
	for _, note := range notes {
		if strings.HasPrefix(inside, note.begin) {
			return note.shown
		}
	}
	if code, ok := strings.CutPrefix(inside, "u+"); ok {
		end := span(code, &isHexDigit)
		r, err := strconv.ParseUint(code[:min(end, 8)], 16, 32)
		if err == nil && end >= 4 && invisible(rune(r)) && strings.HasPrefix(code[end:], "]") {
			return "[U+" + strings.ToUpper(code[:end]) + "]"
		}
		return ""
	}
	if end := span(inside, &isDigit); end > 0 {
		for _, sort := range []string{"control", "direction-changing", "variationselector", "zero-width", "invisible"} {
			if strings.HasPrefix(inside[end:], sort+"character") {
				return "[" + sort + " characters]"
			}
		}
	}
	return ""
}

// frameAt returns the marker line that a bare text begins with.
func frameAt(bare string) string {
	for _, line := range []struct{ begin, shown string }{{"<<untrusted", "<<untrusted …>>"}, {"<<end", "<<end …>>"}} {
		nonce, ok := strings.CutPrefix(bare, line.begin)
		if !ok {
			continue
		}
		if span(nonce, &isHexDigit) >= 12 || strings.HasPrefix(nonce, "...>>") || strings.HasPrefix(nonce, "nonce>>") {
			return line.shown
		}
	}
	return ""
}

// span returns the length of what s begins with that is all of a kind.
func span(s string, kind *[256]bool) int {
	n := 0
	for n < len(s) && kind[s[n]] {
		n++
	}
	return n
}
