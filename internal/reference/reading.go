package reference

import (
	"html"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// resolved returns text in lower case with its escapes resolved, those of HTML, URLs
// and Markdown, in common width and without what does not show.
func resolved(text string) string {
	var b strings.Builder
	text = html.UnescapeString(text)
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '%' && i+2 < len(text):
			if v, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil && v < utf8.RuneSelf {
				b.WriteByte(byte(v))
				i += 3
				continue
			}
		case c == '\\' && i+1 < len(text) && text[i+1] > ' ' && text[i+1] < 0x7f:
			i++
			continue
		}
		r, width := utf8.DecodeRuneInString(text[i:])
		switch {
		case 0xff01 <= r && r <= 0xff5e:
			b.WriteRune(r - 0xfee0)
		case unicode.In(r, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
		default:
			b.WriteString(text[i : i+width])
		}
		i += width
	}
	return strings.ToLower(b.String())
}
