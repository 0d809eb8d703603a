package forge

import (
	"net/http"
	"slices"
	"strconv"

	"aegis/forge/gitea"
	"aegis/internal/canon"
)

// RunSearch narrows a list of workflow runs.
type RunSearch struct {
	Status string // one that Gitea knows; "" is any
	Branch string // its short name; "" is any, and pull requests
}

// WorkflowRuns returns a repository's workflow runs, newest first. Each embeds
// the whole record of the repository.
func (c *Reader) WorkflowRuns(repo canon.Repo, p Page, s RunSearch) ([]*gitea.ActionWorkflowRun, bool, error) {
	query := p.query()
	if s.Status != "" {
		query.Set("status", s.Status)
	}
	if s.Branch != "" {
		query.Set("branch", s.Branch)
	}
	var found struct {
		Runs []*gitea.ActionWorkflowRun `json:"workflow_runs"`
	}
	header, err := c.getJSON(&found, query, "repos", repo.Owner(), repo.Name(), "actions", "runs")
	if err != nil {
		return nil, false, err
	}
	if slices.Contains(found.Runs, nil) {
		return nil, false, notGitea(http.StatusOK)
	}
	err = eachOf(c, repo, found.Runs, runSays)
	return found.Runs, HasMore(header, p.Page, p.Limit, len(found.Runs)), err
}

// WorkflowRun returns a workflow run by its id, which is not the number that
// people see.
func (c *Reader) WorkflowRun(repo canon.Repo, id int64) (*gitea.ActionWorkflowRun, error) {
	var run gitea.ActionWorkflowRun
	if _, err := c.getJSON(&run, nil, "repos", repo.Owner(), repo.Name(), "actions", "runs", strconv.FormatInt(id, 10)); err != nil {
		return nil, err
	}
	if run.ID != id {
		return nil, notGitea(http.StatusOK)
	}
	id, addresses := runSays(&run)
	return &run, c.isOf(repo, id, addresses...)
}

// runSays is what a run says of its repository.
func runSays(run *gitea.ActionWorkflowRun) (int64, []string) {
	return ofRecord(run.Repository), []string{run.URL, run.HTMLURL}
}

// WorkflowJobs returns the jobs of a workflow run.
func (c *Reader) WorkflowJobs(repo canon.Repo, run int64, p Page) ([]*gitea.ActionWorkflowJob, bool, error) {
	var found struct {
		Jobs []*gitea.ActionWorkflowJob `json:"jobs"`
	}
	header, err := c.getJSON(&found, p.query(), "repos", repo.Owner(), repo.Name(), "actions", "runs", strconv.FormatInt(run, 10), "jobs")
	if err != nil {
		return nil, false, err
	}
	for _, job := range found.Jobs {
		if job == nil || job.RunID != run {
			return nil, false, notGitea(http.StatusOK)
		}
	}
	err = eachOf(c, repo, found.Jobs, func(job *gitea.ActionWorkflowJob) (int64, []string) { return 0, []string{job.URL, job.RunURL} })
	return found.Jobs, HasMore(header, p.Page, p.Limit, len(found.Jobs)), err
}

// WorkflowJob returns a job by its id.
func (c *Reader) WorkflowJob(repo canon.Repo, id int64) (*gitea.ActionWorkflowJob, error) {
	var job gitea.ActionWorkflowJob
	if _, err := c.getJSON(&job, nil, "repos", repo.Owner(), repo.Name(), "actions", "jobs", strconv.FormatInt(id, 10)); err != nil {
		return nil, err
	}
	if job.ID != id || job.RunID <= 0 {
		return nil, notGitea(http.StatusOK)
	}
	return &job, nil
}

// JobLog returns the whole log of a job, as each of shrink leaves it: that may write into
// what it is given, for a log of 64 MB is not copied. A log that has not begun or was
// cleaned up, or that is another repository's, is NotFound.
func (c *Reader) JobLog(repo canon.Repo, job int64, shrink ...func([]byte) []byte) (string, error) {
	content, _, failure := c.get(nil, []string{"repos", repo.Owner(), repo.Name(), "actions", "jobs", strconv.FormatInt(job, 10), "logs"})
	if failure != nil {
		return "", failure
	}
	for _, each := range shrink {
		content = each(content)
	}
	return owned(content), nil
}
