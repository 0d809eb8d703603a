package forge

import (
	"net/http"
	"strconv"

	"aegis/forge/gitea"
	"aegis/internal/canon"
)

// Version is what Gitea (from 1.26) counts each change of a body by. An edit that
// names another is refused as a whole; titles, labels and states don't count.
type Version struct {
	ContentVersion *int64 `json:"content_version"` // from 0; nil from a Gitea that doesn't count
}

// VersionedIssue is an issue, or a pull request taken for one, with its version.
type VersionedIssue struct {
	gitea.Issue
	Version
}

// VersionedIssue returns an issue or a pull request by its number, as [Client.Issue]
// does.
func (c *Reader) VersionedIssue(repo canon.Repo, number int64) (*VersionedIssue, error) {
	var issue VersionedIssue
	if _, err := c.getJSON(&issue, nil, "repos", repo.Owner(), repo.Name(), "issues", strconv.FormatInt(number, 10)); err != nil {
		return nil, err
	}
	if issue.Index != number || !whole(&issue.Issue) {
		return nil, notGitea(http.StatusOK)
	}
	return &issue, c.issueIn(repo, &issue.Issue)
}

// VersionedPull is a pull request with its version.
type VersionedPull struct {
	gitea.PullRequest
	Version
}

// VersionedPull returns a pull request by its number, as [Client.PullRequest] does.
func (c *Reader) VersionedPull(repo canon.Repo, number int64) (*VersionedPull, error) {
	var pull VersionedPull
	if _, err := c.getJSON(&pull, nil, belowPull(repo, number)...); err != nil {
		return nil, err
	}
	if pull.Index != number || !wholePull(&pull.PullRequest) {
		return nil, notGitea(http.StatusOK)
	}
	return &pull, c.pullIn(repo, &pull.PullRequest)
}

// Comment returns a comment of an issue or of a pull request by its id. What else
// has such an id is NotFound: reviews, comments on code, and the events of a
// timeline.
func (c *Reader) Comment(repo canon.Repo, id int64) (*gitea.Comment, error) {
	content, _, failure := c.get(nil, []string{"repos", repo.Owner(), repo.Name(), "issues", "comments", strconv.FormatInt(id, 10)})
	if failure != nil && failure.Status == http.StatusNoContent {
		return nil, &Error{Kind: NotFound, Status: failure.Status, Message: "This is no comment."}
	}
	if failure != nil {
		return nil, failure
	}
	comment, err := Read[gitea.Comment](content)
	if err != nil || comment.ID != id || comment.Poster == nil {
		return nil, notGitea(http.StatusOK)
	}
	return comment, c.isOf(repo, 0, comment.HTMLURL, comment.IssueURL, comment.PRURL)
}
