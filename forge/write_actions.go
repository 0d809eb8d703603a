package forge

import (
	"net/http"
	"strconv"

	"aegis/forge/gitea"
	"aegis/internal/canon"
)

// DispatchWorkflow starts a workflow, given by its file's name, on refs/heads/… or
// refs/tags/…: POST …/actions/workflows/{workflow}/dispatches. Gitea answers
// nothing, ignores inputs that the workflow does not declare, and does not ask
// whether it is made to be started like that.
func DispatchWorkflow(repo canon.Repo, workflow, ref string, inputs map[string]string) Write {
	body := map[string]any{"ref": ref}
	if len(inputs) > 0 {
		body["inputs"] = inputs
	}
	return in(repo, http.MethodPost, body, "actions", "workflows", workflow, "dispatches")
}

// RerunWorkflow runs all jobs of a finished run again, at the commit that it ran
// on: POST …/actions/runs/{run}/rerun.
func RerunWorkflow(repo canon.Repo, run int64) Write {
	return in(repo, http.MethodPost, nil, "actions", "runs", strconv.FormatInt(run, 10), "rerun")
}

// Workflow returns a workflow of the default branch by its file's name.
func (c *Reader) Workflow(repo canon.Repo, name string) (*gitea.ActionWorkflow, error) {
	var workflow gitea.ActionWorkflow
	if _, err := c.getJSON(&workflow, nil, "repos", repo.Owner(), repo.Name(), "actions", "workflows", name); err != nil {
		return nil, err
	}
	if workflow.ID != name {
		return nil, notGitea(http.StatusOK)
	}
	return &workflow, nil
}
