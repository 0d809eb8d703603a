package forge

import "testing"

func TestWorkflowRecords(t *testing.T) {
	t.Parallel()
	c := serving(t, holding(map[string]string{
		"/actions/runs":        `{"workflow_runs":[{"id":1,"actor":null}]}`,
		"/actions/runs/1":      `{"id":1}`,
		"/actions/runs/2":      `{"id":1}`,
		"/actions/runs/3":      `null`,
		"/actions/runs/1/jobs": `{"jobs":[{"id":5,"run_id":1}]}`,
		"/actions/runs/2/jobs": `{"jobs":[{"id":5,"run_id":1}]}`, // another run's
		"/actions/runs/3/jobs": `{"jobs":[null]}`,
		"/actions/runs/4/jobs": `{}`,
		"/actions/jobs/1/logs": "text that is no JSON",
	}))
	service, page := repo(t, "acme/service"), Page{Page: 1, Limit: 30}
	if runs, more, err := c.WorkflowRuns(service, page, RunSearch{Status: "success", Branch: "a/b"}); err != nil || more || len(runs) != 1 {
		t.Errorf("runs: %v, %v", runs, err)
	}
	for id, want := range map[int64]Kind{1: "", 2: GiteaError, 3: GiteaError, 4: NotFound} {
		if _, err := c.WorkflowRun(service, id); want != "" {
			wantKind(t, err, want)
		} else if err != nil {
			t.Error(err)
		}
	}
	for id, want := range map[int64]Kind{1: "", 2: GiteaError, 3: GiteaError, 4: "", 5: NotFound} {
		if _, _, err := c.WorkflowJobs(service, id, page); want != "" {
			wantKind(t, err, want)
		} else if err != nil {
			t.Error(err)
		}
	}
	if log, err := c.JobLog(service, 1); err != nil || log != "text that is no JSON" {
		t.Errorf("%q, %v", log, err)
	}
	_, err := c.JobLog(service, 2)
	wantKind(t, err, NotFound)
	_, err = c.JobLog(service, 0)
	wantKind(t, err, Refused)
}
