package forge

import (
	"net/http"
	"strings"
	"testing"
)

// A page is asked for as a file and then as a title, each in one spelling.
func TestWikiPage(t *testing.T) {
	t.Parallel()
	var asked []string
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		page := strings.TrimPrefix(r.URL.EscapedPath(), "/api/v1/repos/acme/service/wiki/page/")
		asked = append(asked, page)
		content, ok := map[string]string{
			"Home.md":               `{"title":"Home","sub_url":"Home.md","html_url":"http://h/w/Home.md","content_base64":"SGk="}`,
			"C%252B%252B.md":        `{"title":"C++","sub_url":"C%252B%252B.md","html_url":"http://h/w/C%252B%252B.md","content_base64":""}`,
			"2000-01-02%20met.-.md": `{"title":"2000-01-02 met","sub_url":"2000-01-02%20met.-.md","html_url":"http://h/w/2000-01-02%20met.-.md","content_base64":""}`,
			"Two%20words":           `{"title":"Two words","sub_url":"Two%20words","html_url":"http://h/w/Two%20words","content_base64":""}`,
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
		asked, subURL, url string
		kind               Kind
	}{
		"Home":                   {"Home.md", "Home", "http://h/w/Home", ""},
		"Home.md":                {"Home.md", "Home", "http://h/w/Home", ""},
		"C%2B%2B":                {"C%252B%252B.md", "C%2B%2B", "http://h/w/C%2B%2B", ""},
		"2000-01-02+met.-":       {"2000-01-02%20met.-.md", "2000-01-02+met.-", "http://h/w/2000-01-02+met.-", ""},
		"Two words":              {"Two%20words.md Two%20words", "Two%20words", "http://h/w/Two%20words", ""},
		"bad":                    {"bad.md", "", "", GiteaError},
		"empty":                  {"empty.md", "", "", GiteaError},
		"null":                   {"null.md", "", "", GiteaError},
		"none":                   {"none.md none", "", "", NotFound},
		"a/b":                    {"", "", "", Refused},
		"..":                     {"...md", "", "", Refused},
		"":                       {".md", "", "", Refused},
		strings.Repeat("x", 260): {"", "", "", Refused},
	} {
		asked = nil
		page, err := c.WikiPage(repo(t, "acme/service"), name)
		if got := strings.Join(asked, " "); got != want.asked {
			t.Errorf("%q asked for %q, want %q", name, got, want.asked)
		}
		if want.kind != "" {
			wantKind(t, err, want.kind)
			continue
		}
		if err != nil || page.SubURL != want.subURL || page.HTMLURL != want.url {
			t.Errorf("%q: %+v, %v", name, page, err)
		}
	}
}
