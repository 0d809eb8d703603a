package tools

import (
	"context"
	"encoding/json"
	"errors"
	"path"
	"slices"
	"strings"

	"aegis/forge"
	"aegis/gate"
	"aegis/internal/canon"
)

type dispatchWorkflowArgs struct {
	writeArgs
	Workflow string            `json:"workflow" doc:"File name"`
	Ref      canon.Ref         `json:"ref" doc:"Branch or tag"`
	Inputs   map[string]string `json:"inputs,omitempty"`
}

func (a *dispatchWorkflowArgs) check() error {
	var ref, workflow error
	if _, isCommit := a.Ref.Commit(); isCommit {
		ref = errors.New("ref must be a branch or a tag")
	}
	name, err := canon.ParsePath(a.Workflow)
	if err != nil || strings.Contains(name.String(), "/") || !strings.HasSuffix(a.Workflow, ".yml") && !strings.HasSuffix(a.Workflow, ".yaml") {
		workflow = errors.New("workflow must be the name of a workflow's file, without its folder, like build.yml")
	}
	return errors.Join(a.repoArgs.check(), workflow, ref)
}

func dispatchWorkflow() Tool {
	return automate(changing[dispatchWorkflowArgs]{
		name:        "dispatch_workflow",
		title:       "Start a workflow",
		description: "Starts a workflow that says workflow_dispatch, on a branch or a tag; list_workflow_runs shows the run.",
		target: func(a dispatchWorkflowArgs) gate.Target {
			return gate.Repository(a.repo).At(a.Ref)
		},
		plan: planDispatchWorkflow,
	})
}

// dispatchEffect says what will run.
type dispatchEffect struct {
	Workflow string `json:"workflow"`
	Ref      string `json:"ref"`
	Commit   string `json:"commit"`
}

// dispatched is a workflow that was started.
type dispatched struct {
	Repository string `json:"repository"`
	Workflow   string `json:"workflow"`
	Ref        string `json:"ref"`
	Started    bool   `json:"started"`
	Hint       string `json:"hint"`
}

func planDispatchWorkflow(_ context.Context, v *gate.Visit, a dispatchWorkflowArgs) (*gate.Plan, error) {
	repo := v.Repo()
	ref, commit := repo.Ref, repo.Commit
	if ref == "" {
		return nil, notThis("There is no branch or tag of this name.", "list_branches and list_tags have them.")
	}
	if err := v.Lands(mustRef(ref)); err != nil {
		return nil, err
	}
	if err := startable(v, a); err != nil {
		return nil, err
	}
	return &gate.Plan{
		Steps:  []gate.Step{{Write: forge.DispatchWorkflow(repo.Name, a.Workflow, ref, a.Inputs)}},
		Effect: dispatchEffect{a.Workflow, ref, commit},
		Rests: []gate.Basis{gate.RestsOn(commit, func() (string, error) {
			now, err := v.OtherRef(canon.Owner{}, mustRef(ref))
			if err != nil {
				return "", err
			}
			return now.Commit, nil
		}, gate.Refuse(gate.Conflict, "The branch or tag has moved while this call was under way; nothing was started.").
			WithHint("Look at what would run now and decide anew."))},
		Look: "the workflow runs",
		Answer: func([]json.RawMessage) (any, error) {
			return dispatched{repo.FullName, a.Workflow, ref, true, "Gitea does not tell which run this is; list_workflow_runs shows the newest first."}, nil
		},
	}, nil
}

// startable refuses a workflow that is not on the default branch, that is turned
// off, or that at the commit to run on is not there or not made to be started by
// hand: Gitea would start that, too.
func startable(v *gate.Visit, a dispatchWorkflowArgs) error {
	workflow, err := v.Gitea().Workflow(v.Repo().Name, a.Workflow)
	switch {
	case err != nil && forge.From(err).Kind == forge.NotFound:
		return notThis("The default branch has no workflow of this name, or the repository no workflows.", "Workflows are files in .gitea/workflows.")
	case err != nil:
		return err
	case workflow.State != "active":
		return gate.Refuse(gate.Conflict, "The workflow is turned off.").WithHint("A human can turn it on.")
	}
	content, err := workflowAt(v, workflow.Path, a.Workflow)
	if err != nil {
		return err
	}
	if !strings.Contains(content, "workflow_dispatch") {
		return gate.Refuse(gate.Conflict, "The workflow is not made to be started by hand: it does not say workflow_dispatch.").
			WithHint("It starts by what it names under on.")
	}
	for name := range a.Inputs {
		if !strings.Contains(content, name) {
			return notThis("An input is none that the workflow declares; Gitea would drop it.", "The workflow's file has them under inputs.")
		}
	}
	return nil
}

// workflowFolders are where Gitea looks for workflows by default; the first that
// is there counts.
var workflowFolders = []string{".gitea/workflows", ".github/workflows"}

// workflowAt returns a workflow's file at the commit that it would run on. known
// is its path on the default branch.
func workflowAt(v *gate.Visit, known, name string) (string, error) {
	repo := v.Repo()
	folders := workflowFolders
	if own := path.Dir(known); !slices.Contains(folders, own) { // as Gitea is set up here
		folders = []string{own}
	}
	trees := v.Gitea().Trees(repo.Name, repo.Commit)
	for _, each := range folders {
		folder, err := canon.ParsePath(each)
		if err != nil {
			return "", gate.Refuse(gate.GiteaError, "Gitea has the workflow at a path that is none.")
		}
		entry, _, err := trees.Entry(folder)
		if err != nil {
			return "", err
		}
		if entry == nil || entry.Type != "tree" {
			continue
		}
		file, err := canon.ParsePath(each + "/" + name)
		if err != nil {
			return "", err
		}
		stored, err := v.Gitea().File(repo.Name, file, repo.Commit)
		if err == nil && stored != nil && stored.Type == "file" {
			content, err := contentOf(stored)
			return string(content), err
		}
		if err != nil && forge.From(err).Kind != forge.NotFound {
			return "", err
		}
		break
	}
	return "", notThis("The workflow is not there on this branch or tag.", "Choose a ref that has its file.")
}
