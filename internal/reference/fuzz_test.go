package reference

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"aegis/internal/canon"
)

// Whatever else stands in a text, a reference in a paragraph of its own is found, and
// code in one is not; an unlike backtick or fence before must not turn them round.
func FuzzFind(f *testing.F) {
	for _, text := range []string{
		"", "x ` y", "```\nx\n```", "``` `\nx", "<a title=\"`\">", "a | `", "~~~", "> ```\n", "acme/si\\\nte#1", "www.a.com", "http://h//a/b/issues/1", "\xff%2F＃１", "[x](/a/b/pulls/1)",
	} {
		f.Add(text)
	}
	instance := &url.URL{Scheme: "https", Host: "git.example.org"}
	want, err := canon.ParseFullName("acme/site")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		plain, _ := Find(text, Plain, instance)
		markdown, unclear := Find(text, Markdown, instance)
		if len(text) < 8 && (len(markdown) > 1 || unclear && !strings.Contains(text, "\r")) {
			t.Errorf("%q refers to %v", text, markdown)
		}
		behind := text + "\n\nacme/site#1"
		if found, _ := Find(behind, Plain, instance); !slices.Contains(found, want) {
			t.Errorf("%q refers to %v", behind, found)
		}
		// No fence but one that is closed hides what stands behind it, and no HTML.
		if !strings.ContainsAny(text, "`~<$") {
			if found, _ := Find(behind, Markdown, instance); !slices.Contains(found, want) {
				t.Errorf("%q refers to %v", behind, found)
			}
		}
		if found, _ := Find(text+"` acme/site#1", Markdown, instance); strings.Count(text, "`") == 0 && !slices.Contains(found, want) {
			t.Errorf("%q and a backtick refer to %v", text, found)
		}
		for _, repo := range append(plain, markdown...) {
			if repo.IsZero() {
				t.Errorf("%q refers to nothing by name", text)
			}
		}
	})
}

// Hostile texts of the longest that is taken: each must cost about the same.
func BenchmarkFind(b *testing.B) {
	for _, piece := range []string{"some prose, (and) `code` ", "a/b#1", "a/b/issues/1/", "a_/", "` ``", "```\n", "www.", "<", "  \n", "%2f", "//a/b/issues/1(",
		" http:", " http:// ", "(https://a.b/)", " www.a", " www.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", " a@", "_a", "[", "![", "[a](", "[^1]", "[^1]: a\n", "> ", "- ", "*a ", "**a_", "|", "&#", "<!--", "<?", "~", "a\n|-\n", "[a]: b\n", "{a=", "# {",
	} {
		text := strings.Repeat(piece, 65536/len(piece))
		b.Run(strings.TrimSpace(piece), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Find(text, Markdown)
			}
		})
	}
}
