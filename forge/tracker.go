package forge

import (
	"net/http"
	"slices"
	"strconv"

	"aegis/forge/gitea"
	"aegis/internal/canon"
)

// Everywhere narrows a search of issues in all repositories.
type Everywhere struct {
	Query string      // a substring of title, body or comments
	Owner canon.Owner // zero is everybody's
	State string      // open, closed or all
	Type  string      // issues or pulls, "" for both
}

// SearchIssues returns a page of issues and pull requests of all repositories
// that the token may read, newest first.
func (c *Reader) SearchIssues(p Page, s Everywhere) ([]*gitea.Issue, bool, error) {
	query := p.query()
	query.Set("state", s.State)
	for name, value := range map[string]string{"q": s.Query, "owner": s.Owner.String(), "type": s.Type} {
		if value != "" {
			query.Set(name, value)
		}
	}
	rows, more, err := list[gitea.Issue](c, p, query, "repos", "issues", "search")
	if err != nil {
		return nil, false, err
	}
	for _, row := range rows {
		if !whole(row) {
			return nil, false, notGitea(http.StatusOK)
		}
	}
	return rows, more, nil
}

// Comments returns the comments of an issue or a pull request, oldest first and
// all of them: Gitea does not page them.
func (c *Reader) Comments(repo canon.Repo, number int64) ([]*gitea.Comment, error) {
	var rows []*gitea.Comment
	_, err := c.getJSON(&rows, nil, "repos", repo.Owner(), repo.Name(), "issues", strconv.FormatInt(number, 10), "comments")
	if err != nil {
		return nil, err
	}
	if slices.Contains(rows, nil) {
		return nil, notGitea(http.StatusOK)
	}
	return rows, eachOf(c, repo, rows, func(r *gitea.Comment) (int64, []string) { return 0, []string{r.HTMLURL, r.IssueURL, r.PRURL} })
}

// Milestones returns a page of a repository's milestones. state is open, closed
// or all.
func (c *Reader) Milestones(repo canon.Repo, p Page, state string) ([]*gitea.Milestone, bool, error) {
	query := p.query()
	query.Set("state", state)
	return list[gitea.Milestone](c, p, query, "repos", repo.Owner(), repo.Name(), "milestones")
}
