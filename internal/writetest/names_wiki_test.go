package writetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

// TestNames_WikiPages: what the list shows is read and written by name, by title and by
// file, also what was pushed with git under names that Gitea would not give.
func TestNames_WikiPages(t *testing.T) {
	t.Parallel()
	b := newBench(t, allowing, playground)
	b.api("POST", "/wiki/new", map[string]any{"title": "Home", "content_base64": inBase64("home")})
	pushed := map[string]string{ // title by file
		"Getting started.md": "Getting started", "Über uns.md": "Über uns", "Ünï-dash.md": "Ünï dash", "plain.md": "plain",
		"日本 語.md": "日本 語", "a b.md": "a b", "a-b.md": "a b", "x(y).md": "x(y)", "Mixed up-here.md": "Mixed up here",
		"-leading.md": " leading", "a.b..md": "a.b.", "🐛.md": "🐛", "[x].md": "[x]",
	}
	var files []giteatest.File
	for file := range pushed {
		files = append(files, giteatest.File{Path: file, Content: "of " + file})
	}
	if _, err := b.s.Push(b.Context(), b.s.World.Keeper, b.repo.FullName+".wiki", "main", files...); err != nil {
		t.Fatal(err)
	}
	read := func(name string) (text string, others []any) {
		b.Helper()
		a := b.ask("get_wiki_page", `"name":`+quoted(name))
		others, _ = a.Fields["also_stands_for"].([]any)
		return a.Text, others
	}
	for file, title := range pushed {
		if text, _ := read(file); !strings.Contains(text, "of "+file) {
			t.Errorf("by its file %q: %s", file, text)
		}
		if strings.HasPrefix(file, "a") || file == "Mixed up-here.md" || strings.HasPrefix(title, " ") {
			continue
		}
		if text, _ := read(title); !strings.Contains(text, "of "+file) {
			t.Errorf("%q by its title: %s", file, text)
		}
	}
	listed := b.ok("list_wiki_pages", `"limit":50`).Items()
	if len(listed) != len(pushed) {
		t.Errorf("%d pages are listed", len(listed))
	}
	for _, row := range listed {
		name := fmt.Sprint(row["name"])
		text, others := read(name)
		if strings.HasPrefix(name, "Mixed") { // half of a blank, half of a dash
			if text != "" {
				t.Errorf("%q: %s", name, text)
			}
			continue
		}
		if file := strings.TrimSuffix(text[strings.Index(text, "of ")+3:], "\n"); text == "" || pushed[strings.Split(file, "\n")[0]] != row["title"] {
			t.Errorf("%q of %q: %s", name, row["title"], text)
		}
		if ambiguous := name == "a-b"; ambiguous != (len(others) > 0) {
			t.Errorf("%q also stands for %v", name, others)
		}
	}
	// What Gitea would rename is not written.
	for _, name := range []string{"Getting started", "Getting-started", "Über uns", "日本 語.md"} {
		b.refused("conflict", "nothing was written", "write_wiki_page", `"content":"x","name":`+quoted(name))
	}
	for _, name := range []string{"plain", "a-b.md"} {
		b.ok("write_wiki_page", `"content":"written","name":`+quoted(name))
	}
	// A name that is another page's title says so, to who reads and to who writes.
	b.ok("write_wiki_page", `"name":"c d","content":"blank"`)
	b.ok("write_wiki_page", `"name":"c-d.-","content":"dash"`)
	if text, others := read("c-d"); !strings.Contains(text, "blank") || !slices.Equal(others, []any{"c-d.-.md"}) {
		t.Errorf("%s %v", text, others)
	}
	dry := b.ok("write_wiki_page", `"name":"c-d","content":"new","dry_run":true`)
	if would, _ := dry.Fields["would"].(map[string]any); would["title"] != "c d" || would["also_stands_for"] == nil {
		t.Errorf("%s", dry.Object)
	}
}
