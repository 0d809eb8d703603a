package sanitize

import (
	"html"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A disguise is a piece of text that reads as something else: an escape for a
// character, or what parts two characters that are read together.
type disguise struct {
	width int    // bytes of text; 0: there is no disguise
	value string // what it says; "" for what parts
	loose bool   // code has it for its own ends, too
}

// disguiseFirst has the bytes that a disguise begins with.
var disguiseFirst = set("&\\=\xef" + parting)

// partFirst has those of them that only part.
var partFirst = set(parting)

const parting = "*`~<\"'\n\r"

// disguiseAt reads the disguise at offset i. Of what parts only that which
// stands right after a character of a token counts: inside says so.
func disguiseAt(text string, i int, inside bool) disguise {
	switch b := text[i]; b {
	case '&':
		return entityAt(text, i)
	case 0xef:
		if r, width := utf8.DecodeRuneInString(text[i:]); 0xff01 <= r && r <= 0xff5e {
			return says(byte(r-0xfee0), width)
		}
	case '=':
		return quotedPrintableAt(text, i, inside)
	case '\\':
		return escapedAt(text, i, inside)
	default:
		if inside {
			return partAt(text, i)
		}
	}
	return disguise{}
}

const ascii = "\x00\x01\x02\x03\x04\x05\x06\a\b\t\n\v\f\r\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f" +
	" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

// says makes the disguise of a printable character or white space; of others
// there is none.
func says(b byte, width int) disguise {
	if b >= 0x7f || b < ' ' && b != '\t' && b != '\n' && b != '\r' {
		return disguise{}
	}
	return disguise{width: width, value: ascii[b : b+1]}
}

// entityAt reads a character reference of HTML. A number needs no semicolon.
func entityAt(text string, i int) disguise {
	if strings.HasPrefix(text[i:], "&#") {
		start, base, digits := i+2, 10, &isDigit
		if start < len(text) && text[start]|0x20 == 'x' {
			start, base, digits = start+1, 16, &isHexDigit
		}
		end := start
		for end < len(text) && end-start < 10 && digits[text[end]] {
			end++
		}
		n, err := strconv.ParseUint(text[start:end], base, 32)
		if err != nil {
			return disguise{}
		}
		if end < len(text) && text[end] == ';' {
			end++
		}
		return saysRune(rune(min(n, utf8.MaxRune+1)), end-i)
	}
	end := strings.IndexByte(text[i:min(len(text), i+24)], ';')
	if end < 2 || !isAlphanumeric[text[i+1]] {
		return disguise{}
	}
	reference := text[i : i+end+1]
	if said := html.UnescapeString(reference); said != reference {
		if r, width := utf8.DecodeRuneInString(said); width == len(said) {
			return saysRune(r, len(reference))
		}
	}
	return disguise{}
}

func saysRune(r rune, width int) disguise {
	switch {
	case r < utf8.RuneSelf && r != 0:
		return says(byte(r), width)
	case r == 0xa0:
		return says(' ', width)
	case invisible(r):
		return disguise{width: width}
	}
	return disguise{}
}

// quotedPrintableAt reads "=3D" and the soft line break. A single "=41" is what
// code assigns; it takes two in a row.
func quotedPrintableAt(text string, i int, inside bool) disguise {
	if inside && strings.HasPrefix(text[i+1:], "\n") {
		return disguise{width: 2}
	}
	if inside && strings.HasPrefix(text[i+1:], "\r\n") {
		return disguise{width: 3}
	}
	escape := func(i int) bool {
		return i >= 0 && i+2 < len(text) && text[i] == '=' && isHexDigit[text[i+1]] && isHexDigit[text[i+2]]
	}
	if !escape(i) {
		return disguise{}
	}
	v := hexByte(text[i+1:])
	if v != '=' && !escape(i-3) && !escape(i+3) {
		return disguise{}
	}
	return says(v, 3)
}

// maxEscaped bounds how many backslashes stand before what they escape: three
// times escaped again are seven.
const maxEscaped = 8

// escapedAt reads a backslash: \x41, \101, the punctuation that JSON and
// Markdown escape (\/, \", \_), and the end of a line that goes on.
func escapedAt(text string, i int, inside bool) disguise {
	j := i + 1
	for j < len(text) && j-i < maxEscaped && text[j] == '\\' {
		j++
	}
	if j == len(text) {
		return disguise{}
	}
	switch b := text[j]; {
	case b == 'x' || b == 'X':
		if j+2 < len(text) && isHexDigit[text[j+1]] && isHexDigit[text[j+2]] {
			return says(hexByte(text[j+1:]), j+3-i)
		}
	case b == '0' || b == '1':
		if j+2 < len(text) && isOctal(text[j+1]) && isOctal(text[j+2]) {
			return says((b-'0')<<6|(text[j+1]-'0')<<3|(text[j+2]-'0'), j+3-i)
		}
	case b == '\n' || b == '\r' && strings.HasPrefix(text[j:], "\r\n"):
		if inside {
			return disguise{width: skipSpace(text, j) - i, loose: true}
		}
	case b == '"' || b == '\'':
		if inside {
			if end := concatenation(text, i); end > i {
				return disguise{width: end - i, loose: true}
			}
		}
		return disguise{width: j + 1 - i, value: ascii[b : b+1], loose: true}
	case b > ' ' && b < 0x7f && !isAlphanumeric[b] && b != '<' && b != '\\':
		return disguise{width: j + 1 - i, value: ascii[b : b+1], loose: true}
	}
	return disguise{}
}

func isOctal(b byte) bool { return '0' <= b && b <= '7' }

// hexByte returns the byte that two hex digits say.
func hexByte(digits string) byte {
	digit := func(b byte) byte {
		if b <= '9' {
			return b - '0'
		}
		return b | 0x20 - 'a' + 10
	}
	return digit(digits[0])<<4 | digit(digits[1])
}
