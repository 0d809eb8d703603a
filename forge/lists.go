package forge

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"aegis/forge/gitea"
	"aegis/internal/canon"
)

// Page is which part of a list is asked for.
type Page struct {
	Page  int // from 1
	Limit int // rows a page, at most 50
}

func (p Page) query() url.Values {
	return url.Values{"page": {strconv.Itoa(p.Page)}, "limit": {strconv.Itoa(p.Limit)}}
}

// list asks for one page of rows, none of them nil, and reports whether there
// are more.
func list[T any](c *Reader, p Page, query url.Values, segments ...string) (rows []*T, more bool, err error) {
	header, err := c.getJSON(&rows, query, segments...)
	if err != nil {
		return nil, false, err
	}
	if slices.Contains(rows, nil) {
		return nil, false, notGitea(http.StatusOK)
	}
	return rows, HasMore(header, p.Page, p.Limit, len(rows)), nil
}

// RepositorySearch narrows a list of repositories.
type RepositorySearch struct {
	Owner  canon.Owner // whose they are, zero is anybody's
	Query  string      // of words in name or description; it goes with a zero Owner only
	ByName bool        // in the order of their names, and not those with the newest activity first
}

// Repositories returns repositories that the token may see; those of one owner in
// the order in which they were made.
func (c *Reader) Repositories(p Page, s RepositorySearch) ([]*Repository, bool, error) {
	values := p.query()
	if !s.Owner.IsZero() {
		return list[Repository](c, p, values, "users", s.Owner.String(), "repos")
	}
	values.Set("sort", "updated")
	values.Set("order", "desc")
	if s.ByName {
		values.Set("sort", "alpha")
		values.Set("order", "asc")
	}
	if s.Query != "" {
		values.Set("q", s.Query)
		values.Set("includeDesc", "true")
	}
	var found struct {
		OK   bool          `json:"ok"`
		Data []*Repository `json:"data"`
	}
	header, err := c.getJSON(&found, values, "repos", "search")
	if err != nil {
		return nil, false, err
	}
	if !found.OK || slices.Contains(found.Data, nil) {
		return nil, false, notGitea(http.StatusOK)
	}
	return found.Data, HasMore(header, p.Page, p.Limit, len(found.Data)), nil
}

// CommitSearch narrows a list of commits.
type CommitSearch struct {
	From         string     // the id of the commit to start at
	Path         canon.Path // only commits that touch it; zero is all
	Since, Until time.Time  // zero is unbounded
}

// Commits returns the commits that lead to one, newest first.
func (c *Reader) Commits(repo canon.Repo, p Page, s CommitSearch) ([]*gitea.Commit, bool, error) {
	if s.Path.IsRoot() {
		rows, more, err := c.commits(repo, p, s)
		// Gitea counts without since and until: a page that is not full is the last.
		return rows, more && len(rows) == p.Limit, err
	}
	// With a path Gitea's pages have 50 rows whatever was asked for; the page
	// asked for is cut out of those it overlaps.
	from := (p.Page - 1) * p.Limit
	own := Page{Page: from/maxRows + 1, Limit: maxRows}
	rows, more, err := c.commits(repo, own, s)
	if err != nil {
		return nil, false, err
	}
	skip := from % maxRows
	if skip+p.Limit > maxRows && more && len(rows) == maxRows {
		next, evenMore, err := c.commits(repo, Page{Page: own.Page + 1, Limit: maxRows}, s)
		if err != nil {
			return nil, false, err
		}
		rows, more = append(rows, next...), evenMore
	}
	rows = rows[min(skip, len(rows)):]
	if len(rows) > p.Limit {
		return rows[:p.Limit], true, nil
	}
	return rows, more && len(rows) == p.Limit, nil
}

// maxRows is how many rows Gitea gives at most.
const maxRows = 50

func (c *Reader) commits(repo canon.Repo, p Page, s CommitSearch) ([]*gitea.Commit, bool, error) {
	query := p.query()
	query.Set("sha", s.From)
	for _, part := range []string{"stat", "verification", "files"} {
		query.Set(part, "false")
	}
	if !s.Path.IsRoot() {
		query.Set("path", literalPath+s.Path.String())
	}
	if !s.Since.IsZero() {
		query.Set("since", s.Since.Format(time.RFC3339))
	}
	if !s.Until.IsZero() {
		query.Set("until", s.Until.Format(time.RFC3339))
	}
	rows, more, err := list[gitea.Commit](c, p, query, "repos", repo.Owner(), repo.Name(), "commits")
	if err != nil {
		return nil, false, err
	}
	for _, row := range rows {
		if row.CommitMeta == nil || slices.Contains(row.Parents, nil) {
			return nil, false, notGitea(http.StatusOK)
		}
		if err := c.commitIn(repo, row); err != nil {
			return nil, false, err
		}
	}
	return rows, more, nil
}

// IssueSearch narrows a list of issues. Gitea takes a label or milestone that
// it does not know for no filter.
type IssueSearch struct {
	State     string // open, closed or all
	Labels    []string
	Query     string // a substring of title, body or comments
	Assignee  string // login
	Milestone string // title
}

// Issues returns a repository's issues without pull requests, newest first.
func (c *Reader) Issues(repo canon.Repo, p Page, s IssueSearch) ([]*gitea.Issue, bool, error) {
	query := p.query()
	query.Set("type", "issues")
	query.Set("state", s.State)
	for name, value := range map[string]string{
		"labels": strings.Join(s.Labels, ","), "q": s.Query, "assigned_by": s.Assignee, "milestones": s.Milestone,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	rows, more, err := list[gitea.Issue](c, p, query, "repos", repo.Owner(), repo.Name(), "issues")
	if err != nil {
		return nil, false, err
	}
	for _, row := range rows {
		if !whole(row) {
			return nil, false, notGitea(http.StatusOK)
		}
		if err := c.issueIn(repo, row); err != nil {
			return nil, false, err
		}
	}
	return rows, more, nil
}

// Issue returns an issue or a pull request by its number.
func (c *Reader) Issue(repo canon.Repo, number int64) (*gitea.Issue, error) {
	var issue gitea.Issue
	if _, err := c.getJSON(&issue, nil, "repos", repo.Owner(), repo.Name(), "issues", strconv.FormatInt(number, 10)); err != nil {
		return nil, err
	}
	if issue.Index != number || !whole(&issue) {
		return nil, notGitea(http.StatusOK)
	}
	return &issue, c.issueIn(repo, &issue)
}

// whole reports whether an issue's lists have no holes.
func whole(issue *gitea.Issue) bool {
	return !slices.Contains(issue.Labels, nil) && !slices.Contains(issue.Assignees, nil)
}
