package run_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aegis/internal/canon"
	"aegis/internal/jobs"
	"aegis/internal/jobs/queue"
	"aegis/internal/jobs/run"
	"aegis/internal/state"
)

var now = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// door answers calls by their tool, and notes them.
type door struct {
	answers map[string]func(args string) (object string, err error)
	calls   []string
	writes  map[string]int
}

func (d *door) Call(_ context.Context, tool string, args json.RawMessage) ([]byte, string, error) {
	call := tool + " " + string(args)
	d.calls = append(d.calls, call)
	answer := d.answers[tool]
	if answer == nil {
		return nil, "", &run.Refused{Code: "policy_denied", Nothing: true}
	}
	object, err := answer(string(args))
	if err == nil && strings.Contains(tool, "create_") && !strings.Contains(call, `"dry_run":true`) {
		d.writes[call]++
	}
	return []byte(object), "some lines", err
}

func says(object string) func(string) (string, error) {
	return func(string) (string, error) { return object, nil }
}

func refuses(code string, nothing bool) func(string) (string, error) {
	return func(string) (string, error) { return "", &run.Refused{Code: code, Nothing: nothing} }
}

// tools are as many as the jobs here call.
var tools = func() jobs.Catalog {
	named := map[string]jobs.Parameter{"owner": {Type: "string", Required: true}, "repo": {Type: "string", Required: true}}
	of := func(writes bool, more ...string) jobs.Tool {
		all := map[string]jobs.Parameter{}
		for name, p := range named {
			all[name] = p
		}
		for _, name := range more {
			p := jobs.Parameter{Type: "string", Min: 1, Max: 1 << 53}
			if name == "number" || name == "page" || name == "limit" {
				p.Type = "integer"
			}
			all[name] = p
		}
		return jobs.Tool{Writes: writes, Parameters: all}
	}
	return jobs.Catalog{
		"list_issues": of(false, "state", "page", "limit"), "list_issue_comments": of(false, "number", "page", "limit"),
		"create_comment": of(true, "number", "body", "dry_run"), "create_issue": of(true, "title", "body", "dry_run"),
	}
}()

const steps = `
      - for_each: {tool: list_issues, where: {updated_before: 60d}, limit: 3}
        do:
          - call: create_comment
            with: {number: "${item.number}", body: "Still needed?"}
            unless: {tool: list_issue_comments, with: {number: "${item.number}"}, where: {own: true}}
`

func job(t testing.TB, steps, more string) *jobs.Job {
	t.Helper()
	f, err := jobs.Parse("jobs.yaml", []byte("version: 1\njobs:\n  stale:\n    on: {schedule: \"0 3 * * 1\"}\n    credential_file: /t\n    repositories: [acme/app]\n"+more+"    steps:"+steps), tools)
	if err != nil {
		t.Fatal(err)
	}
	return f.Jobs[0]
}

// stage is a run with a queue in which its task runs.
type stage struct {
	t    testing.TB
	q    *queue.Queue
	task *queue.Task
	door *door
	repo canon.Repo
	run  *run.Run
}

type writesOf struct {
	q  *queue.Queue
	id uint64
}

func (w writesOf) Begin(name queue.Write, most int) (queue.Verdict, error) {
	return w.q.Begin(w.id, name, most)
}
func (w writesOf) End(name queue.Write, v queue.Verdict) error { return w.q.End(w.id, name, v) }

func issues(numbers ...int) string {
	var rows []string
	for _, n := range numbers {
		rows = append(rows, fmt.Sprintf(`{"number":%d,"updated_at":"2026-01-01T00:00:00Z"}`, n))
	}
	return `{"items":[` + strings.Join(rows, ",") + `],"has_more":false}`
}

func newStage(t testing.TB, j *jobs.Job) *stage {
	t.Helper()
	f, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	repo, err := canon.ParseFullName("acme/app")
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, q: queue.New(f), repo: repo, door: &door{writes: map[string]int{}, answers: map[string]func(string) (string, error){
		"list_issues": says(issues(1, 2)), "list_issue_comments": says(`{"items":[]}`), "create_comment": says(`{"comment_id":9}`), "create_issue": says(`{"number":9}`),
	}}}
	if _, err := s.q.Fire("stale", now, true); err != nil {
		t.Fatal(err)
	}
	s.begin(j)
	return s
}

// begin makes a new run of the task.
func (s *stage) begin(j *jobs.Job) {
	s.t.Helper()
	task, _, err := s.q.Claim(func(string) int { return 10 })
	if err != nil || task == nil {
		s.t.Fatal(task, err)
	}
	s.task = task
	s.run = &run.Run{Job: j, Tools: tools, Door: s.door, Writes: writesOf{s.q, task.ID}, Who: jobs.Who{Self: "bot"}, Now: now}
}

func (s *stage) in() error { return s.run.In(context.Background(), s.repo, nil) }

func TestARun(t *testing.T) {
	t.Parallel()
	s := newStage(t, job(t, steps, ""))
	s.door.answers["list_issues"] = func(args string) (string, error) {
		if strings.Contains(args, `"page":1`) {
			return `{"items":[{"number":1,"updated_at":"2026-01-01T00:00:00Z"},{"number":2,"updated_at":"2026-05-01T00:00:00Z"}],"has_more":true}`, nil
		}
		return issues(3, 4, 5, 6), nil
	}
	s.door.answers["list_issue_comments"] = func(args string) (string, error) {
		if strings.Contains(args, `"number":3`) {
			return `{"items":[{"id":1,"author":"Bot"}]}`, nil
		}
		return `{"items":[{"id":1,"author":"eve"}]}`, nil
	}
	if err := s.in(); err != nil {
		t.Fatal(err)
	}
	if got := s.run.Summary; got.Written != 2 || got.LeftOut != 1 || got.Calls != 7 || got.Limited {
		t.Errorf("%+v\n%s", got, strings.Join(s.door.calls, "\n"))
	}
	for _, n := range []string{"1", "4"} {
		if s.door.writes[`create_comment {"body":"Still needed?","number":`+n+`,"owner":"acme","repo":"app"}`] != 1 {
			t.Errorf("%s: %v", n, s.door.writes)
		}
	}
}

func TestDryRunsAndLimits(t *testing.T) {
	t.Parallel()
	s := newStage(t, job(t, steps, "    dry_run: true\n"))
	if err := s.in(); err != nil || len(s.door.writes) != 0 || s.run.Summary.Planned != 2 {
		t.Errorf("%v %v %+v", err, s.door.writes, s.run.Summary)
	}
	s = newStage(t, job(t, steps, "    limits: {writes_per_run: 1}\n"))
	if err := s.in(); err != nil || len(s.door.writes) != 1 || !s.run.Summary.Limited {
		t.Errorf("%v %v %+v", err, s.door.writes, s.run.Summary)
	}
}

// What a refusal means for the run, and for a run that is made again.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what, tool string
		answer     func(string) (string, error)
		want       string // how the run ends
		again      int    // how many comments there are after the next run, in which all goes well
	}{
		{"a denied write", "create_comment", refuses("flow_denied", true), "done", 2},
		{"a race", "create_comment", refuses("conflict", true), "done", 2},
		{"a write while Gitea is away", "create_comment", refuses("gitea_unreachable", true), "later", 2},
		{"a write that was lost", "create_comment", refuses("outcome_unknown", false), "unknown", 1},
		{"a write that is not in the log", "create_comment", refuses("audit_unavailable", false), "unknown", 1},
		{"half a write", "create_comment", refuses("conflict", false), "unknown", 1},
		{"a write that fails otherwise", "create_comment", func(string) (string, error) { return "", errors.New("broken pipe") }, "unknown", 1},
		{"an answer that is none", "create_comment", says(`[]`), "failed", 2},
		{"a list while Gitea is away", "list_issues", refuses("gitea_unreachable", true), "later", 2},
		{"a question while Gitea is away", "list_issue_comments", refuses("timeout", true), "later", 2},
		{"a question that is denied", "list_issue_comments", refuses("policy_denied", true), "done", 2},
	} {
		j := job(t, steps, "")
		s := newStage(t, j)
		right := s.door.answers[c.tool]
		s.door.answers[c.tool] = c.answer
		ended, err := "failed", s.in()
		switch {
		case err == nil:
			ended = "done"
		case errors.Is(err, run.ErrLater):
			ended = "later"
		case errors.Is(err, run.ErrUnknown):
			ended = "unknown"
		}
		if ended != c.want {
			t.Errorf("%s: %s (%v), want %s", c.what, ended, err, c.want)
		}
		s.door.answers[c.tool] = right
		if _, err := s.q.Later(s.task.ID, -time.Minute, "again"); err != nil {
			t.Fatal(err)
		}
		s.begin(j)
		if err := s.in(); err != nil {
			t.Errorf("%s: again: %v", c.what, err)
		}
		total := 0
		for call, n := range s.door.writes {
			if total += n; n > 1 {
				t.Errorf("%s: %d times %s", c.what, n, call)
			}
		}
		if total != c.again {
			t.Errorf("%s: %d comments, want %d: %+v", c.what, total, c.again, s.run.Summary)
		}
	}
}

// A list that goes on and on is not read to its end, and what it was to tell is not taken for
// told.
func TestListsThatGoOn(t *testing.T) {
	t.Parallel()
	s := newStage(t, job(t, steps, ""))
	s.door.answers["list_issue_comments"] = says(`{"items":[{"id":1,"author":"eve"}],"has_more":true}`)
	if err := s.in(); err != nil || len(s.door.writes) != 0 || s.run.Summary.Cut != 2 || s.run.Summary.LeftOut != 2 {
		t.Errorf("%v %v %+v", err, s.door.writes, s.run.Summary)
	}
}

// A list of the run that is refused ends it, and is told.
func TestADeniedRun(t *testing.T) {
	t.Parallel()
	s := newStage(t, job(t, steps, ""))
	s.door.answers["list_issues"] = nil
	var refused *run.Refused
	if err := s.in(); !errors.As(err, &refused) || refused.Code != "policy_denied" || errors.Is(err, run.ErrLater) || s.run.Summary.Refused["policy_denied"] != 1 {
		t.Errorf("%v %+v", err, s.run.Summary)
	}
	if err := s.run.In(canceled(), s.repo, nil); !errors.Is(err, run.ErrLater) {
		t.Errorf("as the process ends: %v", err)
	}
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// One issue is updated where it is there, and made where it is not: never both.
func TestOneIssue(t *testing.T) {
	t.Parallel()
	const once = `
      - {id: known, call: list_issues, where: {own: true}}
      - call: create_comment
        with: {number: "${steps.known.first.number}", body: "Again."}
      - call: create_issue
        with: {title: "It failed"}
        unless: {tool: list_issues, where: {own: true}}
`
	for known, want := range map[string]string{
		`{"items":[{"number":4,"author":"bot"},{"number":5,"author":"bot"}]}`: `create_comment {"body":"Again.","number":4,"owner":"acme","repo":"app"}`,
		`{"items":[{"number":4,"author":"eve"}]}`:                             `create_issue {"owner":"acme","repo":"app","title":"It failed"}`,
	} {
		s := newStage(t, job(t, once, ""))
		s.door.answers["list_issues"] = says(known)
		if err := s.in(); err != nil || len(s.door.writes) != 1 || s.door.writes[want] != 1 || s.run.Summary.LeftOut != 1 {
			t.Errorf("%v %v %+v", err, s.door.writes, s.run.Summary)
		}
	}
}

// A state file that fails while a write is sent ends the run, and the write is not sent again.
func TestAStateThatFails(t *testing.T) {
	t.Parallel()
	s := newStage(t, job(t, steps, ""))
	s.run.Writes = failing{s.run.Writes}
	if err := s.in(); !errors.Is(err, run.ErrUnknown) || len(s.door.writes) != 1 {
		t.Errorf("%v %v", err, s.door.writes)
	}
	found, err := s.q.Recover()
	if err != nil || len(found) != 1 || !found[0].GivenUp {
		t.Errorf("%+v %v", found, err)
	}
}

type failing struct{ run.Writes }

func (failing) End(queue.Write, queue.Verdict) error { return errors.New("no space left") }
