package forge

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"aegis/internal/canon"
)

func TestWikiFiles(t *testing.T) {
	t.Parallel()
	for title, file := range map[string]string{
		"Home":            "Home.md",
		"two words":       "two-words.md",
		"a-b":             "a-b.-.md",
		"a-b c":           "a-b c.-.md",
		"100% free":       "100%25-free.md",
		"C++":             "C%2B%2B.md",
		"x/y":             "x%2Fy.md",
		"../up":           "..%2Fup.md",
		"README.md":       "README.md.-.md",
		"ünï":             "%C3%BCn%C3%AF.md",
		"-":               "-.-.md",
		" trimmed ":       "trimmed.md",
		"~tilde.and_more": "~tilde.and_more.md",
	} {
		if got := WikiFile(title); got != file {
			t.Errorf("%q is %q, want %q", title, got, file)
		}
		if back, ok := WikiTitle(file); !ok || back != strings.TrimSpace(title) {
			t.Errorf("%q is %q again, %t", file, back, ok)
		}
	}
	for _, file := range []string{"", ".md", "Home", "Home.MD", "two words.md", "a+b.md", "ü.md", "%zz.md", "%48ome.md", "%2d.md", " x.md", "x%20y.md"} {
		if title, ok := WikiTitle(file); ok {
			t.Errorf("%q is taken for the file of %q", file, title)
		}
	}
}

// A page is written under a title that leads to it and under no other: Gitea would
// rename it.
func TestI5_WikiPagesAreNotRenamed(t *testing.T) {
	t.Parallel()
	var came []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		came = append(came, r.URL.EscapedPath()+" "+string(body))
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{}`)
	}))
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	service := repo(t, "acme/service")
	f, err := New(Config{URL: address, UserAgent: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	c := wayTo(t, f, service).Client(context.Background(), Grant{CallID: "call", Write: service, Repos: []canon.Repo{service}})
	for name, w := range map[string]Write{
		"no title":      in(service, "PATCH", map[string]any{"content_base64": "eA=="}, "wiki", "page", "Home.md"),
		"another title": in(service, "PATCH", map[string]any{"content_base64": "eA==", "title": "Away"}, "wiki", "page", "Home.md"),
		"another case":  in(service, "PATCH", map[string]any{"content_base64": "eA==", "title": "home"}, "wiki", "page", "Home.md"),
		"no file":       in(service, "PATCH", map[string]any{"content_base64": "eA==", "title": "Home"}, "wiki", "page", "Home"),
		"empty title":   in(service, "PATCH", map[string]any{"content_base64": "eA==", "title": ""}, "wiki", "page", "unnamed.md"),
		"dash":          in(service, "PATCH", map[string]any{"content_base64": "eA==", "title": "a b"}, "wiki", "page", "a-b.-.md"),
	} {
		if _, err := c.Send(w); From(err) == nil || From(err).Kind != Refused {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(came) > 0 {
		t.Fatalf("sent: %v", came)
	}
	for _, title := range []string{"Home", "a-b c", "C++ & 100% free", "x/y"} {
		if _, err := c.Send(ReplaceWikiPage(service, title, "x", "")); err != nil {
			t.Errorf("%q: %v", title, err)
		}
	}
	if len(came) != 4 {
		t.Errorf("%v", came)
	}
}

func FuzzWikiTitle(f *testing.F) {
	for _, s := range []string{"Home.md", "a-b.-.md", "%2F.md", "a b.md", "C%2B%2B.md", ".-.md"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, file string) {
		if title, ok := WikiTitle(file); ok && (WikiFile(title) != file || title == "" || strings.Contains(file, "/")) {
			t.Fatalf("%q by %q is %q", file, title, WikiFile(title))
		}
		if strings.ContainsAny(WikiFile(file), "/\\") {
			t.Fatalf("%q leaves the folder", file)
		}
	})
}
