package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
	"aegis/internal/canon"
)

type createReviewArgs struct {
	writeArgs
	Number   int64         `json:"number"`
	Event    string        `json:"event" enum:"comment,request_changes"`
	Body     string        `json:"body" text:"said"`
	Comments []lineComment `json:"comments,omitempty"`
}

// lineComment is a comment on a line.
type lineComment struct {
	Path canon.Path `json:"path"`
	Line int64      `json:"line"`
	Side string     `json:"side,omitempty" enum:"new,old" default:"new" doc:"Of the file after the change, or before"`
	Body string     `json:"body" text:"said"`
}

func (a *createReviewArgs) check() error {
	wrong := []error{a.repoArgs.check(), notBlank("body", a.Body)}
	for i, c := range a.Comments {
		wrong = append(wrong, notBlank(fmt.Sprintf("comments[%d].body", i), c.Body))
	}
	return errors.Join(wrong...)
}

func createPullRequestReview() Tool {
	return write(changing[createReviewArgs]{
		name:        "create_pull_request_review",
		title:       "Review a pull request",
		description: "Reviews a pull request as it is now (get_pull_request_diff): comments or asks for changes, never approves.",
		target:      func(a createReviewArgs) gate.Target { return gate.Repository(a.repo) },
		plan:        planCreateReview,
	})
}

// reviewEffect is what a review was resolved to.
type reviewEffect struct {
	Number   int64  `json:"number"`
	URL      string `json:"html_url"`
	State    string `json:"state"`
	Commit   string `json:"head_commit"`
	Comments int    `json:"comments"`
	Bytes    int    `json:"body_bytes"`
}

// reviewWritten is a review that was submitted.
type reviewWritten struct {
	Repository string   `json:"repository"`
	Number     int64    `json:"number"`
	ID         int64    `json:"review_id"`
	URL        string   `json:"html_url"`
	State      string   `json:"state"`
	Commit     string   `json:"head_commit"`
	Comments   int      `json:"comments"`
	Official   bool     `json:"official,omitempty"` // it counts for whether the pull request can be merged
	Otherwise  []string `json:"not_as_asked,omitempty"`
}

func planCreateReview(_ context.Context, v *gate.Visit, a createReviewArgs) (*gate.Plan, error) {
	me, err := ownUser(v)
	if err != nil {
		return nil, err
	}
	pull, err := openPull(v, a.Number)
	if err != nil {
		return nil, err
	}
	if !canon.IsCommitID(pull.Head.Sha) {
		return nil, gate.Refuse(gate.GiteaError, "Gitea does not tell which commit the pull request is at.")
	}
	event := gitea.ReviewStateComment
	if a.Event == "request_changes" {
		event = gitea.ReviewStateRequestChanges
		switch {
		case pull.Poster != nil && pull.Poster.ID == me.ID:
			return nil, gate.Refuse(gate.Conflict, "This pull request is the token user's own, who can't ask for changes of it; nothing was written.").
				WithHint("The event comment is taken.")
		case pull.State != gitea.StateOpen:
			return nil, gate.Refuse(gate.Conflict, "This pull request is closed, and takes no request for changes; nothing was written.").
				WithHint("The event comment is taken.")
		}
	}
	if err := commentable(v, pull, a.Comments); err != nil {
		return nil, err
	}
	review := forge.NewReview{Event: string(event), Commit: pull.Head.Sha, Body: a.Body}
	for _, c := range a.Comments {
		review.Comments = append(review.Comments, forge.LineComment{Path: c.Path, Line: c.Line, Old: c.Side == "old", Body: c.Body})
	}
	if err := nothingPending(v, a.Number, me); err != nil {
		return nil, err
	}
	return &gate.Plan{
		Steps: []gate.Step{{Write: forge.CreateReview(v.Repo().Name, a.Number, review)}},
		Effect: reviewEffect{
			Number: pull.Index, URL: pull.HTMLURL, State: string(pull.State), Commit: pull.Head.Sha, Comments: len(a.Comments), Bytes: len(a.Body),
		},
		Rests: []gate.Basis{
			gate.StillSo(func() error { return nothingPending(v, a.Number, me) }),
			gate.RestsOn(pull.State, func() (gitea.StateType, error) {
				now, err := v.Gitea().PullRequest(v.Repo().Name, a.Number)
				switch {
				case err != nil:
					return "", err
				case now.Head.Sha != pull.Head.Sha:
					return "", branchMoved("Look at what the pull request brings now, and decide anew.")
				}
				return now.State, nil
			}, nil),
		},
		Look: fmt.Sprintf("the reviews of #%d", a.Number),
		Answer: func(answers []json.RawMessage) (any, error) {
			made, err := forge.Read[gitea.PullReview](answers[0])
			if err != nil {
				return nil, err
			}
			return submittedReview(v, a, event, pull, made), nil
		},
	}, nil
}

// commentable refuses comments on files that policy hides, before it is looked up
// whether the pull request changes them, and then on files that it does not change:
// Gitea fails on some of those and keeps what it has by then as a review that is
// not submitted.
func commentable(v *gate.Visit, pull *gitea.PullRequest, comments []lineComment) error {
	for i, c := range comments {
		if !v.ShowsFile(c.Path) {
			return gate.Refuse(gate.PathDenied, "Policy hides the file of comments[%d].", i)
		}
	}
	if len(comments) == 0 {
		return nil
	}
	files, bounded, err := scan(func(p forge.Page) ([]*gitea.ChangedFile, bool, error) {
		return v.Gitea().PullRequestFiles(v.Repo().Name, pull.Index, p)
	})
	if err != nil {
		return err
	}
	changed := make(map[string]string, len(files))
	for _, f := range files {
		changed[f.Filename] = f.Status
	}
	for i, c := range comments {
		status, ok := changed[c.Path.String()]
		switch {
		case !ok && bounded:
			return gate.Refuse(gate.TooLarge, "The pull request changes more than %d files; what is beyond is not looked at.", maxScan*scanPage)
		case !ok:
			return gate.Refuse(gate.NotFound, "The pull request does not change the file of comments[%d].", i).
				WithHint("list_pull_request_files lists those that it does; a renamed one has its new name.")
		case status == "added" && c.Side == "old", status == "deleted" && c.Side == "new":
			return gate.Refuse(gate.NotFound, "The file of comments[%d] is not there on that side.", i).
				WithHint("An added file has no old side, a deleted one no new side.")
		}
	}
	return nil
}

// nothingPending refuses a review where the user has one that is not submitted:
// Gitea would submit it along, with all that a human has noted there.
func nothingPending(v *gate.Visit, number int64, me *gitea.User) error {
	reviews, bounded, err := scan(func(p forge.Page) ([]*gitea.PullReview, bool, error) {
		return v.Gitea().Reviews(v.Repo().Name, number, p)
	})
	if err != nil {
		return err
	}
	for _, r := range reviews {
		if r.State == gitea.ReviewStatePending && (r.Reviewer == nil || r.Reviewer.ID == me.ID) {
			v.SawNarrow()
			return gate.Refuse(gate.Conflict, "The token's user has a review of this pull request that is not submitted, and which Gitea would submit along; nothing was written.").
				WithHint("Have it submitted or removed in Gitea first.")
		}
	}
	if bounded {
		return gate.Refuse(gate.TooLarge, "The pull request has more than %d reviews; what is beyond is not looked at.", maxScan*scanPage)
	}
	return nil
}

// submittedReview compares a review with what was to be submitted.
func submittedReview(v *gate.Visit, a createReviewArgs, event gitea.ReviewStateType, pull *gitea.PullRequest, made *gitea.PullReview) reviewWritten {
	w := reviewWritten{
		Repository: v.Repo().FullName, Number: pull.Index, ID: made.ID, URL: made.HTMLURL, State: strings.ToLower(string(made.State)),
		Commit: made.CommitID, Comments: made.CodeCommentsCount, Official: made.Official,
	}
	differs := func(is bool, what string) {
		if is {
			w.Otherwise = append(w.Otherwise, what)
		}
	}
	differs(made.State != event, "its state is "+strings.ToLower(string(made.State)))
	differs(made.CommitID != pull.Head.Sha, "it is of another commit")
	differs(made.CodeCommentsCount != len(a.Comments), fmt.Sprintf("it has %d comments on code instead of %d", made.CodeCommentsCount, len(a.Comments)))
	differs(made.Body != a.Body, "its text is another")
	w.Otherwise = noteDifferences(v, w.Otherwise)
	return w
}
