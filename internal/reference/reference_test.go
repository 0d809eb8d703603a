package reference

import (
	"net/url"
	"strings"
	"testing"
)

func here(tb testing.TB, address string) *url.URL {
	tb.Helper()
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	return u
}

// said is what Find finds, in words.
func said(text string, as Syntax, instances ...*url.URL) string {
	repos, unclear := Find(text, as, instances...)
	var all []string
	for _, repo := range repos {
		all = append(all, repo.String())
	}
	if unclear {
		all = append(all, "?")
	}
	return strings.Join(all, " ")
}

func TestFind(t *testing.T) {
	t.Parallel()
	instance := here(t, "https://git.example.org:3000/")
	for _, row := range []struct{ name, text, plain, markdown string }{
		{"nothing", "", "", ""},
		{"prose", "See #1, and #2; a/b, 1/2 and and/or. Half/half!", "", ""},
		{"an issue", "See acme/site#1.", "acme/site", "acme/site"},
		{"a pull request", "acme/site!1", "acme/site", "acme/site"},
		{"in another case", "ACME/Site#1", "acme/site", "acme/site"},
		{"two", "(b/b#1) [a/a#1]", "a/a b/b", "a/a b/b"},
		{"after any sign", `"acme/site#1"`, "acme/site", "acme/site"},
		{"full-width", "ａｃｍｅ／ｓｉｔｅ＃１", "acme/site", "acme/site"},
		{"percent-encoded", "acme%2Fsite%231", "acme/site", "acme/site"},
		{"as HTML", "acme&#47;site&num;1", "acme/site", "acme/site"},
		{"escaped", `acme/site\#1`, "acme/site", "acme/site"},
		{"with what nobody sees", "acme/\u200bsite#1", "acme/site", "acme/site"},
		{"no number", "acme/site#readme acme/site#1st acme/site", "", ""},
		{"no name", "/#1 a/#1 /b#1", "", ""},
		{"a longer name than Gitea gives", strings.Repeat("a", 41) + "/b#1", "?", "?"},
		{"steps in a path", "./a#1 ../a#1 a/..#1", "", ""},
		{"a commit leaves nothing", "acme/site@3ad5a2d0c8", "", ""},
		{"the middle of a path", "a/b/c#1", "", ""},
		{"emphasis", "_acme/site#1_", "_acme/site", "_acme/site acme/site"},
		{"a line broken", "acme/si\\\nte#1", "", "acme/site"},
		{"a line broken by spaces", "> acme/si  \n> te#1", "", "acme/site"},
		{"a line broken in a list", "- x\n  acme/\\\r\n  site#1", "", "acme/site"},
		{"a torn line", "x\ry", "", "?"},
		{"a torn end", "x\r", "", "?"},
		{"whole ones", "x\r\n\r\n", "", ""},
		{"what an address leaves over", "www.ab.comzzzzacme/site#1", "www.ab.comzzzzacme/site", "www.ab.comzzzzacme/site zacme/site"},
		{"what an address of mail leaves over", "a@b.c-d.zyacme/site#1", "b.c-d.zyacme/site", "b.c-d.zyacme/site"},

		{"an address", "https://git.example.org:3000/acme/site/issues/1", "acme/site", "acme/site"},
		{"of a pull request", "https://git.example.org:3000/acme/site/pulls/1/files", "acme/site", "acme/site"},
		{"of a comment", "https://git.example.org:3000/acme/site/issues/1#issuecomment-7", "acme/site", "acme/site"},
		{"on another port and scheme", "HTTP://Git.Example.Org/acme/site/issues/1", "acme/site", "acme/site"},
		{"in a folder", "https://git.example.org/git/acme/site/issues/1", "acme/site", "acme/site"},
		{"with a user", "https://git.example.org@git.example.org/acme/site/issues/1", "acme/site", "acme/site"},
		{"without a scheme", "//git.example.org/acme/site/issues/1", "acme/site", "acme/site"},
		{"without a host", "[x](/acme/site/issues/1)", "acme/site", "acme/site"},
		{"without a host, by a scheme", "[x](http:/acme/site/issues/1)", "acme/site", "acme/site"},
		{"a definition", "[x]\n\n[x]:/acme/site/issues/1", "acme/site", "acme/site"},
		{"with a path that is put together", "ac<https://git.example.org//me/site/issues/1>", "me/site", "acme/site me/site"},
		{"and with a bracket", "<https://git.example.org//x(acme/site/issues/1>", "", "acme/site"},
		{"a list of issues", "https://git.example.org/acme/site/issues", "", ""},
		{"elsewhere", "https://github.com/acme/site/issues/1", "", ""},
		{"elsewhere, deeper", "https://gitlab.com/a/acme/site/issues/1", "", ""},
		{"elsewhere, without a scheme", "github.com/acme/site/issues/1", "", ""},
		{"elsewhere, not deep enough", "https://example.org/site/issues/1", "", ""},
		{"a folder's file", "docs/a/b/issues/1.md", "", ""},
		{"Gitea's API", "GET /api/v1/repos/acme/site/issues/1", "", ""},

		{"a code span", "See `acme/site#1`.", "acme/site", ""},
		{"two", "`a` and ``acme/site#1 ` x`` and `acme/site#2`", "acme/site", ""},
		{"in a list", "- [x] `acme/site#1`\n- (`acme/site#1`)", "acme/site", ""},
		{"of an address", "`https://git.example.org/acme/site/issues/1`", "acme/site", ""},
		{"one behind it", "`a` acme/site#1", "acme/site", "acme/site"},
		{"one not closed", "` acme/site#1", "acme/site", "acme/site"},
		{"of unlike length", "`` acme/site#1 `", "acme/site", "acme/site"},
		{"one of two lines", "`a\nacme/site#1`", "acme/site", ""},
		{"after one of two lines", "x ` y\n` acme/site#1 `", "acme/site", "acme/site"},
		{"after a paragraph with one", "x ` y\n\n`acme/site#1`", "acme/site", ""},
		{"escaped", "\\` acme/site#1 `", "acme/site", "acme/site"},
		{"a tag's", "<a title=\"`\"> acme/site#1 `", "acme/site", "acme/site"},
		{"a link's", "[a](`) acme/site#1 `", "acme/site", "acme/site"},
		{"a cell's", "a | b\n--|--\na ` | acme/site#1 `", "acme/site", "acme/site"},
		{"an address's", "www.example.org/` acme/site#1 `", "acme/site", "acme/site"},
		{"a mail address's", "x`y@example.org acme/site#1 `", "acme/site", "acme/site"},
		{"a heading's", "# ` acme/site#1 {a=`}", "acme/site", ""},
		{"a fenced block", "x\n```go\nacme/site#1\n```\ny", "acme/site", ""},
		{"a fenced block of tildes", "~~~\nacme/site#1\n```\n~~~~\ny", "acme/site", ""},
		{"behind one", "```\n```\nacme/site#1", "acme/site", "acme/site"},
		{"one not closed", "```\nacme/site#1", "acme/site", ""},
		{"one that is not", "``` ` \nacme/site#1\n```", "acme/site", "acme/site"},
		{"one closed by the indented", "```\n  ```\nacme/site#1\n```", "acme/site", "acme/site"},
		{"one in HTML", "<script>\n```\n</script>\n\nacme/site#1\n```", "acme/site", "acme/site"},
		{"one in a quote", "> ```\nacme/site#1\n> ```", "acme/site", "acme/site"},
	} {
		if got := said(row.text, Plain, instance); got != row.plain {
			t.Errorf("%s, plain: %q refers to %q, want %q", row.name, row.text, got, row.plain)
		}
		if got := said(row.text, Markdown, instance); got != row.markdown {
			t.Errorf("%s, Markdown: %q refers to %q, want %q", row.name, row.text, got, row.markdown)
		}
	}
}

func TestFindOfInstances(t *testing.T) {
	t.Parallel()
	folder, other := here(t, "http://gitea:3000/git/"), here(t, "https://git.example.org/")
	for _, row := range []struct {
		text      string
		instances []*url.URL
		want      string
	}{
		{"https://github.com/acme/site/issues/1", nil, "acme/site"},
		{"https://github.com/acme/site/issues/1", []*url.URL{nil}, "acme/site"},
		{"https://git.example.org/acme/site/issues/1", []*url.URL{folder}, ""},
		{"https://git.example.org/acme/site/issues/1", []*url.URL{folder, other}, "acme/site"},
		{"https://git.example.org/acme/site/issues/1", []*url.URL{here(t, "http://gitea:3000"), other}, "acme/site"},
		{"http://gitea/git/acme/site/issues/1", []*url.URL{folder, other}, "acme/site"},
		{"http://gitea/acme/site/issues/1", []*url.URL{folder, other}, "acme/site"},
		{"http://gitea./acme/site/issues/1", []*url.URL{folder, other}, "acme/site"},
		{"/git/acme/site/issues/1", []*url.URL{folder, other}, "acme/site"},
		{"/acme/site/issues/1", []*url.URL{folder, other}, "acme/site"},
	} {
		if got := said(row.text, Markdown, row.instances...); got != row.want {
			t.Errorf("%q at %v refers to %q, want %q", row.text, row.instances, got, row.want)
		}
	}
}

func TestFindSuspect(t *testing.T) {
	t.Parallel()
	instance := here(t, "https://git.example.org/")
	for text, want := range map[string]string{
		"":                                      "",
		"See acme/site#1.":                      "acme/site",
		"x\n\n    acme/site#1":                  "acme/site",
		"<!-- acme/site#1 -->":                  "acme/site",
		"[x](y \"acme/site#1\")":                "acme/site",
		"> acme/\\\n> site#1":                   "acme/site",
		"~~~ go\nacme/site#1\n~~~\n\n`a/b#2`":   "",
		"```\nacme/site#1\n```":                 "",
		"> ```\n> acme/site#1\n> ```":           "",
		"See `acme/site#1` and ``a/b#2``.":      "",
		"`` a ` b ``, `acme/site#1`":            "",
		"`https://git.example.org/a/b/pulls/1`": "",
		"a ` b\n\n`acme/site#1`":                "",
		"`a/b` and `main.go#L1`":                "",
		"`a\nacme/site#1`":                      "acme/site",
		"x ` y\n` acme/site#1 `":                "acme/site",
		"<a title=\"x\"> `acme/site#1`":         "acme/site",
		"[a](b) `acme/site#1`":                  "acme/site",
		"| `acme/site#1` |":                     "acme/site",
		"$x$ `acme/site#1`":                     "acme/site",
		"\\x `acme/site#1`":                     "acme/site",
		"http://a.b `acme/site#1`":              "acme/site",
		"a@b.c `acme/site#1`":                   "acme/site",
	} {
		if got := said(text, Suspect, instance); got != want {
			t.Errorf("%q may refer to %q, want %q", text, got, want)
		}
	}
}
