package stock

import (
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"net/url"
	"regexp/syntax"
	"strings"
)

// Instance returns a random text that a rule's pattern matches.
func Instance(r *rand.Rand, pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		panic(err)
	}
	var b strings.Builder
	instance(r, re, &b)
	return b.String()
}

func instance(r *rand.Rand, re *syntax.Regexp, b *strings.Builder) {
	switch re.Op {
	case syntax.OpLiteral:
		for _, c := range re.Rune {
			switch {
			case re.Flags&syntax.FoldCase == 0:
				b.WriteRune(c)
			case r.IntN(2) == 0:
				b.WriteString(strings.ToUpper(string(c)))
			default:
				b.WriteString(strings.ToLower(string(c)))
			}
		}
	case syntax.OpCharClass:
		for {
			i := r.IntN(len(re.Rune)/2) * 2
			lo, hi := re.Rune[i], re.Rune[i+1]
			if lo > 0x7f && len(re.Rune) > 2 && r.IntN(20) > 0 {
				continue // ſ and K are rare
			}
			b.WriteRune(lo + rune(r.IntN(int(min(hi-lo, 300))+1)))
			return
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		const any = ` abc"'=:-{}[]`
		b.WriteByte(any[r.IntN(len(any))])
	case syntax.OpStar:
		repeat(r, re, 0, 3, b)
	case syntax.OpPlus:
		repeat(r, re, 1, 4, b)
	case syntax.OpQuest:
		repeat(r, re, 0, 1, b)
	case syntax.OpRepeat:
		most := re.Max
		if most < 0 || most > re.Min+8 {
			most = re.Min + 8
		}
		repeat(r, re, re.Min, most, b)
	case syntax.OpAlternate:
		instance(r, re.Sub[r.IntN(len(re.Sub))], b)
	default:
		for _, sub := range re.Sub {
			instance(r, sub, b)
		}
	}
}

func repeat(r *rand.Rand, re *syntax.Regexp, least, most int, b *strings.Builder) {
	for range least + r.IntN(most-least+1) {
		instance(r, re.Sub[0], b)
	}
}

// Encoded returns text encoded up to two deep, or with something beside it.
func Encoded(r *rand.Rand, text string) string {
	for range r.IntN(3) {
		switch r.IntN(5) {
		case 0:
			text = base64.StdEncoding.EncodeToString([]byte(text))
		case 1:
			text = base64.RawURLEncoding.EncodeToString([]byte(text))
		case 2:
			text = hex.EncodeToString([]byte(text))
		case 3:
			text = url.QueryEscape(text)
		case 4:
			text = "pre" + text + "post"
		}
	}
	return text
}

// Between returns something that stands between two texts.
func Between(r *rand.Rand) string {
	all := []string{
		"", " ", "\n", "\n\n", `"`, "'", "x", "=", ": ", "-", ",", `\n`, "\u212a", "ſ", "é", "\xff",
		"key=", "token: ", "%41", `\u0041`, "U+0041 ", "data:", "[redacted:", "]",
	}
	return all[r.IntN(len(all))]
}
