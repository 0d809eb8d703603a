package leaks

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// Each row is a file of rules and the error that it is, "" if it is none.
func TestParseRules(t *testing.T) {
	t.Parallel()
	const good = "[[rules]]\nid = 'acme'\nregex = 'acme_[a-z]{8}'\n"
	many := strings.Builder{}
	for i := range MaxRules + 1 {
		fmt.Fprintf(&many, "[[rules]]\nid='r%d'\nregex='x{3}'\n", i)
	}
	for _, row := range []struct{ name, in, want string }{
		{"a rule", good, ""},
		{"defaults are there anyway", "[extend]\nuseDefault = true\n" + good, ""},
		{"all that gitleaks knows", `title = 't'
description = 'd'
minVersion = 'v8.25.0'
[[rules]]
id = 'a.b_C-1'
description = 'd'
regex = '''(?i)acme_([a-z]{8})'''
secretGroup = 1
entropy = 3.5
keywords = ['ACME_']
tags = ['x']
path = '''\.conf$'''
[[rules.allowlists]]
description = 'd'
condition = 'AND'
regexTarget = 'match'
regexes = ['''^acme_a''']
stopwords = ['EXAMPLE']
[rules.allowlist]
regexTarget = 'secret'
regexes = ['''b$''']
`, ""},
		{"an unknown key", "[[rules]]\nid = 'a'\nregx = 'b'\n", `line 3: unknown key "rules.regx"`},
		{"an unknown key in an allow-list", good + "[[rules.allowlists]]\nstopword = ['x']\n", `line 5: unknown key "rules.allowlists.stopword"`},
		{"an unknown table", "[rule]\nid = 'a'\n", `line 1: unknown key "rule"`},
		{"no TOML", "[[rules]\n", "line 1: "},
		{"a doubled key", "[[rules]]\nid = 'a'\nid = 'b'\n", "line 3: "},
		{"a wrong type", "[[rules]]\nid = 'a'\nregex = 5\n", "line 3: "},
		{"not UTF-8", "title = '\xff'\n", "not UTF-8"},
		{"a bad expression", "[[rules]]\nid = 'acme'\nregex = 'a('\n", "rule acme: regex: missing closing )"},
		{"what Go's syntax lacks", "[[rules]]\nid = 'acme'\nregex = '(?<=x)a'\n", "rule acme: regex: invalid"},
		{"an expression that swallows what comes after", "[[rules]]\nid = 'acme'\nregex = '\\Qab'\n", "rule acme: regex: missing closing )"},
		{"one that matches nothing at all", "[[rules]]\nid = 'acme'\nregex = 'a*'\n", "rule acme: regex: it matches where there is nothing"},
		{"a bad path", "[[rules]]\nid = 'acme'\npath = '['\n", "rule acme: path: missing closing ]"},
		{"a bad allow-list", good + "[[rules.allowlists]]\nregexes = ['[']\n", "rule acme: allow-list: missing closing ]"},
		{"an empty allow-list", good + "[[rules.allowlists]]\ndescription = 'x'\n", "rule acme: allow-list: it has neither"},
		{"a condition", good + "[[rules.allowlists]]\ncondition = 'xor'\nregexes = ['x']\n", "rule acme: allow-list: condition"},
		{"a target", good + "[[rules.allowlists]]\nregexTarget = 'file'\nregexes = ['x']\n", "rule acme: allow-list: regexTarget"},
		{"an empty stopword", good + "[[rules.allowlists]]\nstopwords = ['']\n", "rule acme: allow-list: stopwords"},
		{"no id", "[[rules]]\nregex = 'a'\n", "rule 1 has no id"},
		{"an id that would end a marker", "[[rules]]\nid = 'a]b'\nregex = 'a'\n", "rule 1: an id is"},
		{"a long id", "[[rules]]\nid = '" + strings.Repeat("a", 49) + "'\nregex = 'a'\n", "rule 1: an id is"},
		{"an id twice", good + good, "rule acme: the id is another rule's"},
		{"a default rule's id", "[[rules]]\nid = 'github-pat'\nregex = 'never'\n", "rule github-pat: the id is a built-in rule's"},
		{"another id that is taken", "[[rules]]\nid = 'taken'\nregex = 'never'\n", "rule taken: the id is a built-in rule's"},
		{"neither regex nor path", "[[rules]]\nid = 'a'\n", "rule a: it has neither"},
		{"a group too many", "[[rules]]\nid = 'a'\nregex = '(a)'\nsecretGroup = 2\n", "secretGroup is 2, and it has 1 groups"},
		{"a negative group", "[[rules]]\nid = 'a'\nregex = '(a)'\nsecretGroup = -1\n", "must not be negative"},
		{"an entropy that nothing has", "[[rules]]\nid = 'a'\nregex = '(a)'\nentropy = inf\n", "entropy must be"},
		{"an empty keyword", "[[rules]]\nid = 'a'\nregex = 'a'\nkeywords = ['']\n", "rule a: a keyword has"},
		{"too many keywords", "[[rules]]\nid = 'a'\nregex = 'a'\nkeywords = [" + strings.Repeat("'a',", 65) + "]\n", "more than 64 keywords"},
		{"a rule that reports nothing", "[[rules]]\nid = 'a'\nregex = 'a'\nskipReport = true\n", "skipReport"},
		{"a rule that needs another", good + "[[rules.required]]\nid = 'x'\n", "required"},
		{"rules that are switched off", "[extend]\nuseDefault = true\ndisabledRules = ['github-pat']\n", "can't be switched off"},
		{"another file", "[extend]\npath = 'x.toml'\n", "not followed"},
		{"another place", "[extend]\nurl = 'https://example.org/x.toml'\n", "not followed"},
		{"too many rules", many.String(), "501 rules, more than 500"},
		{"too long", "#" + strings.Repeat("x", MaxRulesFile), "longer than"},
	} {
		rules, _, err := ParseRules([]byte(row.in), "taken")
		switch {
		case row.want == "" && (err != nil || rules == nil):
			t.Errorf("%s: %v", row.name, err)
		case row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want) || rules != nil):
			t.Errorf("%s: %v, want %q", row.name, err, row.want)
		}
	}
}

func TestParseRulesWarns(t *testing.T) {
	t.Parallel()
	const rule = "[[rules]]\nid = 'a'\nregex = 'aa'\n"
	for in, want := range map[string]string{
		rule: "",
		rule + "[allowlist]\npaths = ['vendor']\n":            "global allow-lists have no effect",
		rule + "[[allowlists]]\ntargetRules = ['a']\n":        "global allow-lists have no effect",
		rule + "[[rules.allowlists]]\npaths = ['x']\n":        "rule a: what its allow-lists say of paths",
		rule + "[rules.allowlist]\ncommits = ['abc']\n":       "rule a: what its allow-lists say of paths",
		"[[rules]]\nid = 'a'\npath = 'x'\nkeywords = ['k']\n": "rule a judges files by their path alone",
	} {
		_, warnings, err := ParseRules([]byte(in))
		if got := strings.Join(warnings, "; "); err != nil || (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%q: %v, warns %q, want %q", in, err, got, want)
		}
	}
}

// found returns rule and secret of what own rules find in a text.
func foundBy(t *testing.T, file, path, text string) []string {
	t.Helper()
	rules, _, err := ParseRules([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	if find := rules.At(path); find != nil {
		for _, f := range find(Unlimited(), text) {
			all = append(all, f.Rule+" "+f.secret)
		}
	}
	slices.Sort(all)
	return all
}

func TestOwnRulesFind(t *testing.T) {
	t.Parallel()
	const acme = "[[rules]]\nid = 'acme'\nregex = 'acme_([a-z]{4})'\n"
	for _, row := range []struct{ name, file, path, text, want string }{
		{"a match", acme, "", "x acme_abcd y", "acme abcd"},
		{"several", acme, "", "acme_abcd acme_efgh", "acme abcd, acme efgh"},
		{"a group", "[[rules]]\nid='a'\nregex='(x)y(z)'\nsecretGroup=2\n", "", "xyz", "a z"},
		{"entropy", acme + "entropy = 1.9\n", "", "acme_aaaa acme_abcd", "acme abcd"},
		{"no keyword", acme + "keywords = ['other']\n", "", "acme_abcd", ""},
		{"a keyword in another case", acme + "keywords = ['OTHER']\n", "", "acme_abcd oThEr", "acme abcd"},
		{"a keyword beyond ASCII runs everywhere", acme + "keywords = ['schlüssel']\n", "", "acme_abcd", "acme abcd"},
		{"a stopword", acme + "[[rules.allowlists]]\nstopwords = ['BC']\n", "", "acme_abcd acme_efgh", "acme efgh"},
		{"an allowed secret", acme + "[[rules.allowlists]]\nregexes = ['^ab', '(?i)^EF']\n", "", "acme_abcd acme_efgh acme_ijkl", "acme ijkl"},
		{"an allowed line", acme + "[[rules.allowlists]]\nregexTarget='line'\nregexes = ['^#']\n", "", "# acme_abcd\nacme_efgh", "acme efgh"},
		{"all conditions", acme + "[[rules.allowlists]]\ncondition='AND'\nregexes = ['^ab']\nstopwords=['cd']\n", "", "acme_abcd acme_abef", "acme abef"},
		{"a path in a condition never holds", acme + "[[rules.allowlists]]\ncondition='AND'\nregexes = ['^ab']\npaths=['.*']\n", "a.txt", "acme_abcd", "acme abcd"},
		{"a path beside others is nothing", acme + "[[rules.allowlists]]\nregexes = ['^zz']\npaths=['.*']\n", "a.txt", "acme_abcd", "acme abcd"},
		{"letters beyond ASCII", "[[rules]]\nid='a'\nregex='schlüssel_[a-zäöü]{4}'\n", "", "x schlüssel_möwe y", "a schlüssel_möwe"},
		{"classes beyond ASCII", "[[rules]]\nid='a'\nregex='\\p{Greek}{3,}'\n", "", "x λογος y αβ", "a λογος"},
		{"no literal at all", "[[rules]]\nid='a'\nregex='[0-9]{3}-[0-9]{2}'\n", "", "x 123-45 y", "a 123-45"},
		{"begin and end of lines", "[[rules]]\nid='a'\nregex='(?m)^[0-9]{3}$'\n", "", "123\n4567\n890", "a 123, a 890"},
		{"a path that matches", acme + "path='\\.conf$'\n", "etc/a.conf", "acme_abcd", "acme abcd"},
		{"a path that does not", acme + "path='\\.conf$'\n", "etc/a.txt", "acme_abcd", ""},
		{"a path that is not known", acme + "path='\\.conf$'\n", "", "acme_abcd", ""},
		{"a rule about a path beside one about none", acme + "path='x'\n[[rules]]\nid='b'\nregex='abcd'\n", "", "acme_abcd", "b abcd"},
	} {
		if got := strings.Join(foundBy(t, row.file, row.path, row.text), ", "); got != row.want {
			t.Errorf("%s: %q, want %q", row.name, got, row.want)
		}
	}
}

func TestFileRules(t *testing.T) {
	t.Parallel()
	rules, _, err := ParseRules([]byte("[[rules]]\nid='store'\npath='\\.p12$'\n"))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"a/b.p12": "store", "a/b.txt": "", "": ""} {
		if rule, ok := rules.Withholds(path); rule != want || ok != (want != "") {
			t.Errorf("%q: %q, %v", path, rule, ok)
		}
	}
	var none *Rules
	if _, ok := none.Withholds("a"); ok || none.At("a") != nil {
		t.Error("no rules withhold or find")
	}
}

// The words of many rules are too many for one dictionary.
func TestManyRules(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	for i := range MaxRules {
		fmt.Fprintf(&file, "[[rules]]\nid='r%d'\nregex='word-number-%d-[a-z]{4}'\nkeywords=['%s']\n", i, i, fmt.Sprintf("word-number-%d-", i)+strings.Repeat("','more-words-of-rule-"+fmt.Sprint(i), 30))
	}
	for _, n := range []int{0, 7, 123, MaxRules - 1} {
		text := fmt.Sprintf("x word-number-%d-abcd y", n)
		if got, want := foundBy(t, file.String(), "", text), fmt.Sprintf("r%d word-number-%d-abcd", n, n); len(got) != 1 || got[0] != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Own rules find what the same pattern finds as a default rule, whichever way
// they take.
func TestMeteredIsFindAll(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{
		`a+`, `\bword\b`, `(?m)^x.*$`, `(?i)key=(\w+)`, `[äöü]+`, `(?s)<.*?>`, `\p{Lu}\w*`, `a.c|ab`, `$?b`, `\Bb`, `(?m)b$`, `^ab`, `x(.*y)?`,
	} {
		for _, text := range []string{
			"", "a", "aab aa", "a word, words, sword word", "x1\nyx\nx2", "KEY=abc key=d", "äö ü", "<a\nb><c>", "Ärger Über uns", "abc ab", "ab\nab\n\nb", "xxyx\nxy",
		} {
			r := newRule(definition{id: "x", pattern: pattern, metered: true})
			want := r.all(text)
			got, rest := r.meteredAll(text)
			if !slices.Equal(got, want) || rest != len(text) {
				t.Errorf("%s in %q: %v up to %d, want %v", pattern, text, got, rest, want)
			}
		}
	}
}

// A pattern that takes more and more time for a text counts the rest of it as
// found.
func TestLaboriousRulesEnd(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("x", 1<<16)
	for _, pattern := range []string{`x(.*y)?`, `xä?(.*y)?`} {
		rules, _, err := ParseRules([]byte("[[rules]]\nid='slow'\nregex='" + pattern + "'\n"))
		if err != nil {
			t.Fatal(err)
		}
		found := rules.At("")(Unlimited(), text)
		end := 0
		for _, f := range found {
			if f.Start > end {
				t.Fatalf("%s: %d to %d was not looked at", pattern, end, f.Start)
			}
			end = max(end, f.End)
		}
		if end != len(text) {
			t.Errorf("%s: found up to %d of %d", pattern, end, len(text))
		}
	}
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	a := Finding{Rule: "r", secret: "s"}
	// printf 'r\0s' | sha256sum
	if got := a.Fingerprint(); got != "r@436f0e33ded58eff" {
		t.Errorf("%s", got)
	}
	if b := (Finding{Rule: "r", secret: "s", Start: 5, match: "x"}); b.Fingerprint() != a.Fingerprint() {
		t.Error("it depends on where the secret stands")
	}
	if got := (Finding{Rule: "r", End: 5}).Fingerprint(); got != "" {
		t.Errorf("nothing has the fingerprint %s", got)
	}
	for _, other := range []Finding{{Rule: "q", secret: "s"}, {Rule: "r", secret: "t"}, {Rule: "r\x00", secret: "s"}} {
		if other.Fingerprint() == a.Fingerprint() {
			t.Errorf("%+v has the same", other)
		}
	}
}

// A fingerprint is in the audit log, in policies and on terminals. No rule may
// take one for a secret.
func TestFingerprintsAreNoSecrets(t *testing.T) {
	t.Parallel()
	for _, id := range IDs() {
		for _, secret := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			fingerprint := Finding{Rule: id, secret: secret}.Fingerprint()
			for _, form := range []string{`,"exceptions":{"%s":1},"withheld":2`, "12 x %s\n", "secrets:\n  allow:\n    - %s\n", "secrets: {allow: [%s]}"} {
				if found := Find(fmt.Sprintf(form, fingerprint), nil); len(found) > 0 {
					t.Errorf(form+" is taken for %s", fingerprint, found[0].Rule)
				}
			}
		}
	}
}

func FuzzParseRules(f *testing.F) {
	f.Add("[[rules]]\nid='a'\nregex='a(.*b)?'\n[[rules.allowlists]]\nstopwords=['x']\n", "aaaab")
	f.Add("[[rules]]\nid='a'\nregex='(?i)\\bſk+'\nkeywords=['ſ']\nentropy=1\n", "ſk\u212a")
	f.Fuzz(func(t *testing.T, file, text string) {
		rules, _, err := ParseRules([]byte(file))
		if err != nil {
			if strings.TrimSpace(err.Error()) == "" {
				t.Error("an error says nothing")
			}
			return
		}
		rules.Withholds("a/b.txt")
		if find := rules.At("a/b.txt"); find != nil && len(text) < 1<<10 {
			text = strings.ToValidUTF8(text, "\uFFFD")
			for _, f := range find(Unlimited(), text) {
				if f.Start < 0 || f.End > len(text) || f.Start > f.End || f.MatchStart > f.MatchEnd || !utf8.ValidString(text[f.Start:f.End]) {
					t.Errorf("%+v in %q", f, text)
				}
			}
		}
	})
}
