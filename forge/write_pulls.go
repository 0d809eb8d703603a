package forge

import (
	"net/http"
	"strconv"

	"aegis/internal/canon"
)

// NewPull is what a pull request begins with.
type NewPull struct {
	NewIssue
	// HeadRepo is where the branch is that it comes from, zero for the repository
	// itself. It is named in full: of an owner alone Gitea would choose one of the
	// owner's forks.
	HeadRepo   canon.Repo
	Head, Base string // branches, by their short names
}

// CreatePullRequest opens a pull request: POST …/pulls. The commits of its head
// are readable in the repository from then on.
func CreatePullRequest(repo canon.Repo, pull NewPull) Write {
	body := pull.members()
	body["head"], body["base"] = pull.Head, pull.Base
	if !pull.HeadRepo.IsZero() {
		body["head"] = pull.HeadRepo.String() + ":" + pull.Head
	}
	return in(repo, http.MethodPost, body, "pulls")
}

// EditPullRequest changes a pull request that still has a version: PATCH
// …/pulls/{n}. It can't take a milestone away; [EditIssue] can.
func EditPullRequest(repo canon.Repo, number, version int64, edit Edit) Write {
	return in(repo, http.MethodPatch, edit.members(version), "pulls", strconv.FormatInt(number, 10))
}

// NewReview is a review that is submitted at once.
type NewReview struct {
	Event    string // COMMENT or REQUEST_CHANGES
	Commit   string // the head that was reviewed
	Body     string
	Comments []LineComment
}

// LineComment is a comment on a line of a file, as it is after the change or as it
// was before.
type LineComment struct {
	Path canon.Path
	Line int64 // from 1
	Old  bool
	Body string
}

// CreateReview reviews a pull request: POST …/pulls/{n}/reviews. A review that the
// user has not submitted yet is submitted along with it.
func CreateReview(repo canon.Repo, number int64, review NewReview) Write {
	body := map[string]any{"event": review.Event, "commit_id": review.Commit, "body": review.Body}
	var comments []any
	for _, c := range review.Comments {
		comment := map[string]any{"path": c.Path.String(), "body": c.Body}
		if c.Old {
			comment["old_position"] = c.Line
		} else {
			comment["new_position"] = c.Line
		}
		comments = append(comments, comment)
	}
	if comments != nil {
		body["comments"] = comments
	}
	return in(repo, http.MethodPost, body, "pulls", strconv.FormatInt(number, 10), "reviews")
}
