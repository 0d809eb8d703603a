package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strconv"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
)

type editCommentArgs struct {
	writeArgs
	ID   int64  `json:"comment_id"`
	Body string `json:"body" text:"said" doc:"All of it"`
}

func (a *editCommentArgs) check() error {
	return errors.Join(a.repoArgs.check(), notBlank("body", a.Body))
}

func editComment() Tool {
	return write(changing[editCommentArgs]{
		name:        "edit_comment",
		title:       "Change a comment",
		description: "Replaces a comment of the token's own user; list_issue_comments has the id.",
		target:      func(a editCommentArgs) gate.Target { return gate.Repository(a.repo) },
		plan:        planEditComment,
		destructive: true, idempotent: true,
	})
}

func planEditComment(_ context.Context, v *gate.Visit, a editCommentArgs) (*gate.Plan, error) {
	repo := v.Repo().Name
	me, err := ownUser(v)
	if err != nil {
		return nil, err
	}
	// Gitea lets everybody who may write change everybody's comments, and takes
	// reviews and comments on code by their ids, too.
	read := func() (*gitea.Comment, error) {
		comment, err := v.Gitea().Comment(repo, a.ID)
		if isNothing(err) {
			return nil, notThis("The repository has no comment with this id.", "Reviews and comments on code are no comments that can be changed here; list_issue_comments has ids.")
		}
		if err == nil && comment.Poster.ID != me.ID {
			err = gate.Refuse(gate.GiteaForbidden, "This comment is somebody else's; only the token user's own are changed.").
				WithHint("create_comment can answer it.")
		}
		return comment, err
	}
	before, err := read()
	if err != nil {
		return nil, err
	}
	effect := commentEffect{On: "issue", URL: before.HTMLURL, Bytes: len(a.Body), Replaced: len(before.Body)}
	address := before.IssueURL
	if before.PRURL != "" {
		effect.On, address = "pull request", before.PRURL
	}
	effect.Number, _ = strconv.ParseInt(path.Base(address), 10, 64)
	return &gate.Plan{
		Steps:  []gate.Step{{Write: forge.EditComment(repo, a.ID, a.Body)}},
		Effect: effect,
		Changes: func() ([]gate.Change, error) {
			return []gate.Change{{Field: "body", Before: before.Body, After: a.Body}}, nil
		},
		Rests: []gate.Basis{gate.RestsOn(stateOfComment(before), func() (commentState, error) {
			now, err := read()
			if err != nil {
				return commentState{}, err
			}
			return stateOfComment(now), nil
		}, nil)},
		Look: fmt.Sprintf("the comment %d", a.ID),
		Answer: func(answers []json.RawMessage) (any, error) {
			return writtenComment(v, effect.Number, a.Body, answers[0])
		},
	}, nil
}

// commentState is what a change of a comment rests on.
type commentState struct {
	body    string
	updated int64 // Unix, in nanoseconds
}

func stateOfComment(c *gitea.Comment) commentState {
	return commentState{c.Body, c.Updated.UnixNano()}
}
