package forge

import (
	"net/http"
	"slices"
	"strconv"

	"aegis/forge/gitea"
	"aegis/internal/canon"
)

// PullRequests returns a repository's pull requests in a state (open, closed or
// all), newest first. Each embeds the whole records of two repositories; the
// head's is nil where it is gone.
func (c *Reader) PullRequests(repo canon.Repo, p Page, state string) ([]*gitea.PullRequest, bool, error) {
	query := p.query()
	query.Set("state", state)
	rows, more, err := list[gitea.PullRequest](c, p, query, "repos", repo.Owner(), repo.Name(), "pulls")
	if err != nil {
		return nil, false, err
	}
	for _, row := range rows {
		if !wholePull(row) {
			return nil, false, notGitea(http.StatusOK)
		}
		if err := c.pullIn(repo, row); err != nil {
			return nil, false, err
		}
	}
	return rows, more, nil
}

// PullRequest returns a pull request by its number; an issue's is NotFound.
func (c *Reader) PullRequest(repo canon.Repo, number int64) (*gitea.PullRequest, error) {
	var pull gitea.PullRequest
	if _, err := c.getJSON(&pull, nil, belowPull(repo, number)...); err != nil {
		return nil, err
	}
	if pull.Index != number || !wholePull(&pull) {
		return nil, notGitea(http.StatusOK)
	}
	return &pull, c.pullIn(repo, &pull)
}

// PullRequestCommits returns the commits that a pull request brings, newest
// first.
func (c *Reader) PullRequestCommits(repo canon.Repo, number int64, p Page) ([]*gitea.Commit, bool, error) {
	query := p.query()
	for _, part := range []string{"verification", "files"} {
		query.Set(part, "false")
	}
	rows, more, err := list[gitea.Commit](c, p, query, belowPull(repo, number, "commits")...)
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

// PullRequestFiles returns the files that a pull request changes. A file's
// former name is there only if it was renamed, not if it was copied.
func (c *Reader) PullRequestFiles(repo canon.Repo, number int64, p Page) ([]*gitea.ChangedFile, bool, error) {
	return list[gitea.ChangedFile](c, p, p.query(), belowPull(repo, number, "files")...)
}

// PullRequestDiff returns a pull request's whole diff, as git writes it.
func (c *Reader) PullRequestDiff(repo canon.Repo, number int64) (string, error) {
	return c.getText(nil, "repos", repo.Owner(), repo.Name(), "pulls", strconv.FormatInt(number, 10)+".diff")
}

// Reviews returns a pull request's reviews, oldest first, without those of
// others that are not submitted yet. Gitea counts those, so that only a full
// page's worth of them tells of more.
func (c *Reader) Reviews(repo canon.Repo, number int64, p Page) ([]*gitea.PullReview, bool, error) {
	var rows []*gitea.PullReview
	header, err := c.getJSON(&rows, p.query(), belowPull(repo, number, "reviews")...)
	if err != nil {
		return nil, false, err
	}
	if slices.Contains(rows, nil) {
		return nil, false, notGitea(http.StatusOK)
	}
	err = eachOf(c, repo, rows, func(r *gitea.PullReview) (int64, []string) { return 0, []string{r.HTMLURL, r.HTMLPullURL} })
	return rows, HasMore(header, p.Page, p.Limit, p.Limit), err
}

// PullRequestWithReviews is [Client.PullRequest] and [Client.Reviews], asked for at the
// same time. An error of the first comes first.
func (c *Reader) PullRequestWithReviews(repo canon.Repo, number int64, p Page) (pull *gitea.PullRequest, reviews []*gitea.PullReview, more bool, err error) {
	err = c.atOnce(
		func() (err error) { pull, err = c.PullRequest(repo, number); return err },
		func() (err error) { reviews, more, err = c.Reviews(repo, number, p); return err },
	)
	return pull, reviews, more, err
}

// CommentsOfReviews returns the inline comments of reviews, in their order, several
// asked for at the same time. Of one that says it has none nothing is asked.
func (c *Reader) CommentsOfReviews(repo canon.Repo, number int64, reviews []*gitea.PullReview) ([][]*gitea.PullReviewComment, error) {
	comments := make([][]*gitea.PullReviewComment, len(reviews))
	var jobs []func() error
	for i, review := range reviews {
		if review.CodeCommentsCount > 0 {
			jobs = append(jobs, func() (err error) {
				comments[i], err = c.ReviewComments(repo, number, review.ID)
				return err
			})
		}
	}
	return comments, c.atOnce(jobs...)
}

// ReviewComments returns the inline comments of a review, all of them.
func (c *Reader) ReviewComments(repo canon.Repo, number, review int64) ([]*gitea.PullReviewComment, error) {
	var rows []*gitea.PullReviewComment
	if _, err := c.getJSON(&rows, nil, belowPull(repo, number, "reviews", strconv.FormatInt(review, 10), "comments")...); err != nil {
		return nil, err
	}
	if slices.Contains(rows, nil) {
		return nil, notGitea(http.StatusOK)
	}
	return rows, eachOf(c, repo, rows, func(r *gitea.PullReviewComment) (int64, []string) { return 0, []string{r.HTMLURL, r.HTMLPullURL} })
}

// belowPull returns the segments of an address below a pull request.
func belowPull(repo canon.Repo, number int64, rest ...string) []string {
	return append([]string{"repos", repo.Owner(), repo.Name(), "pulls", strconv.FormatInt(number, 10)}, rest...)
}

// wholePull reports whether a pull request has both its sides and no holes in
// its lists.
func wholePull(p *gitea.PullRequest) bool {
	return p.Base != nil && p.Head != nil && !slices.Contains(p.Labels, nil) && !slices.Contains(p.Assignees, nil)
}
