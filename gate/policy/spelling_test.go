package policy

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"aegis/internal/operatorfile"
)

// quoted yields where the texts between double quotes lie in a source: every
// pattern of the specification.
func quoted(source string) (spans [][2]int) {
	open := -1
	for i := range len(source) {
		switch {
		case source[i] != '"':
		case open < 0:
			open = i + 1
		default:
			spans = append(spans, [2]int{open, i})
			open = -1
		}
	}
	return spans
}

// Each character that is invisible, a quote, an unusual space or a sign's double
// keeps a policy from loading, at each position of each of its patterns; the
// error is at that character and gives its code point.
func TestNoMisspeltPatternLoads(t *testing.T) {
	t.Parallel()
	strange := []rune("“”„‟‘’‚‛«»‹›`´′″ʼ＂＇「」〝〞" + // quotes
		"\u00a0\u1680\u2000\u2003\u2007\u2009\u200a\u202f\u205f\u3000\u2800" + // spaces
		"\u00ad\u034f\u061c\u115f\u1160\u17b4\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2064\u206a\u3164\uffa0\ufeff" + // invisible
		"\u202a\u202e\u2066\u2069" + // bidi
		"\ufe00\ufe0f\U000e0100\U000e01ef\U000e0001\U000e0041\U000e007f" + // selectors, tags
		"\u2028\u2029\u0085\u007f\ue000\ufff9\ufffc\ufffd" +
		"∗＊／∕⁄？，、［］｛｝！．")
	if testing.Short() {
		strange = []rune("“`\u00a0\u200b\u00ad\ufe0f\U000e0041∗，")
	}
	tried := 0
	for _, span := range quoted(specification) {
		for at := span[0]; at <= span[1]; at++ {
			for _, r := range strange {
				tried++
				source := specification[:at] + string(r) + specification[at:]
				p, _, err := Parse("policy.yaml", []byte(source))
				var problem *Problem
				if p != nil || !errors.As(err, &problem) {
					t.Fatalf("%U loads at byte %d: %q", r, at, source[span[0]:span[1]+utf8.RuneLen(r)])
				}
				line := strings.Count(specification[:at], "\n") + 1
				if problem.Line != line && r != '\u2028' && r != '\u2029' && r != '\u0085' {
					t.Errorf("%U on line %d is reported on %d: %v", r, line, problem.Line, err)
				}
				if code := strings.ToUpper(strings.TrimPrefix(codePoint(r), "the character ")); !strings.Contains(problem.Message, strings.TrimSuffix(code[strings.Index(code, "U+"):], ")")) {
					t.Errorf("%U is not named: %v", r, err)
				}
			}
		}
	}
	if tried < 1000 {
		t.Errorf("only %d were tried", tried)
	}
}

// White space at an edge and a leading exclamation mark are refused, quoted or
// not, in each kind of pattern.
func TestEdgesOfPatterns(t *testing.T) {
	t.Parallel()
	for _, span := range quoted(specification) {
		text := specification[span[0]:span[1]]
		for _, edged := range []string{" " + text, text + " ", "  " + text + " ", "!" + text, "{" + text + ", x}"} {
			if p, _, err := Parse("policy.yaml", []byte(specification[:span[0]]+edged+specification[span[1]:])); p != nil || err == nil {
				t.Errorf("%q loads", edged)
			}
		}
	}
	for _, spelt := range []string{"[!secrets/*]", "['!secrets/*']", "[\"!secrets/*\"]", "['!!secrets/*']", "[ \"secrets/* \" ]", "['\tsecrets/*']"} {
		for _, key := range []string{"paths", "write_paths", "branches"} {
			if p, _, err := Parse("policy.yaml", []byte("version: 1\nrepositories:\n  a/b:\n    "+key+": {deny: "+spelt+"}\n")); p != nil || err == nil {
				t.Errorf("%s: %s loads", key, spelt)
			}
		}
	}
}

// Nothing of another script stands in a word of Latin letters, be it a letter, a mark or a
// sign: whatever it is, it looks like something.
func TestWordsAreOfOneScript(t *testing.T) {
	t.Parallel()
	with := []*unicode.RangeTable{unicode.Latin, unicode.Common, unicode.Inherited, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Hangul}
	tried := 0
	for name, script := range unicode.Scripts {
		for _, ranges := range script.R16 {
			for r := rune(ranges.Lo); r <= rune(ranges.Hi); r += rune(ranges.Stride) {
				if unicode.In(r, with...) || r <= unicode.MaxASCII {
					continue
				}
				tried++
				for _, pattern := range []string{"secr" + string(r) + "ts/**", string(r) + "a", "1a" + string(r)} {
					if _, why := misspeltPattern(pattern); why == "" {
						t.Errorf("%q has %U, which is %s", pattern, r, name)
					}
				}
			}
		}
	}
	if tried < 5000 {
		t.Errorf("only %d were tried", tried)
	}
	for _, pattern := range []string{"Überblick/**", "naïve/*.md", "サーバーA/**", "v2設定/*", "docs 🎉/**", "col·lecció/*", "データー1/**", "документы/**", "a-документы/**"} {
		if _, why := misspeltPattern(pattern); why != "" {
			t.Errorf("%q %s", pattern, why)
		}
	}
}

// A letter of another script in a word of ASCII letters keeps a policy from loading,
// wherever it stands; names that are written in other scripts load.
func TestNoLookAlikeLoads(t *testing.T) {
	t.Parallel()
	alike := map[byte]string{
		'a': "аɑα", 'c': "сⅽᴄ", 'e': "еｅᴇ", 'o': "оο𝗈օ", 'p': "рρ", 's': "ѕꜱſ", 'i': "іıι", 'd': "ԁ", 'r': "ｒг", 'n': "ոп", 'v': "ѵν", 'g': "ɡ", 'h': "һ", 'm': "м", 't': "т",
		'.': "․。۔ꓸ", '*': "∗＊✱٭", '/': "∕⁄／", '-': "‐–−－", '_': "＿ˍ",
	}
	tried := 0
	for _, reference := range []string{specification, reference(t)} {
		for _, span := range quoted(reference) {
			for at := span[0]; at < span[1]; at++ {
				letter := func(i int) bool { return unicode.IsLetter(rune(reference[i])) }
				if letter(at) && !letter(at-1) && !letter(at+1) {
					continue // a word of its own
				}
				for _, r := range alike[reference[at]] {
					tried++
					_, _, err := Parse("policy.yaml", []byte(reference[:at]+string(r)+reference[at+1:]))
					var problem *Problem
					if !errors.As(err, &problem) || problem.Line != strings.Count(reference[:at], "\n")+1 {
						t.Errorf("%U at byte %d, in %q: %v", r, at, reference[span[0]:span[1]], err)
					}
				}
			}
		}
	}
	if tried < 300 {
		t.Errorf("only %d were tried", tried)
	}
	for _, fine := range []string{"секреты/**", "日本語/*.md", "docs/日本語-v2/**", "größe/**", "τεκμηρίωση/**", "src_тест/**", "naïve/**", "v日本/**", "デザインv2/*", "logs/٢٠٢٦/*"} {
		if _, warnings, err := Parse("policy.yaml", []byte("version: 1\npaths: {deny: [\""+fine+"\"]}\n")); err != nil || len(warnings) > 0 {
			t.Errorf("%s: %v %v", fine, err, warnings)
		}
	}
	if _, warnings, err := Parse("policy.yaml", []byte("version: 1\npaths: {deny: [\"docs/сору/**\"]}\n")); err != nil || len(warnings) != 1 {
		t.Errorf("a word of look-alikes: %v %v", err, warnings)
	}
}

// reference is the policy that has each key.
func reference(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(corpus, "good", "every_key.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// No change of a key loads: a letter less, one more, one twice, another one, two that
// have changed places, one in capitals.
func TestNoMutationOfAKeyLoads(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, reference := range []string{specification, reference(t)} {
		for _, span := range keyWords.FindAllStringIndex(reference, -1) {
			key := reference[span[0] : span[1]-1]
			for i := range key {
				mutations := []string{
					key[:i] + key[i+1:], key[:i] + "x" + key[i:], key[:i] + key[i:i+1] + key[i:], key[:i] + "x" + key[i+1:],
					key[:i] + strings.ToUpper(key[i:i+1]) + key[i+1:], key[:i] + "\u0435" + key[i+1:], key[:i] + "\u200b" + key[i:], key[:i] + " " + key[i:], key + "s",
				}
				if i > 0 {
					mutations = append(mutations, key[:i-1]+key[i:i+1]+key[i-1:i]+key[i+1:])
				}
				for _, mutated := range mutations {
					if strings.TrimSpace(mutated) == key {
						continue
					}
					tried++
					if p, _, err := Parse("policy.yaml", []byte(reference[:span[0]]+mutated+reference[span[1]-1:])); p != nil || err == nil {
						t.Errorf("%s loads as %q", key, mutated)
					}
				}
			}
		}
	}
	if tried < 500 {
		t.Errorf("only %d were tried", tried)
	}
}

var keyWords = regexp.MustCompile(`\b[a-z_]+:`)

func TestSignsOfOtherLanguagesAreWarnedOf(t *testing.T) {
	t.Parallel()
	for pattern, warned := range map[string]bool{
		"secrets/**,private/**": true, "a/b;c/d": true, "a/b|c/d": true, "^secrets/.*": true, "**/x$": true, "{a/b,^c/d}": true,
		"{a,b}/**": false, "a/[,;]": true, "a/b$c": false, "[^a]/b": false,
	} {
		_, warnings, err := Parse("policy.yaml", []byte("version: 1\npaths: {deny: ['"+pattern+"']}\n"))
		if err != nil || (len(warnings) > 0) != warned {
			t.Errorf("%s: %v %v", pattern, err, warnings)
		}
	}
}

func TestRootOnlyDeniesAreWarnedOf(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		".env": "**/.env", "*.pem": "**/*.pem", "secrets": "**/secrets", "{.env,docs/**}": "**/.env", "[Mm]akefile": "**/[Mm]akefile", "?": "**/?",
		"**": "", "*": "", "**/.env": "", "secrets/**": "", "a/b": "", "{a,b}/c": "",
	} {
		for _, key := range []string{"paths", "repositories: {a/b: {paths", "repositories: {a/b: {write_paths"} {
			source := "version: 1\n" + key + ": {deny: ['" + pattern + "']}" + strings.Repeat("}", strings.Count(key, "{")) + "\n"
			_, warnings, err := Parse("policy.yaml", []byte(source))
			if err != nil || (len(warnings) > 0) != (want != "") || want != "" && !strings.HasSuffix(warnings[0].Message, "holds at the root only; write "+want+" to hold everywhere") {
				t.Errorf("%s: %v %v", source, err, warnings)
			}
		}
	}
	if _, warnings, err := Parse("policy.yaml", []byte("version: 1\npaths: {allow: [README.md]}\n")); err != nil || len(warnings) > 0 {
		t.Errorf("an allow is warned of: %v %v", err, warnings)
	}
}

// FuzzSpelling: whatever is found is in the text, and what loads as a pattern
// holds nothing that can't be seen.
func FuzzSpelling(f *testing.F) {
	for _, seed := range []string{"secrets/**", "“a”", "!a", "{ a,b}", "s\u200becrets", "sеcrets", "a–b", "{{a,b},!c}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if found, why := misspeltPattern(text); why != "" && !strings.ContainsRune(text, found) && !(found == ' ' && strings.TrimSpace(text) != text) {
			t.Fatalf("%q holds no %U: %s", text, found, why)
		} else if why == "" && strings.ContainsFunc(text, func(r rune) bool { return operatorfile.Unseen(r) || isQuote(r) }) {
			t.Fatalf("%q passes", text)
		}
		if r := lookAlike(text); r != 0 && !strings.ContainsRune(text, r) || !strings.Contains(text, doubtful(text)) {
			t.Fatalf("%q holds no %U, or no %q", text, r, doubtful(text))
		}
	})
}

// A repository is never called by a name that Gitea keeps for wikis and feeds: a rule
// about one would hold nowhere.
func TestNamesThatNoRepositoryHas(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"acme/app.wiki", "acme/*.wiki", "acme/App.Wiki", "acme/app.rss", "acme/app.atom", "acme/a..b", "acme/-"} {
		if p, _, err := Parse("policy.yaml", []byte("version: 1\nrepositories:\n  \""+name+"\": {read: deny}\n")); p != nil || err == nil {
			t.Errorf("%s loads", name)
		}
	}
	for _, name := range []string{"acme/wiki", "acme/app.wiki-old", "acme/app.w*", "acme/a.b-", "acme/*"} {
		if _, _, err := Parse("policy.yaml", []byte("version: 1\nrepositories:\n  \""+name+"\": {read: deny}\n")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
