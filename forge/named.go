package forge

import (
	"net/http"
	"net/url"
	"strings"
	"sync"

	"aegis/forge/gitea"
	"aegis/internal/canon"
)

// Requests name a repository, and Gitea may give its name to another one between two
// of them. What an answer says of its own repository is held against the record that
// the call was decided on: the id, where there is one, and else the addresses, which
// tell of a server that answers with something else.

// expected are the repositories that a call was decided on.
type expected struct {
	mu    sync.Mutex
	repos map[canon.Repo]expectation
}

// expectation is what answers about a repository have to say of it.
type expectation struct {
	id    int64
	units map[Unit]bool // whether they are turned on, as the record says
	paths []string      // of its page and of its record in the API, folded, without a slash at the end
}

// Expect makes answers about a repository fail with [Exchanged] if they say that they
// are another's than that of the record.
func (c *Client) Expect(repo canon.Repo, record *Repository) {
	e := expectation{id: record.ID, units: unitsOf(record)}
	for _, address := range []string{record.HTMLURL, record.URL} {
		if path := pathOf(address); path != "" {
			e.paths = append(e.paths, path)
		}
	}
	c.expected.mu.Lock()
	defer c.expected.mu.Unlock()
	if c.expected.repos == nil {
		c.expected.repos = make(map[canon.Repo]expectation)
	}
	c.expected.repos[repo] = e
}

// isOf holds what an answer says of its repository, an id or 0 and addresses or "",
// against what is expected of it.
func (c *Reader) isOf(repo canon.Repo, id int64, addresses ...string) error {
	c.expected.mu.Lock()
	e, ok := c.expected.repos[repo]
	c.expected.mu.Unlock()
	switch {
	case !ok:
		return nil
	case id != 0 && id != e.id:
		return exchanged()
	}
	for _, address := range addresses {
		if len(e.paths) > 0 && address != "" && !e.holds(pathOf(address)) {
			return exchanged()
		}
	}
	return nil
}

// knows reports whether it is known what answers about a repository have to say.
func (e *expected) knows(repo canon.Repo) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, ok := e.repos[repo]
	return ok
}

// holds reports whether a path is one below the repository's.
func (e expectation) holds(path string) bool {
	for _, own := range e.paths {
		if rest, ok := strings.CutPrefix(path, own); ok && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
}

// pathOf is an address's path, folded. The host is not looked at: Gitea may be
// reached at another one than it believes to be at.
func pathOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(strings.TrimRight(u.Path, "/"))
}

// exchanged is the error for an answer that is another repository's.
func exchanged() *Error {
	return &Error{Kind: Exchanged, Status: http.StatusOK, Message: "The answer is about another repository than the one that the call was decided on."}
}

// eachOf holds what each row of a list says of its repository.
func eachOf[T any](c *Reader, repo canon.Repo, rows []T, says func(T) (id int64, addresses []string)) error {
	for _, row := range rows {
		id, addresses := says(row)
		if err := c.isOf(repo, id, addresses...); err != nil {
			return err
		}
	}
	return nil
}

// issueIn holds an issue, whose record names its repository, against the one asked.
func (c *Reader) issueIn(repo canon.Repo, issue *gitea.Issue) error {
	if issue.Repository == nil {
		return c.isOf(repo, 0, issue.HTMLURL)
	}
	if !strings.EqualFold(issue.Repository.FullName, repo.String()) {
		return exchanged()
	}
	return c.isOf(repo, issue.Repository.ID, issue.HTMLURL)
}

// pullIn holds a pull request against the repository asked.
func (c *Reader) pullIn(repo canon.Repo, pull *gitea.PullRequest) error {
	return c.isOf(repo, pull.Base.RepoID, pull.HTMLURL)
}

// commitIn holds a commit against the repository asked.
func (c *Reader) commitIn(repo canon.Repo, commit *gitea.Commit) error {
	return c.isOf(repo, 0, commit.URL, commit.HTMLURL)
}

// ofRecord is the id of a record that an answer embeds, 0 if it has none.
func ofRecord(record *gitea.Repository) int64 {
	if record == nil {
		return 0
	}
	return record.ID
}
