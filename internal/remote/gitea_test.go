package remote_test

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"aegis/internal/giteatest"
	"aegis/internal/remote"
)

// fetched is what a browser asks the other host for, in a page of Gitea's.
var fetched = regexp.MustCompile(`(?i)<[a-z0-9]+\b[^>]*\b(?:src|srcset|poster|background|data|style|href)\s*=\s*(?:"|"[^"]*[\s,(])(?:https?:)?//evil\.example`)

// linked is what a reader has to follow.
var linked = regexp.MustCompile(`(?i)<a\b[^>]*>`)

// pieces are what pages are put together of.
var pieces = []string{
	"![x](", "![", "](", ")", "]", "[x](", "[y]: ", "\n\n[y]: ", "![y]", "![x][y]", "<", ">", "http://evil.example/1", "https://evil.example/1.png", "//evil.example/1", "http&#58;//evil.example/1", `http\://evil.example/1`,
	"<img src=", "<img alt=\"", "\">", "\" src=\"", "'", "\"", " src=//evil.example/1 ", "src=//evil.example/1", "<img alt='>' src='//evil.example/1'>", "<div>\n", "<div a\">", "</div>", "<p>", "<picture><source srcset=\"", " 2x\">",
	"<video src=", "<span style=\"background:url(", "<a href=\"", "<!--", "-->", "<textarea>", "<details>", "<b>", "[[", "]]", "[[x|", "|", "link=", ".png", "\n", "\n\n", "  \n", "\\\n", "\\", "`", "``", "\n```\n", "```html\n", "~~~\n", "$", "$$", "\n$$\n", "$`", "`$", `\(`, `\)`, `\[`, `\]`,
	"> ", "- ", "1. ", "    ", "\t", "# ", "| a |\n|---|\n| ", "[^1]", "\n[^1]: ", "*", "_", "__init__.py", "**", "~~", "---\n", "\n---\n", "a: b\n", "\r", "\r\n", "&lt;", "&quot;", "&#x2f;", "x", " ", "é", "\u200b", "![](<", "[![](", "<?", "<![CDATA[", "<script>", "<style>", "<svg><image href=",
}

// Whatever page Gitea makes of a text: if it fetches from another host, that was seen.
func TestGitea_WhatAPageFetchesIsSeen(t *testing.T) {
	t.Parallel()
	s := giteatest.Start(t)
	api := s.As(s.World.Writer.Token)
	base, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	fetches := 0
	look := func(text string, modes ...string) {
		t.Helper()
		for _, mode := range modes {
			page, err := api.Do(t.Context(), "POST", "/markup", map[string]any{"Text": text, "Mode": mode, "Context": "/acme/playground/src/branch/main", "FilePath": "x.md"})
			if err != nil || page.Status != 200 {
				t.Fatal(page.Status, err, string(page.Body))
			}
			if !fetched.MatchString(linked.ReplaceAllString(string(page.Body), "")) {
				continue
			}
			fetches++
			if remote.Loads(text, remote.Markdown, base) == "" {
				t.Errorf("as %s: %q fetches, and was not seen: %.600s", mode, text, page.Body)
			}
		}
	}
	for _, text := range remote.Fetching {
		look(text, "comment", "wiki", "file")
	}
	known := fetches
	random := rand.New(rand.NewPCG(2, 26))
	for range 600 {
		var b strings.Builder
		for range 3 + random.IntN(12) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		look(b.String(), []string{"comment", "wiki", "file"}[random.IntN(3)])
	}
	if known < 40 || fetches-known < 20 {
		t.Errorf("it proves little: %d and %d pages fetch", known, fetches-known)
	}
	t.Logf("%d of %d known texts, and %d of 600 others", known, 3*len(remote.Fetching), fetches-known)
}

// A repository whose wiki and issues lie elsewhere sends whoever fetches them there, by
// an address that an image may have.
func TestGitea_PagesThatLeadElsewhere(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	s := giteatest.StartNew(t)
	const wiki, tracker = "https://evil.example/wiki", "https://evil.example/issues"
	err := s.As(s.World.Keeper.Token).Into(t.Context(), "PATCH", "/repos/acme/noticeboard", map[string]any{
		"has_wiki": true, "external_wiki": map[string]any{"external_wiki_url": wiki},
		"has_issues": true, "external_tracker": map[string]any{"external_tracker_url": tracker, "external_tracker_format": tracker + "/{index}", "external_tracker_style": "numeric"},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	base, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for page, to := range map[string]string{"/wiki": wiki, "/wiki/a.png": wiki, "/wiki/raw/a.png": wiki, "/issues": tracker} {
		address := s.URL + "/acme/noticeboard" + page
		answer, err := client.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if got := answer.Header.Get("Location"); got != to {
			t.Errorf("%s leads to %q (%d)", page, got, answer.StatusCode)
		}
		if remote.Loads("![x]("+address+")", remote.Markdown, base) == "" {
			t.Errorf("%s: not seen", page)
		}
	}
}
