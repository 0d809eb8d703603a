package tools

import (
	"context"
	"encoding/json"
	"errors"

	"aegis/forge"
	"aegis/gate"
)

type createIssueArgs struct {
	writeArgs
	Title     string   `json:"title"`
	Body      string   `json:"body,omitempty" text:"body"`
	Labels    []string `json:"labels,omitempty"`
	Assignees []string `json:"assignees,omitempty"`
	Milestone string   `json:"milestone,omitempty" doc:"Title"`
}

func (a *createIssueArgs) check() error {
	return errors.Join(a.repoArgs.check(), notBlank("title", a.Title))
}

func createIssue() Tool {
	return write(changing[createIssueArgs]{
		name:        "create_issue",
		title:       "Open an issue",
		description: "Opens an issue. list_labels and list_milestones have the names that it takes.",
		target:      func(a createIssueArgs) gate.Target { return gate.Repository(a.repo) },
		plan:        planCreateIssue,
	})
}

func planCreateIssue(_ context.Context, v *gate.Visit, a createIssueArgs) (*gate.Plan, error) {
	wanted := &asked{title: a.Title, body: &a.Body}
	if err := wanted.resolve(v, labelChange{Labels: a.Labels}, a.Assignees, given(a.Milestone), nil); err != nil {
		return nil, err
	}
	return &gate.Plan{
		Steps:  []gate.Step{{Write: forge.CreateIssue(v.Repo().Name, wanted.new())}},
		Effect: wanted.effect(),
		Look:   "the newest issues",
		Answer: func(answers []json.RawMessage) (any, error) {
			issue, err := forge.Read[forge.VersionedIssue](answers[0])
			if err != nil {
				return nil, err
			}
			return wanted.written(v, storedIssue(issue)).noted(v), nil
		},
	}, nil
}
