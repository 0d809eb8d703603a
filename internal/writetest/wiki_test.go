package writetest

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"aegis/forge"
)

func TestWikiPagesAreWritten(t *testing.T) {
	t.Parallel()
	b := newBench(t, allowing, playground)
	names := func() (all []string) {
		for _, row := range b.ok("list_wiki_pages", `"limit":50`).Items() {
			all = append(all, fmt.Sprint(row["name"]))
		}
		slices.Sort(all)
		return all
	}
	content := func(name string) string {
		b.Helper()
		return b.ok("get_wiki_page", `"name":`+quoted(name)).Text
	}

	b.ok("list_wiki_pages", "") // it has not been begun
	if a := b.ok("write_wiki_page", `"name":"Home","content":"one","dry_run":true`); !strings.Contains(string(a.Object), `"creates":true`) || b.there("/wiki/pages") {
		t.Errorf("%s", a.Object)
	}
	first := b.ok("write_wiki_page", `"name":"Home","content":"one\n","message":"Begin"`)
	if first.Fields["created"] != true || first.Fields["name"] != "Home" || len(fmt.Sprint(first.Fields["commit"])) != 40 || first.Fields["note"] != nil || !strings.Contains(content("Home"), "one\n") {
		t.Errorf("%s", first.Object)
	}
	again := b.ok("write_wiki_page", `"name":"Home","content":"two\n"`)
	if again.Fields["created"] != nil || again.Fields["commit"] == first.Fields["commit"] || !strings.Contains(content("Home"), "two\n") || !slices.Equal(names(), []string{"Home"}) {
		t.Errorf("%s %v", again.Object, names())
	}
	b.ok("write_wiki_page", `"name":"Empty","content":""`)

	// Whatever the title, it is one page, by its title and by its name in the list.
	titles := []string{"Two words", "C++ & 100% free", "2000-01-02 meeting", "Über uns?", "README.md", "a#b;c", "a-b", "a b", "_Sidebar", "a+b", "x=$y:z@,", "~tilde.-", "100%25", "dots...", "home", "-", "'q'",
		"a/b", "../up", `a\b`, "dir/../x", "raw/x", "[x] (y) {z}", "🐛", "日本語", "Ошибка", "-leading", "a.-", "x.md.md", "%2F", "a%20b", "<b>&amp;", "…", "a:b|c*?"}
	before := len(names())
	for i, title := range titles {
		t.Run(title, func(t *testing.T) {
			b := b.in(t)
			made := b.ok("write_wiki_page", `"name":`+quoted(title)+`,"content":"first"`)
			name := fmt.Sprint(made.Fields["name"])
			if made.Fields["created"] != true || made.Fields["note"] != nil || len(names()) != before+i+1 || !slices.Contains(names(), name) {
				t.Fatalf("%s %v", made.Object, names())
			}
			for _, by := range []string{name, title} {
				if title == "100%25" && by == title {
					continue // the name of another page in the list
				}
				a := b.ok("write_wiki_page", `"name":`+quoted(by)+`,"content":`+quoted("by "+by))
				if a.Fields["created"] != nil || a.Fields["name"] != name || a.Fields["note"] != nil || len(names()) != before+i+1 || !strings.Contains(content(name), "by "+by) {
					t.Errorf("by %q: %s %v", by, a.Object, names())
				}
			}
		})
	}

	t.Run("refused", func(t *testing.T) {
		b := b.in(t)
		was := names()
		for _, name := range []string{".", "..", " x", "x ", "raw", "_new", "_edit", "_pages", "a\u200bb", strings.Repeat("ü", 100), strings.Repeat("x", 251)} {
			b.refused("invalid_arguments", "name", "write_wiki_page", `"content":"x","name":`+quoted(name))
		}
		b.refused("invalid_arguments", "no argument", "write_wiki_page", `"name":"Home","title":"New","content":"x"`)
		b.refused("secret_in_arguments", "content", "write_wiki_page", `"name":"Home","content":"`+b.s.World.Plant.PAT+`"`)
		b.refused("redaction_marker", "content", "write_wiki_page", `"name":"Home","content":"[redacted:aws]"`)
		if !slices.Equal(was, names()) {
			t.Errorf("%v became %v", was, names())
		}
	})

	t.Run("somebody writes it as well", func(t *testing.T) {
		b := b.in(t)
		theirs := func(name string, method string, path string) func() {
			return func() {
				b.api(method, path, map[string]any{"title": name, "content_base64": inBase64("theirs"), "message": "m"})
			}
		}
		door := b.through(allowing, nth(2, "/wiki/page/Home.md"), theirs("Home", "PATCH", "/wiki/page/Home"))
		if a := b.askAt(door, "write_wiki_page", `"name":"Home","content":"mine"`); a.Code != "conflict" || !strings.Contains(content("Home"), "theirs") {
			t.Errorf("%s", a.Object)
		}
		door = b.through(allowing, nth(2, "/wiki/page/Fresh.md"), theirs("Fresh", "POST", "/wiki/new"))
		if a := b.askAt(door, "write_wiki_page", `"name":"Fresh","content":"mine"`); a.Code != "conflict" || !strings.Contains(content("Fresh"), "theirs") {
			t.Errorf("%s", a.Object)
		}
		door = b.through(allowing, writing, theirs("Gap", "POST", "/wiki/new"))
		if a := b.askAt(door, "write_wiki_page", `"name":"Gap","content":"mine"`); !a.IsError || !strings.Contains(content("Gap"), "theirs") {
			t.Errorf("%s", a.Object)
		}
	})

	t.Run("turned off", func(t *testing.T) {
		b := b.in(t)
		b.api("PATCH", "", map[string]any{"has_wiki": false})
		b.refused("not_found", "turned off", "write_wiki_page", `"name":"Home","content":"x"`)
		b.api("PATCH", "", map[string]any{"has_wiki": true, "external_wiki": map[string]any{"external_wiki_url": "https://example.test/wiki"}})
		b.refused("not_found", "outside Gitea", "write_wiki_page", `"name":"Home","content":"x"`)
	})
}

// TestWikiFilesAreGiteas holds our names of files against Gitea's.
func TestWikiFilesAreGiteas(t *testing.T) {
	t.Parallel()
	b := newBench(t, allowing, playground)
	for i, title := range []string{"Plain", "two words", "a-b", "x/y %41 ä +", "../up", "z.md", "C++", "日本 語", "a&b=c?d#e", "-.-", "q\"'`", "!*()~_."} {
		content := inBase64(fmt.Sprint(i))
		made := b.api("POST", "/wiki/new", map[string]any{"title": title, "content_base64": content})
		file := forge.WikiFile(title)
		want := strings.TrimSuffix(strings.ReplaceAll(file, " ", "+"), ".md")
		if made["sub_url"] != want {
			t.Errorf("%q is %v to Gitea, %q to us", title, made["sub_url"], want)
		}
		if back, ok := forge.WikiTitle(file); !ok || back != title {
			t.Errorf("%q comes back as %q, %t", title, back, ok)
		}
		raw, err := base64.StdEncoding.DecodeString(fmt.Sprint(made["content_base64"]))
		if err != nil || string(raw) != fmt.Sprint(i) {
			t.Errorf("%q: %s", title, raw)
		}
	}
}
