package tools

import (
	"context"
	"errors"
	"strings"

	"aegis/forge"
	"aegis/gate"
	"aegis/internal/canon"

	gitea "code.gitea.io/sdk/gitea"
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
		description: "A repository's workflow runs (Gitea Actions), newest first; get_workflow_run has the jobs. Untrusted text.",
		target:      func(a listWorkflowRunsArgs) gate.Target { return gate.Repository(a.repo) },
		run:         runListWorkflowRuns,
		ahead: func(ask *forge.Reader, a listWorkflowRunsArgs, _ string) {
			_, _, _ = ask.WorkflowRuns(a.repo, a.page(), a.search())
		},
	})
}

// runItem is a workflow run in a list.
type runItem struct {
	ID         int64  `json:"id"`
	Number     int64  `json:"number"`
	Title      string `json:"title,omitempty"`
	Workflow   string `json:"workflow,omitempty"` // file name
	Ref        string `json:"ref,omitempty"`
	Commit     string `json:"commit,omitempty"`
	Event      string `json:"event"`
	Actor      string `json:"actor,omitempty"`
	Status     string `json:"status"`
	Conclusion string `json:"conclusion,omitempty"`
	Started    string `json:"started_at,omitempty"`
	Completed  string `json:"completed_at,omitempty"`
	HeadHidden bool   `json:"head_hidden,omitempty"` // by policy, with title, workflow and commit

	author string // of what it is called after
}

// Author implements [gate.Authored]: a run is called after the commit of whoever set
// it off, or by what a pull request or an issue says.
func (r *runItem) Author() string { return r.author }

// Hide implements [gate.Authored].
func (r *runItem) Hide() {
	if r.Title = hiddenText; r.foreign() {
		r.Workflow = hiddenText
	}
}

// foreign reports whether a pull request brought the workflow along.
func (r *runItem) foreign() bool {
	_, ok := pullOf(r.Ref)
	return ok
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

func runRow(run *gitea.ActionWorkflowRun) *runItem {
	workflow, ref, _ := strings.Cut(run.Path, "@")
	return &runItem{
		ID: run.ID, Number: run.RunNumber, Title: run.DisplayTitle, Workflow: workflow, Ref: ref, Commit: run.HeadSha,
		Event: run.Event, Actor: login(run.TriggerActor), Status: run.Status, Conclusion: run.Conclusion,
		Started: stamp(run.StartedAt), Completed: stamp(run.CompletedAt),
	}
}
