package forge

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"aegis/internal/canon"

	gitea "code.gitea.io/sdk/gitea"
)

// WikiPages returns the pages of a repository's wiki. Gitea counts what is no
// page as well, so that a page of the list can be short without being the last.
// A limit of 1 is taken for none: it has to be 2 at least.
func (c *Reader) WikiPages(repo canon.Repo, p Page) ([]*gitea.WikiPageMetaData, bool, error) {
	rows, more, err := list[gitea.WikiPageMetaData](c, p, p.query(), "repos", repo.Owner(), repo.Name(), "wiki", "pages")
	if err != nil && From(err).Reason == NothingYet {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return rows, more, eachOf(c, repo, rows, func(r *gitea.WikiPageMetaData) (int64, []string) { return 0, []string{r.HTMLURL} })
}

// WikiPage is a page of a wiki with its text.
type WikiPage struct {
	gitea.WikiPageMetaData
	Content []byte
}

// WikiPage returns a page by its name in the list (SubURL) or by its title, of
// at most 250 bytes without a slash. A page larger than Gitea gives out has no
// content.
//
// Gitea takes what ends in .md for the file's own name and anything else for a
// title, of which some can't be told apart from others ("a-b", "a b"): the name
// is therefore asked for as a file first.
func (c *Reader) WikiPage(repo canon.Repo, name string) (*WikiPage, error) {
	name = strings.TrimSuffix(name, ".md")
	page, err := c.wikiPage(repo, strings.ReplaceAll(name, "+", " ")+".md")
	var failure *Error
	if errors.As(err, &failure) && failure.Kind == NotFound {
		return c.wikiPage(repo, name)
	}
	if err == nil { // it has the file's address, which shows its source
		page.SubURL = name
		page.HTMLURL = page.HTMLURL[:strings.LastIndex(page.HTMLURL, "/")+1] + strings.ReplaceAll(name, " ", "+")
	}
	return page, err
}

func (c *Reader) wikiPage(repo canon.Repo, name string) (*WikiPage, error) {
	var found gitea.WikiPage
	if _, err := c.getJSON(&found, nil, "repos", repo.Owner(), repo.Name(), "wiki", "page", name); err != nil {
		return nil, err
	}
	content, err := base64.StdEncoding.DecodeString(found.ContentBase64)
	if err != nil || found.SubURL == "" {
		return nil, notGitea(http.StatusOK)
	}
	if err := c.isOf(repo, 0, found.HTMLURL); err != nil {
		return nil, err
	}
	return &WikiPage{
		WikiPageMetaData: gitea.WikiPageMetaData{
			Title: found.Title, HTMLURL: found.HTMLURL, SubURL: found.SubURL, LastCommit: found.LastCommit,
		},
		Content: content,
	}, nil
}
