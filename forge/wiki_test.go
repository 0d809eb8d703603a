package forge

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// A page is asked for by each file that a text may stand for, each in one spelling.
func TestWikiPage(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 16)
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		page := strings.TrimPrefix(r.URL.EscapedPath(), "/api/v1/repos/acme/service/wiki/page/")
		asked <- page
		content, ok := map[string]string{
			"Home.md":               `{"title":"Home","sub_url":"Home.md","html_url":"http://h/w/Home.md","content_base64":"SGk="}`,
			"C%252B%252B.md":        `{"title":"C++","sub_url":"C%252B%252B.md","html_url":"http://h/w/C%252B%252B.md","content_base64":""}`,
			"2000-01-02%20met.-.md": `{"title":"2000-01-02 met","sub_url":"2000-01-02%20met.-.md","html_url":"http://h/w/2000-01-02%20met.-.md","content_base64":""}`,
			"Two-words.md":          `{"title":"Two words","sub_url":"Two-words.md","html_url":"http://h/w/Two-words.md","content_base64":""}`,
			"a-b.md":                `{"title":"a b","sub_url":"a-b.md","html_url":"http://h/w/a-b.md","content_base64":""}`,
			"a-b.-.md":              `{"title":"a-b","sub_url":"a-b.-.md","html_url":"http://h/w/a-b.-.md","content_base64":""}`,
			"x%252Fy.md":            `{"title":"x/y","sub_url":"x%252Fy.md","html_url":"http://h/w/x%252Fy.md","content_base64":""}`,
			"%C3%9Cber%20uns.md":    `{"title":"x","sub_url":"x","html_url":"http://h/w/x","content_base64":""}`,
			"bad.md":                `{"title":"bad","sub_url":"bad.md","content_base64":"%%"}`,
			"empty.md":              `{}`,
			"null.md":               `null`,
		}[page]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		answering(content)(w, r)
	})
	for name, want := range map[string]struct {
		asked, subURL, title, others string
		kind                         Kind
	}{
		"Home":             {asked: "Home.md", subURL: "Home", title: "Home"},
		"Home.md":          {asked: "Home.md Home.md.-.md Home.md.md", subURL: "Home", title: "Home"},
		"C%2B%2B":          {asked: "C%252B%252B.md C%25252B%25252B.md", subURL: "C%2B%2B", title: "C++"},
		"C++":              {asked: "C%20%20.md C%252B%252B.md", subURL: "C%2B%2B", title: "C++"},
		"2000-01-02+met.-": {subURL: "2000-01-02+met.-", title: "2000-01-02 met"},
		"Two words":        {asked: "Two%20words.md Two-words.md", subURL: "Two-words", title: "Two words"},
		"a b":              {subURL: "a-b", title: "a b"},
		"a-b":              {subURL: "a-b", title: "a b", others: "a-b.-.md"},
		"a-b.-":            {subURL: "a-b.-", title: "a-b"},
		"x/y":              {asked: "x%252Fy.md", subURL: "x%2Fy", title: "x/y"},
		"x%2Fy":            {subURL: "x%2Fy", title: "x/y"},
		"Über uns":         {subURL: "%C3%9Cber-uns", title: "Über uns"},
		"%C3%9Cber-uns":    {subURL: "%C3%9Cber-uns", title: "Über uns"},
		"bad":              {kind: GiteaError},
		"empty":            {kind: GiteaError},
		"null":             {kind: GiteaError},
		"none":             {asked: "none.md"},
	} {
		page, _, others, err := c.FindWikiPage(repo(t, "acme/service"), name)
		var paths []string
		for len(asked) > 0 {
			paths = append(paths, <-asked)
		}
		slices.Sort(paths)
		wanted := strings.Fields(want.asked)
		slices.Sort(wanted)
		if want.asked != "" && !slices.Equal(paths, wanted) {
			t.Errorf("%q asked for %q, want %q", name, paths, wanted)
		}
		switch {
		case want.kind != "":
			wantKind(t, err, want.kind)
		case err != nil || (page == nil) != (want.subURL == ""):
			t.Errorf("%q: %+v, %v", name, page, err)
		case page != nil && (page.SubURL != want.subURL || page.Title != want.title || page.HTMLURL != "http://h/w/"+want.subURL || strings.Join(others, " ") != want.others):
			t.Errorf("%q: %+v %v", name, page, others)
		}
	}
	for _, name := range []string{"", strings.Repeat("x", 260)} {
		if page, _, _, err := c.FindWikiPage(repo(t, "acme/service"), name); page != nil || len(asked) > 1 {
			t.Errorf("%q: %v %v", name, page, err)
		}
	}
}

// Whatever a text is, the files that it may stand for can be asked for, and the one that
// Gitea makes of a title is among them.
func FuzzWikiFiles(f *testing.F) {
	for _, seed := range []string{"Home", "a b", "a-b", "100%25", "x/y", "%zz", "Home.md", ".-", "+", "ü"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		files := wikiFiles(text)
		for _, file := range files {
			if !isWikiFile(file) || !strings.HasSuffix(file, ".md") {
				t.Errorf("%q: %q", text, file)
			}
			if title, ok := WikiTitle(file); ok && !slices.Contains(wikiFiles(title), file) {
				t.Errorf("%q is not found by its title %q", file, title)
			}
			if canonical := WikiFile(wikiTitle(file)); canonical == file && isWikiFile(file) && !slices.Contains(wikiFiles(wikiName(file)), file) {
				t.Errorf("%q is not found by its name %q", file, wikiName(file))
			}
		}
		if own := WikiFile(text); isWikiFile(own) && !slices.Contains(files, own) {
			t.Errorf("%q is not found as a title", text)
		}
	})
}
