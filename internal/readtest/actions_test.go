package readtest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

// works is acme/works: two workflow runs, of which one was run and failed, and
// one of a stranger's pull request.
type works struct {
	ran, waiting int64 // ids of runs
	job          int64 // of ran, with a log of 1,000 lines
	waits        int64 // a job without a log
}

var (
	starting sync.Once
	started  *works
)

const worksRepo = "/repos/acme/works"

func atWork(t *testing.T) (*giteatest.Server, *works) {
	t.Helper()
	s := giteatest.Start(t)
	starting.Do(func() { started = start(t, s) })
	if started == nil {
		t.Fatal("acme/works could not be made; the first test that asked for it says why")
	}
	return s, started
}

// logLines are a job's log of 1,000 lines: keys in line 500 and 990, the second
// of which changes its colour on the way, and one of many lines in between.
func logLines(s *giteatest.Server) []string {
	lines := make([]string, 1000)
	for i := range lines {
		lines[i] = fmt.Sprintf("step %d of the build", i+1)
	}
	lines[499] = "export AWS_ACCESS_KEY_ID=" + s.World.Plant.AWS
	copy(lines[900:], strings.Split(s.World.Plant.PEM, "\n"))
	pat := s.World.Plant.PAT
	lines[989] = "\x1b[32mtoken\x1b[0m " + pat[:10] + "\x1b[1;31m" + pat[10:] + "\x1b[K"
	lines[994] = "reverse \u202e order \x00 and \xff bytes"
	return lines
}

func start(t *testing.T, s *giteatest.Server) *works {
	t.Helper()
	c, w := carpenter{t, s}, s.World
	k := w.Keeper
	c.post(k, "/orgs/acme/repos", object{"name": "works", "private": true, "default_branch": "main", "auto_init": true, "readme": "Default"})
	c.do(k, http.MethodPut, worksRepo+"/collaborators/reader", object{"permission": "read"}, nil)
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.commit(k, worksRepo, "main", "Build it "+w.Plant.AWS, map[string]string{
		".gitea/workflows/build.yml": "on: [push]\njobs:\n  build:\n    runs-on: played\n    steps:\n      - run: 'true'\n  after:\n    needs: build\n    runs-on: played\n    steps:\n      - run: 'true'\n",
	})
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.RunJob(t.Context(), "acme/works", "played", logLines(s), false); err != nil {
		t.Fatal(err)
	}
	c.post(k, worksRepo+"/branches", object{"new_branch_name": "topic/x", "old_ref_name": "main"})
	c.commit(k, worksRepo, "topic/x", "On a topic", map[string]string{"a.txt": "a\n"})
	if err := s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	var runs struct {
		Runs []struct {
			ID     int64  `json:"id"`
			Status string `json:"status"`
		} `json:"workflow_runs"`
	}
	c.do(k, http.MethodGet, worksRepo+"/actions/runs", nil, &runs)
	f := &works{}
	for _, run := range runs.Runs {
		var jobs struct {
			Jobs []struct {
				ID   int64  `json:"id"`
				Name string `json:"name"`
			} `json:"jobs"`
		}
		c.do(k, http.MethodGet, fmt.Sprintf("%s/actions/runs/%d/jobs", worksRepo, run.ID), nil, &jobs)
		at := slices.IndexFunc(jobs.Jobs, func(j struct {
			ID   int64  `json:"id"`
			Name string `json:"name"`
		}) bool {
			return j.Name == "build"
		})
		if at < 0 {
			t.Fatalf("no job: %+v", jobs)
		}
		if run.Status == "completed" {
			f.ran, f.job = run.ID, jobs.Jobs[at].ID
		} else if f.waits == 0 {
			f.waiting, f.waits = run.ID, jobs.Jobs[at].ID
		}
	}
	if f.ran == 0 || f.waiting == 0 {
		t.Fatalf("runs: %+v", runs)
	}
	return f
}

func work(more string) string { return `{"owner":"acme","repo":"works"` + more + `}` }

func TestWorkflowRuns(t *testing.T) {
	t.Parallel()
	s, f := atWork(t)
	open := door(t, s, "version: 1\n")
	list := func(more string) gatetest.Answer {
		t.Helper()
		return ok(t, open.Ask("list_workflow_runs", work(more)))
	}
	all := list("")
	if !slices.Contains(column(all, "id"), fmt.Sprint(f.ran)) || !slices.Contains(column(all, "id"), fmt.Sprint(f.waiting)) {
		t.Fatalf("%s", all.Object)
	}
	if found := shows(all.All, append(internals, s.World.Plant.AWS, "full_name")...); found != nil || !strings.Contains(all.All, "Build it [redacted:") {
		t.Errorf("shows %v: %s", found, all.Object)
	}
	for more, want := range map[string][]string{
		`,"status":"failure"`:                        {fmt.Sprint(f.ran)},
		`,"status":"success"`:                        {},
		`,"branch":"topic/x","limit":1`:              {fmt.Sprint(f.waiting)},
		`,"branch":"refs/heads/topic/x","limit":1`:   {fmt.Sprint(f.waiting)},
		`,"branch":"none"`:                           {},
		`,"branch":"main","status":"completed"`:      {fmt.Sprint(f.ran)},
		`,"branch":"main","limit":1,"page":50`:       {},
		`,"branch":"topic/x","status":"in_progress"`: {},
	} {
		if got := column(list(more), "id"); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", more, got, want)
		}
	}
	if a := list(`,"limit":1`); len(a.Items()) != 1 || a.Fields["has_more"] != true {
		t.Errorf("%s", a.Object)
	}
	for _, more := range []string{`,"branch":"refs/tags/v1"`, `,"branch":"HEAD"`, `,"status":"nonsense"`, `,"status":"Failure"`} {
		refused(t, open.Ask("list_workflow_runs", work(more)), "invalid_arguments")
	}
	run := ok(t, open.Ask("get_workflow_run", work(fmt.Sprintf(`,"run_id":%d`, f.ran))))
	jobs, _ := run.Fields["jobs"].([]any)
	if len(jobs) != 2 || run.Fields["conclusion"] != "failure" || run.Fields["workflow"] != "build.yml" || run.Fields["actor"] != "keeper" || run.Fields["ref"] != "refs/heads/main" {
		t.Errorf("%s", run.Object)
	}
	var ids []string
	for _, job := range jobs {
		ids = append(ids, fmt.Sprint(job.(map[string]any)["id"]))
	}
	if !slices.Contains(ids, fmt.Sprint(f.job)) {
		t.Errorf("jobs %v: %s", ids, run.Object)
	}
	// A run and a job belong to their repository.
	for _, repo := range []string{"sandbox", "service-a", "manyfiles"} {
		at := fmt.Sprintf(`{"owner":"acme","repo":%q,`, repo)
		refused(t, open.Ask("get_workflow_run", at+fmt.Sprintf(`"run_id":%d}`, f.ran)), "not_found")
		refused(t, open.Ask("get_job_log", at+fmt.Sprintf(`"job_id":%d}`, f.job)), "not_found")
	}
	for _, id := range []int64{999999, 1<<53 - 1} {
		refused(t, open.Ask("get_workflow_run", work(fmt.Sprintf(`,"run_id":%d`, id))), "not_found")
		refused(t, open.Ask("get_job_log", work(fmt.Sprintf(`,"job_id":%d`, id))), "not_found")
	}
	hidden := ok(t, door(t, s, "version: 1\nuntrusted: hide\n").Ask("get_workflow_run", work(fmt.Sprintf(`,"run_id":%d`, f.ran))))
	if strings.Contains(hidden.All, "hidden by policy") { // the Keeper may write
		t.Errorf("%s", hidden.Object)
	}
}

// A log is scrubbed whole and then cut; without lines asked for, its end shows.
func TestJobLog(t *testing.T) {
	t.Parallel()
	s, f := atWork(t)
	open := door(t, s, "version: 1\n")
	read := func(more string) gatetest.Answer {
		t.Helper()
		return ok(t, open.Ask("get_job_log", work(fmt.Sprintf(`,"job_id":%d%s`, f.job, more))))
	}
	secrets := []string{s.World.Plant.AWS, s.World.Plant.PAT, s.World.Plant.PAT[10:], strings.Split(s.World.Plant.PEM, "\n")[5], "\x1b", "\x00", "\u202e"}
	tail := read("")
	if tail.Fields["lines"] != 1000.0 || tail.Fields["start_line"] != 801.0 || tail.Fields["end_line"] != 1000.0 || strings.Count(tail.Text, "\n") != 202 {
		t.Errorf("the end: %s", tail.All)
	}
	if !strings.Contains(tail.Text, "step 801 of") || !strings.Contains(tail.Text, "step 1000 of") || !strings.Contains(tail.Text, "[redacted:") {
		t.Errorf("the end: %s", tail.Text)
	}
	for more, want := range map[string][2]float64{
		`,"start_line":1`:                       {1, 1000},
		`,"start_line":500,"end_line":500`:      {500, 500},
		`,"end_line":3`:                         {1, 3},
		`,"start_line":999,"end_line":5000`:     {999, 1000},
		`,"start_line":905,"end_line":906`:      {905, 906},
		`,"start_line":990`:                     {990, 1000},
		`,"start_line":920,"end_line":930`:      {920, 930},
		`,"start_line":1000,"end_line":1000000`: {1000, 1000},
	} {
		a := read(more)
		if a.Fields["start_line"] != want[0] || a.Fields["end_line"] != want[1] {
			t.Errorf("%s: %s", more, a.Object)
		}
		if found := shows(a.All, secrets...); found != nil {
			t.Errorf("%s shows %q: %s", more, found, a.All)
		}
	}
	if found := shows(tail.All, secrets...); found != nil {
		t.Errorf("the end shows %q: %s", found, tail.All)
	}
	for _, more := range []string{`,"start_line":1001`, `,"start_line":5,"end_line":4`, `,"start_line":0`} {
		refused(t, open.Ask("get_job_log", work(fmt.Sprintf(`,"job_id":%d%s`, f.job, more))), "invalid_arguments")
	}
	refused(t, open.Ask("get_job_log", work(fmt.Sprintf(`,"job_id":%d`, f.waits))), "not_found") // it has not begun
	refused(t, door(t, s, "version: 1\ntools: {deny: [get_job_log]}\n").Ask("get_job_log", work(fmt.Sprintf(`,"job_id":%d`, f.job))), "policy_denied")
}
