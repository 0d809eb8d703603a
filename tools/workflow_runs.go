package tools

import (
	"strings"

	"aegis/gate"

	gitea "aegis/forge/gitea"
)

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
	if r.Title = gate.HiddenText; r.foreign() {
		r.Workflow = gate.HiddenText
	}
}

// foreign reports whether a pull request brought the workflow along.
func (r *runItem) foreign() bool {
	_, ok := pullOf(r.Ref)
	return ok
}

func runRow(run *gitea.ActionWorkflowRun) *runItem {
	workflow, ref, _ := strings.Cut(run.Path, "@")
	return &runItem{
		ID: run.ID, Number: run.RunNumber, Title: run.DisplayTitle, Workflow: workflow, Ref: ref, Commit: run.HeadSha,
		Event: run.Event, Actor: login(run.TriggerActor), Status: run.Status, Conclusion: run.Conclusion,
		Started: stamp(run.StartedAt), Completed: stamp(run.CompletedAt),
	}
}
