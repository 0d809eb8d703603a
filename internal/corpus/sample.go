package corpus

import (
	"hash/fnv"
	"math/rand/v2"
	"regexp/syntax"
	"strings"
)

// A Sample is a text in which gitleaks finds a secret of a rule.
type Sample struct {
	Rule Rule
	// Text is what the rule matches, with as little around it as it needs.
	Text string
	// Secret is the part of Text that must not be shown.
	Secret string
	// Reported is what gitleaks reports as the secret: Secret, or a fragment of
	// it where the rule's capture is one.
	Reported string
}

// attempts bounds how many texts are made for one sample. Entropy limits,
// stopwords and allow-lists turn down most of them for some rules.
const attempts = 400

// minSecret is the length in bytes of the shortest secret that is a sample:
// whether a shorter one is gone from a text can't be told from the text.
const minSecret = 8

// Samples returns up to n samples of a rule, the same ones for the same seed:
// made from its expression, after a word that makes gitleaks look where the
// expression has none.
func (s *Stock) Samples(r Rule, n int, seed uint64) []Sample {
	if r.Pattern == "" {
		return nil
	}
	random := rand.New(rand.NewPCG(seed, hashed(r.ID)))
	var samples []Sample
	add := func(text string) {
		for _, f := range s.Find(text, r.Path) {
			if f.RuleID != r.ID {
				continue
			}
			secret := f.Secret
			if fragment(f.Match, secret) {
				secret = f.Match
			}
			if len(secret) >= minSecret && strings.Contains(text, secret) {
				samples = append(samples, Sample{Rule: r, Text: text, Secret: secret, Reported: f.Secret})
				return
			}
		}
	}
	for range attempts {
		if len(samples) == n {
			return samples
		}
		add(r.instance(random))
	}
	return samples
}

// fragment reports whether a match without its capture still has a long run of
// letters and digits, no mere name: then the capture is only a part of the
// secret.
func fragment(match, capture string) bool {
	rest := strings.Replace(match, capture, " ", 1)
	for _, run := range strings.FieldsFunc(rest, func(r rune) bool {
		return !isDigit(r) && (r < 'A' || 'Z' < r) && (r < 'a' || 'z' < r)
	}) {
		digits := strings.Map(func(r rune) rune {
			if isDigit(r) {
				return r
			}
			return -1
		}, run)
		if len(run) >= 20 && len(digits) >= 3 {
			return true
		}
	}
	return false
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func hashed(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

// instance returns a random text that the rule's expression matches, but for
// what its assertions ask of it.
func (r Rule) instance(random *rand.Rand) string {
	parsed, err := syntax.Parse(r.Pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	g := generator{random: random}
	g.write(parsed)
	text := g.text.String()
	folded := strings.ToLower(text)
	for _, k := range r.Keywords {
		if strings.Contains(folded, k) {
			return text
		}
	}
	if len(r.Keywords) > 0 {
		text = r.Keywords[0] + ": " + text
	}
	return text
}

type generator struct {
	random *rand.Rand
	text   strings.Builder
}

func (g *generator) write(re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			g.text.WriteRune(g.folded(r, re.Flags&syntax.FoldCase != 0))
		}
	case syntax.OpCharClass:
		g.text.WriteRune(g.oneOf(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		// Alone it is mostly a dot that somebody forgot to escape.
		const any = "abcdefghijklmnopqrstuvwxyz0123456789 _-.................................."
		g.text.WriteByte(any[g.random.IntN(len(any))])
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		for range g.times(re) {
			g.write(re.Sub[0])
		}
	case syntax.OpAlternate:
		g.write(re.Sub[g.random.IntN(len(re.Sub))])
	default: // captures and sequences; assertions write nothing
		for _, sub := range re.Sub {
			g.write(sub)
		}
	}
}

func (g *generator) folded(r rune, fold bool) rune {
	if !fold {
		return r
	}
	if g.random.IntN(2) == 0 {
		return []rune(strings.ToUpper(string(r)))[0]
	}
	return []rune(strings.ToLower(string(r)))[0]
}

// oneOf returns a member of a class: of what is printable ASCII in it, if
// there is any.
func (g *generator) oneOf(ranges []rune) rune {
	var members []rune
	for i := 0; i < len(ranges); i += 2 {
		for r := max(ranges[i], ' '); r <= min(ranges[i+1], '~'); r++ {
			members = append(members, r)
		}
	}
	if len(members) == 0 {
		return ranges[0]
	}
	return members[g.random.IntN(len(members))]
}

// times returns how often to repeat: few times what may be absent, a little
// more than the least where there is one, the most now and then.
func (g *generator) times(re *syntax.Regexp) int {
	least, most := 0, 3
	switch re.Op {
	case syntax.OpPlus:
		least, most = 1, 12
	case syntax.OpQuest:
		most = 1
	case syntax.OpRepeat:
		least, most = re.Min, re.Max
		if most < 0 {
			most = least + 24
		}
	}
	switch {
	case least == 0:
		most = min(most, 3)
	case g.random.IntN(8) > 0:
		most = min(most, least+24)
	}
	return least + g.random.IntN(most-least+1)
}
