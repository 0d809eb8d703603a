package tools

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
	"aegis/internal/canon"
)

type rerunWorkflowArgs struct {
	writeArgs
	Run int64 `json:"run_id"`
}

func rerunWorkflow() Tool {
	return automate(changing[rerunWorkflowArgs]{
		name:        "rerun_workflow",
		title:       "Run a workflow again",
		description: "Runs all jobs of a finished run (list_workflow_runs) again, at its commit. Its former result is replaced.",
		target:      func(a rerunWorkflowArgs) gate.Target { return gate.Repository(a.repo) },
		plan:        planRerunWorkflow,
		destructive: true,
	})
}

// rerunEffect says what will run again.
type rerunEffect struct {
	Run      int64  `json:"run_id"`
	Number   int64  `json:"number"`
	Workflow string `json:"workflow"`
	Ref      string `json:"ref"`
	Commit   string `json:"commit"`
	Event    string `json:"event"`
}

// rerunWritten is a run that was started again.
type rerunWritten struct {
	Repository string `json:"repository"`
	Run        int64  `json:"run_id"`
	Number     int64  `json:"number"`
	Status     string `json:"status"`
	Commit     string `json:"commit"`
	URL        string `json:"html_url"`
}

func planRerunWorkflow(_ context.Context, v *gate.Visit, a rerunWorkflowArgs) (*gate.Plan, error) {
	repo := v.Repo()
	run, err := finishedRun(v, a.Run)
	if err != nil {
		return nil, err
	}
	workflow, ref, _ := strings.Cut(run.Path, "@")
	if err := mayRerun(v, run.Event, ref); err != nil {
		return nil, err
	}
	return &gate.Plan{
		Steps:  []gate.Step{{Write: forge.RerunWorkflow(repo.Name, a.Run)}},
		Effect: rerunEffect{run.ID, run.RunNumber, workflow, ref, run.HeadSha, run.Event},
		Rests: []gate.Basis{gate.RestsOn([]string{run.HeadSha, run.Path, run.Event}, func() ([]string, error) {
			now, err := finishedRun(v, a.Run)
			if err != nil {
				return nil, err
			}
			return []string{now.HeadSha, now.Path, now.Event}, nil
		}, gate.Refuse(gate.Conflict, "The run changed while this call was under way; nothing was started.").WithHint("Look at it and decide anew."))},
		Look: "the workflow run " + strconv.FormatInt(a.Run, 10),
		Answer: func(answers []json.RawMessage) (any, error) {
			now, err := forge.Read[gitea.ActionWorkflowRun](answers[0])
			if err != nil {
				return nil, err
			}
			if now.ID != run.ID || now.HeadSha != run.HeadSha {
				v.Remark("Gitea answers with another run, or another commit, than was asked for")
			}
			if now.Status == "completed" {
				v.Remark("Gitea still has the run as finished")
			}
			return rerunWritten{repo.FullName, now.ID, now.RunNumber, now.Status, now.HeadSha, now.HTMLURL}, nil
		},
	}, nil
}

// finishedRun returns a run of the repository that has come to its end.
func finishedRun(v *gate.Visit, id int64) (*gitea.ActionWorkflowRun, error) {
	repo := v.Repo()
	run, err := v.Gitea().WorkflowRun(repo.Name, id)
	switch {
	case err != nil:
		return nil, err
	case run.Repository != nil && run.Repository.ID != repo.ID:
		return nil, gate.Refuse(gate.GiteaError, "Gitea answers with another repository's run.")
	case run.Path == "" || run.Event == "" || run.HeadSha == "":
		return nil, gate.Refuse(gate.GiteaError, "Gitea does not tell what the run was of.")
	case run.Status != "completed":
		return nil, gate.Refuse(gate.Conflict, "The run is not finished.").WithHint("get_workflow_run tells when it is.")
	}
	return run, nil
}

// mayRerun refuses a run whose branch policy does not open, and one that was set
// off from outside. A pull request's is held to the branch that it comes from,
// which has to be one of this repository; one of pull_request_target, which runs
// with the base's rights, is told by its ref: that is the base's.
func mayRerun(v *gate.Visit, event, ref string) error {
	outside := func() error {
		return gate.Refuse(gate.BranchDenied, "What set off this run came from outside of the repository's own branches; it is not run again from here.").
			WithHint("A human who has looked at it can.")
	}
	if number, ok := pullOf(ref); ok && strings.HasPrefix(event, "pull_request") {
		pull, err := v.Gitea().PullRequest(v.Repo().Name, number)
		if err != nil {
			return err
		}
		// One that was pushed to refs/for has the target for its head, and no branch.
		if pull.Head.Repository == nil || pull.Head.Repository.ID != v.Repo().ID || strings.HasPrefix(pull.Head.Ref, "refs/") {
			return outside()
		}
		return landsOn(v, "refs/heads/"+pull.Head.Ref)
	}
	if !slices.Contains(ownEvents, event) || !strings.HasPrefix(ref, "refs/heads/") && !strings.HasPrefix(ref, "refs/tags/") {
		return outside()
	}
	return landsOn(v, ref)
}

func landsOn(v *gate.Visit, full string) error {
	ref, err := canon.ParseRef(full)
	if err != nil {
		return gate.Refuse(gate.BranchDenied, "The run is on a branch whose name can't be judged.")
	}
	return v.Lands(ref)
}
