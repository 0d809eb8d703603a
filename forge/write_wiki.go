package forge

import (
	"encoding/base64"
	"net/http"
	"strings"

	"aegis/internal/canon"
)

// A wiki's page is a file. Gitea makes the file's name of the page's title, and
// takes a request without a title for one to call the page "unnamed". So the title
// is sent with every write, and to replace a page it has to be the one that leads
// to the page's own file.

// CreateWikiPage makes a page, in a wiki that need not have been begun: POST
// …/wiki/new. Without a message Gitea makes one.
func CreateWikiPage(repo canon.Repo, title, content, message string) Write {
	return in(repo, http.MethodPost, wikiPageBody(title, content, message), "wiki", "new")
}

// ReplaceWikiPage writes a page's file anew, under the title that leads to it:
// PATCH …/wiki/page/{file}. Gitea holds nothing against what is there.
func ReplaceWikiPage(repo canon.Repo, title, content, message string) Write {
	return in(repo, http.MethodPatch, wikiPageBody(title, content, message), "wiki", "page", WikiFile(title))
}

func wikiPageBody(title, content, message string) map[string]any {
	body := map[string]any{"title": title, "content_base64": base64.StdEncoding.EncodeToString([]byte(content))}
	if message != "" {
		body["message"] = message
	}
	return body
}

// keepsPage reports whether the title in a body leads to the page in the path, so
// that the page is not renamed.
func keepsPage(segments []string, body any, _ func(canon.Repo) bool) bool {
	object, _ := body.(map[string]any)
	title, ok := object["title"].(string)
	return ok && WikiFile(title) == segments[len(segments)-1]
}

// WikiPageFile returns the page whose file has the name given.
func (c *Reader) WikiPageFile(repo canon.Repo, file string) (*WikiPage, error) {
	return c.wikiPage(repo, file)
}

// WikiPageWritten is Gitea's answer to a write to a wiki.
type WikiPageWritten struct {
	Title      string `json:"title"`
	HTMLURL    string `json:"html_url"`
	SubURL     string `json:"sub_url"`
	Content    []byte `json:"content_base64"`
	LastCommit *struct {
		ID string `json:"sha"`
	} `json:"last_commit"`
}

// File is the name of the page's file.
func (w *WikiPageWritten) File() string { return strings.ReplaceAll(w.SubURL, "+", " ") + ".md" }

// Commit is the id of the commit that the page was last written by, "" if it is
// not told.
func (w *WikiPageWritten) Commit() string {
	if w.LastCommit == nil || !commitID(w.LastCommit.ID) {
		return ""
	}
	return w.LastCommit.ID
}

// Commit is the id of the commit that the page was last written by, "" if it is
// not told.
func (p *WikiPage) Commit() string {
	if p.LastCommit == nil {
		return ""
	}
	return p.LastCommit.ID
}
