package forge

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"aegis/forge/gitea"
	"aegis/internal/canon"
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

// FindWikiPage returns the page that a text stands for, and the files of the others
// that it stands for as well: its file's name, its name in the list (SubURL), or its
// title. In this order the first that there is counts. It is nil if there is none, and an
// error if the wiki has nothing yet. A page larger than Gitea gives out has no content.
func (c *Reader) FindWikiPage(repo canon.Repo, name string) (page *WikiPage, file string, others []string, err error) {
	files := wikiFiles(name)
	pages := make([]*WikiPage, len(files))
	jobs := make([]func() error, len(files))
	for i, file := range files {
		jobs[i] = func() (err error) {
			pages[i], err = c.wikiPage(repo, file)
			var failure *Error
			if errors.As(err, &failure) && failure.Kind == NotFound && failure.Reason != NothingYet {
				return nil
			}
			return err
		}
	}
	if err := c.atOnce(jobs...); err != nil {
		return nil, "", nil, err
	}
	for i, each := range pages {
		switch {
		case each == nil:
		case page == nil:
			page, file = each, files[i]
		default:
			others = append(others, files[i])
		}
	}
	if page == nil {
		c.transport.status.Store(http.StatusNotFound)
		return nil, "", nil, nil
	}
	c.transport.status.Store(http.StatusOK)
	// It was asked for as a file, and has that one's address, which shows its source.
	page.SubURL, page.Title = wikiName(file), wikiTitle(file)
	page.HTMLURL = page.HTMLURL[:strings.LastIndex(page.HTMLURL, "/")+1] + page.SubURL
	return page, file, others, nil
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
