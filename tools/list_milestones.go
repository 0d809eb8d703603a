package tools

import (
	"context"

	"aegis/forge"
	"aegis/gate"
)

type listMilestonesArgs struct {
	repoArgs
	State string `json:"state,omitempty" enum:"open,closed,all" default:"open"`
	pageArgs
}

func listMilestones() Tool {
	return read(definition[listMilestonesArgs]{
		name:        "list_milestones",
		title:       "List milestones",
		description: "A repository's milestones.",
		target:      func(a listMilestonesArgs) gate.Target { return gate.Repository(a.repo) },
		run:         runListMilestones,
		ahead: func(ask *forge.Reader, a listMilestonesArgs, _ string) {
			_, _, _ = ask.Milestones(a.repo, a.page(), a.State)
		},
	})
}

// milestoneItem is a milestone.
type milestoneItem struct {
	Title        string `json:"title"`
	State        string `json:"state"`
	Description  string `json:"description,omitempty"`
	OpenIssues   int    `json:"open_issues"`
	ClosedIssues int    `json:"closed_issues"`
	Due          string `json:"due_date,omitempty"`
	Closed       string `json:"closed_at,omitempty"`
}

func runListMilestones(_ context.Context, v *gate.Visit, a listMilestonesArgs) (*gate.Result, error) {
	found, more, err := v.Gitea().Milestones(v.Repo().Name, a.page(), a.State)
	if err != nil {
		return nil, err
	}
	list := &gate.List{Page: a.Page, Limit: a.Limit, HasMore: more}
	for _, m := range found {
		list.Rows = append(list.Rows, gate.Row{Value: milestoneItem{
			Title: m.Title, State: string(m.State), Description: m.Description,
			OpenIssues: m.OpenIssues, ClosedIssues: m.ClosedIssues, Due: stampOf(m.Deadline), Closed: stampOf(m.Closed),
		}})
	}
	return &gate.Result{List: list}, nil
}
