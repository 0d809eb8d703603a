package leaks

import (
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"net/url"
	"regexp/syntax"
	"strings"
	"testing"

	"aegis/sanitize/internal/stock"
)

// instance writes a random text that re matches.
func instance(r *rand.Rand, re *syntax.Regexp, b *strings.Builder) {
	switch re.Op {
	case syntax.OpLiteral:
		for _, c := range re.Rune {
			if re.Flags&syntax.FoldCase != 0 && r.IntN(2) == 0 {
				b.WriteString(strings.ToUpper(string(c)))
			} else if re.Flags&syntax.FoldCase != 0 {
				b.WriteString(strings.ToLower(string(c)))
			} else {
				b.WriteRune(c)
			}
		}
	case syntax.OpCharClass:
		for {
			i := r.IntN(len(re.Rune)/2) * 2
			lo, hi := re.Rune[i], re.Rune[i+1]
			if lo > 0x7f && len(re.Rune) > 2 && r.IntN(20) > 0 {
				continue
			}
			if hi-lo > 300 {
				hi = lo + 300
			}
			b.WriteRune(lo + rune(r.IntN(int(hi-lo)+1)))
			return
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte(" abc\"'=:-{}[]"[r.IntN(13)])
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

// sample makes a text with an instance of the rule in it, plain or encoded.
func sample(r *rand.Rand, d *definition) string {
	re, err := syntax.Parse(d.pattern, syntax.Perl)
	if err != nil {
		panic(err)
	}
	var b strings.Builder
	instance(r, re, &b)
	text := b.String()
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
	separators := []string{"", " ", "\n", "\n\n", `"`, "x", "=", "\u212a", "ſ", "é", "\xff", "-", ":", "key=", "%41", `\u0041`, "U+0041 "}
	pick := func() string { return separators[r.IntN(len(separators))] }
	return pick() + d.keywords[r.IntN(len(d.keywords))] + pick() + pick() + text + pick() + pick()
}

func TestFindsWhatGitleaksFinds(t *testing.T) {
	t.Parallel()
	detector := stock.New(t)
	rounds := 40
	if testing.Short() {
		rounds = 6
	}
	found := make(map[string]int)
	for i := range table {
		d := &table[i]
		for round := range rounds {
			r := rand.New(rand.NewPCG(uint64(i), uint64(round)))
			text := sample(r, d)
			if r.IntN(3) == 0 { // two close together, of one rule or of two
				text += sample(r, &table[(i+r.IntN(3))%len(table)])
			}
			theirs, ours := detector.DetectString(text), Find(text, nil)
			if missed := missing(theirs, ours); len(missed) > 0 {
				t.Errorf("%s, round %d: in %q missed %q", d.id, round, text, missed)
			}
			if invented := invented(theirs, ours); len(invented) > 0 {
				t.Errorf("%s, round %d: in %q invented %q", d.id, round, text, invented)
			}
			for _, f := range theirs {
				found[f.RuleID]++
			}
		}
	}
	for i := range table {
		if found[table[i].id] == 0 && !testing.Short() {
			t.Errorf("no sample of %s was one: the test says nothing about it", table[i].id)
		}
	}
}
