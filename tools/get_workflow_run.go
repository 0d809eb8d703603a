package tools

import (
	"context"

	"aegis/forge"
	"aegis/gate"
)

type getWorkflowRunArgs struct {
	repoArgs
	Run int64 `json:"run_id"`
}

func getWorkflowRun() Tool {
	return read(definition[getWorkflowRunArgs]{
		name:        "get_workflow_run",
		title:       "Get a workflow run",
		description: "One workflow run with its jobs; get_job_log reads a job's log by its id.",
		target:      func(a getWorkflowRunArgs) gate.Target { return gate.Repository(a.repo) },
		run:         runGetWorkflowRun,
		ahead: func(ask *forge.Reader, a getWorkflowRunArgs, _ string) {
			_, _ = ask.WorkflowRun(a.repo, a.Run)
			_, _, _ = ask.WorkflowJobs(a.repo, a.Run, forge.Page{Page: 1, Limit: scanPage})
		},
	})
}

// runFields is a workflow run with its jobs.
type runFields struct {
	Repository string `json:"repository"`
	*runItem
	Jobs     []jobItem `json:"jobs"`
	MoreJobs bool      `json:"more_jobs,omitempty"` // than the first maxJobs
	URL      string    `json:"html_url"`
}

// jobItem is a job of a run.
type jobItem struct {
	ID         int64  `json:"id"`
	Name       string `json:"name,omitempty"`
	Attempt    int64  `json:"attempt,omitempty"`
	Status     string `json:"status"`
	Conclusion string `json:"conclusion,omitempty"`
	Started    string `json:"started_at,omitempty"`
	Completed  string `json:"completed_at,omitempty"`
}

// Hide implements [gate.Authored]: a pull request brings its own workflows.
func (r *runFields) Hide() {
	r.runItem.Hide()
	for i := range r.Jobs {
		r.Jobs[i].Name = gate.HiddenText
	}
}

// maxJobs bounds the jobs of a run that are answered.
const maxJobs = 100

func runGetWorkflowRun(_ context.Context, v *gate.Visit, a getWorkflowRunArgs) (*gate.Result, error) {
	repo := v.Repo()
	run, err := v.Gitea().WorkflowRun(repo.Name, a.Run)
	if err != nil {
		return nil, err
	}
	item, err := (&runHeads{v: v}).row(run)
	if err != nil {
		return nil, err
	}
	fields := &runFields{Repository: repo.FullName, runItem: item, Jobs: []jobItem{}, URL: run.HTMLURL}
	fields.MoreJobs = true
	for page := 1; fields.MoreJobs && len(fields.Jobs) < maxJobs; page++ {
		jobs, more, err := v.Gitea().WorkflowJobs(repo.Name, a.Run, forge.Page{Page: page, Limit: scanPage})
		if err != nil {
			return nil, err
		}
		for _, job := range jobs {
			if item.HeadHidden {
				job.Name = ""
			}
			fields.Jobs = append(fields.Jobs, jobItem{
				ID: job.ID, Name: job.Name, Attempt: job.RunAttempt, Status: job.Status, Conclusion: job.Conclusion,
				Started: stamp(job.StartedAt), Completed: stamp(job.CompletedAt),
			})
		}
		fields.MoreJobs = more && len(jobs) > 0
	}
	return &gate.Result{Fields: fields}, nil
}
