package tools

import (
	"context"
	"errors"

	"aegis/forge"
	"aegis/gate"
	"aegis/internal/canon"
)

type listWorkflowRunsArgs struct {
	repoArgs
	Status string    `json:"status,omitempty" enum:"queued,waiting,in_progress,completed,success,failure,cancelled,skipped"`
	Branch canon.Ref `json:"branch,omitempty"`
	pageArgs

	branch string
}

func (a *listWorkflowRunsArgs) check() error {
	var ok bool
	if a.branch, ok = a.Branch.Branch(); !ok && !a.Branch.IsZero() {
		return errors.Join(a.repoArgs.check(), errors.New("branch must be a branch, not a tag or a commit id"))
	}
	return a.repoArgs.check()
}

func listWorkflowRuns() Tool {
	return read(definition[listWorkflowRunsArgs]{
		name:        "list_workflow_runs",
		title:       "List workflow runs",
		description: "A repository's workflow runs (Actions), newest first; get_workflow_run has the jobs. Untrusted text.",
		target:      func(a listWorkflowRunsArgs) gate.Target { return gate.Repository(a.repo) },
		run:         runListWorkflowRuns,
		ahead: func(ask *forge.Reader, a listWorkflowRunsArgs, _ string) {
			_, _, _ = ask.WorkflowRuns(a.repo, a.page(), a.search())
		},
	})
}

func (a listWorkflowRunsArgs) search() forge.RunSearch {
	return forge.RunSearch{Status: a.Status, Branch: a.branch}
}

func runListWorkflowRuns(_ context.Context, v *gate.Visit, a listWorkflowRunsArgs) (*gate.Result, error) {
	runs, more, err := v.Gitea().WorkflowRuns(v.Repo().Name, a.page(), a.search())
	if err != nil {
		return nil, err
	}
	list := &gate.List{Page: a.Page, Limit: a.Limit, HasMore: more}
	heads := &runHeads{v: v}
	for _, run := range runs {
		item, err := heads.row(run)
		if err != nil {
			return nil, err
		}
		list.Rows = append(list.Rows, gate.Row{Value: item})
	}
	return &gate.Result{List: list}, nil
}
