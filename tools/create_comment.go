package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"aegis/forge"
	"aegis/gate"

	gitea "code.gitea.io/sdk/gitea"
)

type createCommentArgs struct {
	writeArgs
	Number int64  `json:"number" doc:"Of an issue or a pull request"`
	Body   string `json:"body" text:"said"`
}

func (a *createCommentArgs) check() error {
	return errors.Join(a.repoArgs.check(), notBlank("body", a.Body))
}

func createComment() Tool {
	return write(changing[createCommentArgs]{
		name:        "create_comment",
		title:       "Add a comment",
		description: "Adds a comment to an issue or a pull request.",
		target:      func(a createCommentArgs) gate.Target { return gate.Repository(a.repo) },
		plan:        planCreateComment,
	})
}

// commentEffect says where a comment goes.
type commentEffect struct {
	On       string `json:"on"` // issue or pull request
	Number   int64  `json:"number,omitempty"`
	URL      string `json:"html_url"`
	State    string `json:"state,omitempty"`
	Locked   bool   `json:"locked,omitempty"` // only those who may write can comment
	Bytes    int    `json:"body_bytes"`
	Replaced int    `json:"replaced_body_bytes,omitempty"`
}

// commentWritten is a comment that was written.
type commentWritten struct {
	Repository string `json:"repository"`
	Number     int64  `json:"number,omitempty"`
	ID         int64  `json:"comment_id"`
	URL        string `json:"html_url"`
}

// writtenComment compares a comment with what was to be written.
func writtenComment(v *gate.Visit, number int64, body string, answer json.RawMessage) (any, error) {
	comment, err := forge.Read[gitea.Comment](answer)
	if err != nil {
		return nil, err
	}
	if comment.Body != body {
		v.Remark("Gitea holds another text than was to be written.")
	}
	return commentWritten{v.Repo().FullName, number, comment.ID, comment.HTMLURL}, nil
}

func planCreateComment(_ context.Context, v *gate.Visit, a createCommentArgs) (*gate.Plan, error) {
	repo := v.Repo()
	issue, err := v.Gitea().Issue(repo.Name, a.Number)
	if err != nil {
		return nil, err
	}
	effect := commentEffect{
		On: "issue", Number: issue.Index, URL: issue.HTMLURL, State: string(issue.State), Locked: issue.IsLocked, Bytes: len(a.Body),
	}
	if issue.PullRequest != nil {
		effect.On = "pull request"
	}
	return &gate.Plan{
		Steps:  []gate.Step{{Write: forge.CreateComment(repo.Name, a.Number, a.Body)}},
		Effect: effect,
		Look:   fmt.Sprintf("the comments on #%d", a.Number),
		Answer: func(answers []json.RawMessage) (any, error) {
			return writtenComment(v, a.Number, a.Body, answers[0])
		},
	}, nil
}
