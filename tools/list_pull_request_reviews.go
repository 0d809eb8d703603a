package tools

import (
	"context"
	"strings"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
	"aegis/internal/canon"
)

func listPullRequestReviews() Tool {
	return read(definition[pullListArgs]{
		name:        "list_pull_request_reviews",
		title:       "List a pull request's reviews",
		description: "A pull request's reviews, oldest first, each with its inline comments; limit counts reviews. Untrusted text.",
		target:      func(a pullListArgs) gate.Target { return gate.Repository(a.repo) },
		run:         runListPullRequestReviews,
		ahead: func(ask *forge.Reader, a pullListArgs, _ string) {
			_, _ = ask.PullRequest(a.repo, a.Number)
			_, _, _ = ask.Reviews(a.repo, a.Number, a.page())
		},
	})
}

// reviewItem is a review.
type reviewItem struct {
	Kind      string `json:"kind"` // review
	ID        int64  `json:"id"`
	Reviewer  string `json:"author,omitempty"`
	State     string `json:"state"`
	Body      string `json:"body,omitempty"`
	Commit    string `json:"commit,omitempty"`
	Stale     bool   `json:"stale,omitempty"`
	Official  bool   `json:"official,omitempty"`
	Dismissed bool   `json:"dismissed,omitempty"`
	Submitted string `json:"submitted_at,omitempty"`
}

// Author implements [gate.Authored].
func (r *reviewItem) Author() string { return r.Reviewer }

// Hide implements [gate.Authored].
func (r *reviewItem) Hide() {
	if r.Body != "" {
		r.Body = gate.HiddenText
	}
}

// Narrow implements [gate.Narrow]: a review that is not submitted is seen by its author
// alone.
func (r *reviewItem) Narrow() bool { return r.State == pendingReview }

var pendingReview = strings.ToLower(string(gitea.ReviewStatePending))

// reviewComment is an inline comment. It is a row of its own because others
// than the reviewer answer below it. The piece of the diff that Gitea sends with
// it is left out: it doesn't say what the file was called before.
type reviewComment struct {
	Kind     string `json:"kind"` // comment
	ID       int64  `json:"id"`
	Review   int64  `json:"review"`
	Poster   string `json:"author,omitempty"`
	Path     string `json:"path"`
	Line     uint64 `json:"line,omitempty"`
	Side     string `json:"side,omitempty"` // new, old
	Body     string `json:"body"`
	Resolved bool   `json:"resolved,omitempty"`
	Created  string `json:"created_at,omitempty"`
	Name     string `json:"unnameable,omitempty"` // why the file can't be asked for

	pending bool // it is of a review that is not submitted
}

// Narrow implements [gate.Narrow].
func (c *reviewComment) Narrow() bool { return c.pending }

// Author implements [gate.Authored].
func (c *reviewComment) Author() string { return c.Poster }

// Hide implements [gate.Authored].
func (c *reviewComment) Hide() { c.Path, c.Body = gate.HiddenText, gate.HiddenText }

func runListPullRequestReviews(_ context.Context, v *gate.Visit, a pullListArgs) (*gate.Result, error) {
	name := v.Repo().Name
	pull, reviews, more, err := v.Gitea().PullRequestWithReviews(name, a.Number, a.page())
	if err != nil {
		return nil, err
	}
	headShows := v.JoinHead(v.Repo(), pull)
	comments, err := v.Gitea().CommentsOfReviews(name, a.Number, reviews)
	if err != nil {
		return nil, err
	}
	list := &gate.List{Page: a.Page, Limit: a.Limit, HasMore: more}
	for i, r := range reviews {
		item := &reviewItem{
			Kind: "review", ID: r.ID, Reviewer: login(r.Reviewer), State: strings.ToLower(string(r.State)), Body: r.Body,
			Stale: r.Stale, Official: r.Official, Dismissed: r.Dismissed, Submitted: stamp(r.Submitted),
		}
		if headShows {
			item.Commit = r.CommitID // whatever the reviewer said: it proves nothing
		}
		list.Rows = append(list.Rows, gate.Row{Value: item})
		for _, c := range comments[i] {
			row := reviewCommentRow(r, c)
			row.Unnameable = row.Unnameable || !headShows
			list.Rows = append(list.Rows, row)
		}
	}
	return &gate.Result{List: list}, nil
}

func reviewCommentRow(review *gitea.PullReview, c *gitea.PullReviewComment) gate.Row {
	item := &reviewComment{
		Kind: "comment", ID: c.ID, Review: review.ID, Poster: login(c.Reviewer), Path: c.Path, Line: c.LineNum, Side: "new",
		Body: c.Body, Resolved: c.Resolver != nil, Created: stamp(c.Created),
		pending: review.State == gitea.ReviewStatePending,
	}
	if c.LineNum == 0 && c.OldLineNum != 0 {
		item.Line, item.Side = c.OldLineNum, "old"
	}
	path, why, ok := canon.ListedPath(c.Path)
	item.Name = unnameable(why)
	return gate.Row{Value: item, Path: path, Unnameable: !ok}
}
