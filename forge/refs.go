package forge

import (
	"net/http"

	"aegis/forge/gitea"
	"aegis/internal/canon"
)

// Branches returns a page of a repository's branches.
func (c *Reader) Branches(repo canon.Repo, p Page) ([]*gitea.Branch, bool, error) {
	rows, more, err := list[gitea.Branch](c, p, p.query(), "repos", repo.Owner(), repo.Name(), "branches")
	if err != nil {
		return nil, false, err
	}
	return rows, more, eachOf(c, repo, rows, func(r *gitea.Branch) (int64, []string) {
		if r.Commit == nil {
			return 0, nil
		}
		return 0, []string{r.Commit.URL}
	})
}

// Tags returns a page of a repository's tags.
func (c *Reader) Tags(repo canon.Repo, p Page) ([]*gitea.Tag, bool, error) {
	rows, more, err := list[gitea.Tag](c, p, p.query(), "repos", repo.Owner(), repo.Name(), "tags")
	if err != nil {
		return nil, false, err
	}
	return rows, more, eachOf(c, repo, rows, func(r *gitea.Tag) (int64, []string) {
		if r.Commit == nil {
			return 0, nil
		}
		return 0, []string{r.Commit.URL}
	})
}

// unshadowed refuses a commit id that a branch or a tag is called by, for
// endpoints that would take the name for the commit.
func (c *Reader) unshadowed(repo canon.Repo, commit string) error {
	absent := func(kind string) func() error {
		return func() error {
			_, err := c.getJSON(nil, nil, below(repo, commit, kind)...)
			switch {
			case err == nil:
				return shadowedCommit()
			case From(err).Kind != NotFound:
				return err
			}
			return nil
		}
	}
	return c.atOnce(absent("branches"), absent("tags"))
}

// shadowedCommit is the error for a commit that can't be addressed, because
// something else has its id for a name.
func shadowedCommit() *Error {
	return &Error{Kind: NotFound, Reason: Shadowed, Status: http.StatusOK, Message: "A branch or a tag is called by this commit's id."}
}
