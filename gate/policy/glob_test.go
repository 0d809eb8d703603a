package policy

import (
	"regexp"
	"strings"
	"testing"

	"github.com/bmatcuk/doublestar/v4"

	"aegis/internal/canon"
)

func TestGlobMatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern  string
		yes, not string // paths, separated by spaces
	}{
		{"README.md", "README.md", "readme.md docs/README.md README.mdx"},
		{"*.md", "a.md .md", "a/b.md a.mdx"},
		{"**/*.md", "a.md a/b.md a/b/c.md", "a.mdx"},
		{"src/**", "src src/a src/a/b", "srcs a/src/b"},
		{"docs/*/x.md", "docs/a/x.md", "docs/x.md docs/a/b/x.md"},
		{"a/**/b", "a/b a/x/b a/x/y/b", "a/bb xa/b a/b/c"},
		{"a/**/b/**/c", "a/b/c a/x/b/y/z/c a/b/b/c", "a/c a/b"},
		{"**", "a a/b", ""},
		{"**/**", "a a/b", ""},
		{"**/.env*", ".env a/.env.local a/b/.envrc", "a/env b.env"},
		{"?.go", "a.go é.go", "ab.go .go a/b.go"},
		{"[a-c]x", "ax cx", "dx Ax x"},
		{"[!a-c]x", "dx Ax", "ax x a/x"},
		{"[^a]x", "bx", "ax"},
		{"[*]", "*", "a"},
		{"[a-]", "a -", "b"},
		{"[-a]", "a -", "b"},
		{"{a,b}/*.go", "a/x.go b/x.go", "c/x.go {a,b}/x.go"},
		{"{src,docs/{de,en}}/**", "src/x docs/de/x docs/en", "docs/x docs/fr"},
		{"x{,.bak}", "x x.bak", "x.bak.bak"},
		{"**.pem", "a.pem", "a/b.pem"},
		{"a*b*c", "abc aXbYc abbcc", "abcd ab a/bc"},
		{"ü/**", "ü/x", "u/x"},
	} {
		g, err := compilePath(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		for _, p := range strings.Fields(c.yes) {
			if !g.fit(p, false).whole {
				t.Errorf("%s should match %s", c.pattern, p)
			}
			if !g.fit(strings.ToUpper(p), true).whole {
				t.Errorf("%s should match %s in any case", c.pattern, strings.ToUpper(p))
			}
		}
		for _, p := range strings.Fields(c.not) {
			if g.fit(p, false).whole {
				t.Errorf("%s should not match %s", c.pattern, p)
			}
		}
	}
}

func TestGlobFoldsAllOfUnicode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ pattern, path string }{
		{"secrets/*", "SECRETS/x"},
		{"secrets/*", "\u017fecrets/x"}, // LATIN SMALL LETTER LONG S
		{"**/straße", "x/STRAẞE"},
		{"σίσυφος", "ΣΊΣΥΦΟΣ"},
		{"[a-f]", "C"},
		{"[A-F]", "c"},
		{"[k]*", "Key"},
		{"s?", "\u017fx"},
		{"[!a]", "a"}, // its other case, A, is not a
		{"ж*", "Жук"},
	} {
		g, err := compilePath(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if !g.fit(c.path, true).whole {
			t.Errorf("%s should match %s in any case", c.pattern, c.path)
		}
	}
}

func TestFolderMayContain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern  string
		yes, not string // folders; "." is the root
	}{
		{"src/**", ". src src/a src/a/b", "docs a/src"},
		{"**/*.md", ". a a/b", ""},
		{"docs/*/x.md", ". docs docs/a docs/a/x.md", "docs/a/b src docs/a/x.md/y"},
		{"README.md", ". README.md", "docs README.md/x"},
		{"a/**/b/c", ". a a/b a/x a/x/y/b/c", "b"},
		{"{a,b/c}/d", ". a b b/c", "c b/d"},
		{"[ab]/x", ". a b", "c"},
		{"**", ". a a/b", ""},
	} {
		g, err := compilePath(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, folder := range strings.Fields(c.yes) {
			if !g.fit(strings.TrimPrefix(folder, "."), false).below {
				t.Errorf("%s may lie in %s", c.pattern, folder)
			}
		}
		for _, folder := range strings.Fields(c.not) {
			if g.fit(folder, false).below {
				t.Errorf("%s can't lie in %s", c.pattern, folder)
			}
		}
	}
}

func TestPatternsThatCanNeverMatch(t *testing.T) {
	t.Parallel()
	for _, pattern := range strings.Split(
		"|/a|a/|a//b|./a|a/./b|../a|a/..|.git/config|a/.GIT|a\\b|\\*.md|a%2eb|a%2F|%5c|[|[]|[!]|[a|[z-a]|{a|a}|{a,/b}|{,a}/b|a\nb|a\x00|e\u0301|\xff|[a/b]|"+
			strings.Repeat("x", 501)+"|"+strings.Repeat("a/", 63)+"a|"+strings.Repeat("{a,b}", 8)+"|{a,.git}/x", "|") {
		if _, err := compilePath(pattern); err == nil {
			t.Errorf("path pattern %q should be refused", pattern)
		}
	}
	for _, pattern := range strings.Split("|refs/heads/x|HEAD|head|@|-x|x.|a b|a~|a:b|a..b|a@{b|.x|a/.x|x.lock|a.lock/b|/a|a/|{a,HEAD}|"+strings.Repeat("x", 256), "|") {
		if _, err := compileBranch(pattern); err == nil {
			t.Errorf("branch pattern %q should be refused", pattern)
		}
	}
	for _, pattern := range strings.Split("|acme|/x|acme/|a/b/c|a/**|**/b|a?/b|a/[b]|a/{b,c|a/{b,}|a b/c|a/b c|ä/b|a/b.git|a/*.GIT|./b|a/..|"+
		strings.Repeat("x", 41)+"/*|*/"+strings.Repeat("x", 101), "|") {
		if _, err := parseRepoPattern(pattern); err == nil {
			t.Errorf("repository pattern %q should be refused", pattern)
		}
	}
}

func TestRepositoryPatterns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ pattern, yes, not string }{
		{"acme/hr-*", "acme/hr-data acme/hr- ACME/HR-x", "acme/hr acme/xhr-y other/hr-data"},
		{"*/*", "a/b", ""},
		{"*/wiki", "a/wiki b/Wiki", "a/wikis"},
		{"Ac*E/*-x-*", "acme/a-x-b ace/-x-", "acme/ax-b acm/a-x-b"},
		{"a/b*b", "a/bb a/bxb", "a/b"},
	} {
		p, err := parseRepoPattern(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range strings.Fields(c.yes) {
			if r := repository(name); !p.match(r.Owner(), r.Name()) {
				t.Errorf("%s should match %s", c.pattern, name)
			}
		}
		for _, name := range strings.Fields(c.not) {
			if r := repository(name); p.match(r.Owner(), r.Name()) {
				t.Errorf("%s should not match %s", c.pattern, name)
			}
		}
	}
}

// FuzzGlob holds the matcher to a naive one and to doublestar, and the three
// questions asked of a glob to each other.
func FuzzGlob(f *testing.F) {
	for _, seed := range []struct{ pattern, path string }{
		{"**/*.pem", "a/b.pem"}, {"a/**/b", "a/x/y/b"}, {"{a,b{c,d}}/**", "bd/x"}, {"[!a-c]*?", "xyz"},
		{"a*b*c", "abxbc"}, {"**/a/**/b/**", "a/a/b"}, {"secrets/**", "secrets"}, {"[a-c-e]", "-"},
	} {
		f.Add(seed.pattern, seed.path)
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		g, err := compilePath(pattern)
		if err != nil {
			return
		}
		p, err := canon.ParsePath(text)
		if err != nil {
			return
		}
		text = p.String()
		got := g.fit(text, false)
		if want := naive(t, pattern, text); got.whole != want {
			t.Errorf("%q matches %q: %t, naively %t", pattern, text, got.whole, want)
		}
		if ordinary(pattern) {
			if want, err := doublestar.Match(pattern, text); err != nil || got.whole != want {
				t.Errorf("%q matches %q: %t, doublestar says %t, %v", pattern, text, got.whole, want, err)
			}
		}
		folded := g.fit(text, true)
		if got.whole && !folded.whole || got.within && !folded.within || got.below && !folded.below {
			t.Errorf("%q on %q: folding loses a match", pattern, text)
		}
		for _, f := range []fit{got, folded} {
			if f.whole && (!f.within || !f.below) {
				t.Errorf("%q on %q: %+v", pattern, text, f)
			}
		}
		// What lies in a matched folder is within; what is below keeps its folders visible.
		for folder := range folders(text) {
			above := g.fit(folder, false)
			if above.within && !got.within {
				t.Errorf("%q is within at %q but not at %q", pattern, folder, text)
			}
			if got.below && !above.below {
				t.Errorf("%q may show %q but not its folder %q", pattern, text, folder)
			}
			if naive(t, pattern, folder) && !got.within {
				t.Errorf("%q matches folder %q but %q is not within", pattern, folder, text)
			}
		}
	})
}

// folders yields the folders above a path, the root first.
func folders(path string) func(func(string) bool) {
	return func(yield func(string) bool) {
		if !yield("") {
			return
		}
		for i := range len(path) {
			if path[i] == '/' && !yield(path[:i]) {
				return
			}
		}
	}
}

// ordinary reports whether a pattern has none of the corners in which
// doublestar differs: classes and "**" that is not alone or not between others.
func ordinary(pattern string) bool {
	return !strings.ContainsAny(pattern, "[{") && !regexp.MustCompile(`\*\*[^/]|[^/]\*\*|\*\*/\*\*`).MatchString(pattern)
}

// naive matches by trying everything.
func naive(t *testing.T, pattern, path string) bool {
	rows, err := expand(pattern, nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	if path != "" {
		names = strings.Split(path, "/")
	}
	for _, row := range rows {
		if naiveRow(strings.Split(row, "/"), names) {
			return true
		}
	}
	return false
}

func naiveRow(row, names []string) bool {
	if len(row) == 0 {
		return len(names) == 0
	}
	if row[0] == "**" {
		return naiveRow(row[1:], names) || len(names) > 0 && naiveRow(row, names[1:])
	}
	return len(names) > 0 && naiveSegment(row[0]).MatchString(names[0]) && naiveRow(row[1:], names[1:])
}

func naiveSegment(text string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`(?s)^`)
	for rest := text; rest != ""; {
		switch c := rest[0]; c {
		case '*':
			b.WriteString(`.*`)
		case '?':
			b.WriteString(`.`)
		case '[':
			class, after, _ := strings.Cut(rest[1:], "]")
			b.WriteByte('[')
			if class[0] == '!' || class[0] == '^' {
				b.WriteByte('^')
				class = class[1:]
			}
			b.WriteString(regexp.MustCompile(`[\[\]\\^&:]`).ReplaceAllString(class, `\$0`))
			b.WriteByte(']')
			rest = after
			continue
		default:
			b.WriteString(regexp.QuoteMeta(rest[:1]))
		}
		rest = rest[1:]
	}
	return regexp.MustCompile(b.String() + `$`)
}
