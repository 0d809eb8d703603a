package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"aegis/forge"
	"aegis/gate"
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
