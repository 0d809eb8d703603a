package corpus

import (
	"bytes"
	"compress/gzip"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// A Disguise is another way of writing a text, or the secret in it.
type Disguise struct {
	Name string
	// Promised says for which secrets the scrubber claims to see through it:
	// those of rules, those given to it by value.
	Promised Promise
	// Whole says that all of a text is rewritten, not only its secret.
	Whole bool
	write func(string) string
	// read is what somebody does who wants to have the text back. It may
	// return more than that: several readings, one after the other.
	read func(string) string
}

// A Promise says whose secrets are found in a disguise.
type Promise uint8

// Secrets of rules; secrets of rules as far as gitleaks finds them; secrets given
// by value.
const (
	Nobody  Promise = 0
	Rules   Promise = 1
	AsStock Promise = 2
	Own     Promise = 4
)

// Disguises returns all disguises that are measured, whether promised or not.
func Disguises() []Disguise {
	all := []Disguise{
		{"plain", Rules | Own, true, same, same},
		{"base64", AsStock | Own, true, base64Std, readBase64},
		{"base64, URL alphabet", AsStock | Own, true, func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }, readBase64},
		{"base64, in lines of 76", Own, true, func(s string) string {
			return lines(base64Std(notes+s), 76)
		}, then(joinLines, readBase64)},
	}
	all = append(all, Disguise{"base64, in lines of 76, in a diff", Nobody, true, func(s string) string {
		return "@@ -0,0 +1,9 @@\n" + prefixed(lines(base64Std(notes+s), 76), "+")
	}, then(drop("\n+"), readBase64)})
	for shift, before := range []string{"a", "ab", ""} { // "note" and a line break are five bytes
		all = append(all, Disguise{fmt.Sprintf("base64 of other text with it, %d bytes after a multiple of 3", shift), AsStock | Own, true, func(s string) string {
			return base64Std("note" + before + "\n" + s + "\nend")
		}, readBase64})
	}
	all = append(all,
		Disguise{"hex", AsStock | Own, true, hexLower, readHex},
		Disguise{"HEX", AsStock | Own, true, func(s string) string { return strings.ToUpper(hexLower(s)) }, readHex},
		Disguise{"hex with spaces (a dump)", Own, true, func(s string) string { return fmt.Sprintf("% x", s) }, then(dropSpaces, readHex)},
		Disguise{"percent, every character", AsStock | Own, true, each("%%%02X"), readPercent},
		Disguise{`\uXXXX`, AsStock | Own, true, each(`\u%04x`), readEscapes},
		Disguise{`\\uXXXX (JSON in JSON)`, AsStock | Own, true, each(`\\u%04x`), readEscapes},
		Disguise{`\xXX`, Own, true, each(`\x%02x`), readEscapes},
		Disguise{"octal", Nobody, true, each(`\%03o`), readOctal},
		Disguise{"HTML entities, decimal", Own, true, each("&#%d;"), readEntities},
		Disguise{"HTML entities, hex", Own, true, each("&#x%x;"), readEntities},
		Disguise{"quoted-printable, every character", Nobody, true, each("=%02X"), readQuotedPrintable},
		Disguise{"quoted-printable, soft line break within", Nobody, false, halves("=\n"), readQuotedPrintable},
		Disguise{"full-width forms", Nobody, false, shifted('!', '~', 0xfee0), shifted(0xff01, 0xff5e, -0xfee0)},
	)
	for depth := 2; depth <= 6; depth++ {
		promised := AsStock | Own
		if depth > 5 {
			promised = Nobody
		}
		all = append(all, nested(depth, promised))
	}
	all = append(all,
		Disguise{"split by zero-width spaces", Rules | Own, false, everyFour("\u200b"), dropInvisible},
		Disguise{"split by soft hyphens", Rules | Own, false, everyFour("\u00ad"), dropInvisible},
		Disguise{"split by bidi controls", Rules | Own, false, everyFour("\u202e"), dropInvisible},
		Disguise{"split by tag characters", Rules | Own, false, everyFour("\U000e0041"), dropInvisible},
		Disguise{"split by terminal colours", Rules | Own, false, everyFour("\x1b[31m"), dropInvisible},
		Disguise{"spelled in tag characters", Rules | Own, true, shifted(' ', '~', 0xe0000), shifted(0xe0020, 0xe007e, -0xe0000)},
		Disguise{"split across two added lines of a diff", Nobody, false, halves("\n+"), dropDiffBreaks},
		Disguise{"split across two lines", Own, false, halves("\n"), joinLines},
		Disguise{"split across lines by a backslash", Own, false, halves("\\\n"), dropContinuations},
		Disguise{"split by Markdown emphasis", Nobody, false, halves("**"), drop("**")},
		Disguise{"split by an HTML tag", Nobody, false, halves("<b></b>"), drop("<b></b>")},
		Disguise{"split by an HTML comment", Nobody, false, halves("<!-- -->"), drop("<!-- -->", "[hidden comment: ]", "[hidden comment]", "[hidden comment:  ]")},
		Disguise{`split by concatenation, "a" + "b"`, Nobody, false, halves(`" + "`), drop(`" + "`)},
		Disguise{`split by concatenation, 'a' . 'b'`, Nobody, false, halves(`' . '`), drop(`' . '`)},
		Disguise{`split by concatenation over lines`, Nobody, false, halves("\" +\n\t\""), drop("\" +\n\t\"")},
		Disguise{"UTF-16, little-endian", Rules | Own, true, func(s string) string { return inUTF16(s, false) }, drop("\x00", "[U+0000]")},
		Disguise{"UTF-16, big-endian with its mark", Rules | Own, true, func(s string) string { return "\xfe\xff" + inUTF16(s, true) }, drop("\x00", "[U+0000]")},
		Disguise{"base64 of UTF-16", Nobody, true, func(s string) string {
			return base64Std(inUTF16(s, false))
		}, then(readBase64, drop("\x00"))},
		Disguise{"reversed", Own, false, reversed, reversed},
		Disguise{"ROT13", Nobody, false, rot13, rot13},
		Disguise{"base32", Nobody, true, func(s string) string { return base32.StdEncoding.EncodeToString([]byte(s)) }, readBase32},
		Disguise{"gzip in base64", Nobody, true, zipped, readZipped},
	)
	return all
}

const notes = "These notes stand before it, so that more than one line is needed for all.\n"

func same(s string) string { return s }

func then(first, second func(string) string) func(string) string {
	return func(s string) string { return second(first(s)) }
}

// nested encodes depth times, each time in another way.
func nested(depth int, promised Promise) Disguise {
	layers := []Disguise{
		{write: base64Std, read: readBase64},
		{write: hexLower, read: readHex},
		{write: each("%%%02x"), read: readPercent},
		{write: base64Std, read: readBase64},
		{write: each(`\u%04x`), read: readEscapes},
		{write: base64Std, read: readBase64},
	}
	d := Disguise{Name: fmt.Sprintf("nested %d deep", depth), Promised: promised, Whole: true, write: same, read: same}
	for _, layer := range layers[:depth] {
		d.write, d.read = then(d.write, layer.write), then(layer.read, d.read)
	}
	return d
}

// Apply writes a sample in the disguise.
func (d Disguise) Apply(s Sample) string {
	if d.Whole {
		return d.write(s.Text)
	}
	return strings.Replace(s.Text, s.Secret, d.write(s.Secret), 1)
}

// Read returns what can be read from a text with knowledge of the disguise.
func (d Disguise) Read(text string) string { return d.read(text) }

func base64Std(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func hexLower(s string) string { return hex.EncodeToString([]byte(s)) }

func each(format string) func(string) string {
	return func(s string) string {
		var b strings.Builder
		for i := range len(s) {
			fmt.Fprintf(&b, format, s[i])
		}
		return b.String()
	}
}

func lines(s string, width int) string {
	var b strings.Builder
	for ; len(s) > width; s = s[width:] {
		b.WriteString(s[:width] + "\n")
	}
	return b.String() + s
}

func halves(between string) func(string) string {
	return func(s string) string { return s[:len(s)/2] + between + s[len(s)/2:] }
}

func everyFour(between string) func(string) string {
	return func(s string) string {
		var b strings.Builder
		for ; len(s) > 4; s = s[4:] {
			b.WriteString(s[:4] + between)
		}
		return b.String() + s
	}
}

func shifted(first, last, by rune) func(string) string {
	return func(s string) string {
		return strings.Map(func(r rune) rune {
			if first <= r && r <= last {
				return r + by
			}
			return r
		}, s)
	}
}

func reversed(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}

func rot13(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return 'a' + (r-'a'+13)%26
		case 'A' <= r && r <= 'Z':
			return 'A' + (r-'A'+13)%26
		}
		return r
	}, s)
}

// inUTF16 writes ASCII as UTF-16.
func inUTF16(s string, zeroFirst bool) string {
	var b strings.Builder
	for i := range len(s) {
		if zeroFirst {
			b.WriteByte(0)
		}
		b.WriteByte(s[i])
		if !zeroFirst {
			b.WriteByte(0)
		}
	}
	return b.String()
}

func zipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s)) // a buffer takes all
	_ = w.Close()
	return base64.StdEncoding.EncodeToString(b.Bytes())
}
