package tools

import (
	"context"
	"encoding/json"
	"fmt"

	"aegis/forge"
	"aegis/gate"

	gitea "code.gitea.io/sdk/gitea"
)

type createCommentArgs struct {
	writeArgs
	Number int64  `json:"number" doc:"Of an issue or a pull request"`
	Body   string `json:"body" text:"said" doc:"Markdown"`
}

func createComment() Tool {
	return write(changing[createCommentArgs]{
		name:        "create_comment",
		title:       "Comment on an issue or a pull request",
		description: "Adds a comment to an issue or a pull request.",
		target:      func(a createCommentArgs) gate.Target { return gate.Repository(a.repo) },
		plan:        planCreateComment,
	})
}

// commentEffect says where a comment goes.
type commentEffect struct {
	On     string `json:"on"` // issue or pull request
	Number int64  `json:"number"`
	URL    string `json:"html_url"`
}

// commentWritten is a comment that was written.
type commentWritten struct {
	Repository string `json:"repository"`
	Number     int64  `json:"number"`
	ID         int64  `json:"comment_id"`
	URL        string `json:"html_url"`
}

func planCreateComment(_ context.Context, v *gate.Visit, a createCommentArgs) (*gate.Plan, error) {
	repo := v.Repo()
	issue, err := v.Gitea().Issue(repo.Name, a.Number)
	if err != nil {
		return nil, err
	}
	effect := commentEffect{On: "issue", Number: issue.Index, URL: issue.HTMLURL}
	if issue.PullRequest != nil {
		effect.On = "pull request"
	}
	return &gate.Plan{
		Steps:  []gate.Step{{Write: forge.CreateComment(repo.Name, a.Number, a.Body)}},
		Effect: effect,
		Look:   fmt.Sprintf("the comments on #%d", a.Number),
		Answer: func(answers []json.RawMessage) (any, error) {
			comment, err := forge.Read[gitea.Comment](answers[0])
			if err != nil {
				return nil, err
			}
			return commentWritten{repo.FullName, a.Number, comment.ID, comment.HTMLURL}, nil
		},
	}, nil
}
