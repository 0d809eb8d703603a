package attack_test

import (
	"fmt"
	"strings"
	"testing"

	"aegis/gate"
)

// A run that an event set off is called by what the event is about, whoever it was that
// set it off: run-name is an expression. Its record does not say what that was.
func TestARunIsCalledByItsEvent(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	w := st.World
	const word = "obeytherun"
	target := st.repository(w.Keeper, "acme", "events", false)
	st.commit(w.Keeper, target, "main", "Workflows",
		".gitea/workflows/issues.yml", "run-name: Look at ${{ github.event.issue.title }}\non:\n  issues:\n    types: [closed]\njobs:\n  a:\n    runs-on: nobody\n    steps:\n      - run: 'true'\n",
		".gitea/workflows/pulls.yml", "run-name: Look at ${{ github.event.pull_request.head.ref }}\non:\n  pull_request_target:\n    types: [closed]\njobs:\n  a:\n    runs-on: events-runner\n    steps:\n      - run: 'true'\n",
		".gitea/workflows/push.yml", "run-name: Pushed by a member\non: [push]\njobs:\n  a:\n    runs-on: nobody\n    steps:\n      - run: 'true'\n")
	issue := st.do(w.Outsider, "POST", "/repos/"+target+"/issues", record{"title": word, "body": "-"})["number"]
	fork := st.fork(w.Outsider, target, "events", false)
	st.commit(w.Outsider, fork, word, "A commit", "a.md", "a\n")
	number := st.pull(w.Outsider, target, "outsider:"+word, "A title")
	st.commit(w.Keeper, target, "main", "Pushed", "b.md", "b\n")
	for _, each := range []any{issue, number} {
		st.do(w.Keeper, "PATCH", fmt.Sprintf("/repos/%s/issues/%v", target, each), record{"state": "closed"})
	}
	if err := st.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := st.RunJob(t.Context(), target, "events-runner", []string{"checked out " + word}, true); err != nil {
		t.Fatal(err)
	}
	look := func(s *scene) (all string) {
		answer := s.shown("list_workflow_runs", in(target))
		all = answer.All
		for _, run := range answer.Items() {
			all += s.ask("get_workflow_run", in(target, "run_id", run["id"])).All
		}
		jobs := st.do(w.Keeper, "GET", "/repos/"+target+"/actions/jobs?status=success", nil)["jobs"].([]any)
		for _, job := range jobs {
			all += s.ask("get_job_log", in(target, "job_id", job.(record)["id"])).All
		}
		return all
	}
	if all := look(st.door(as(keeper), under("version: 1\n"))); strings.Count(all, word) < 5 {
		t.Fatalf("the attack proves nothing: %s", all)
	}
	for what, policy := range map[string]string{
		"a stranger's text": "version: 1\nuntrusted: hide\n",
		"a hidden head":     "version: 1\nrepositories:\n  \"outsider/*\": {read: deny}\n",
	} {
		all := look(st.door(as(keeper), under(policy)))
		if what == "a hidden head" {
			all = strings.ReplaceAll(all, "Look at "+word+"\",\"workflow\":\"issues.yml", "")
		}
		if strings.Contains(all, word) {
			t.Errorf("%s shows: %s", what, all)
		}
		if !strings.Contains(all, "Pushed by a member") {
			t.Errorf("%s: what is the repository's own is gone: %s", what, all)
		}
	}
}

// Whoever opens a pull request need not be who pushes to its head: a member may propose
// a stranger's branch, which stays the stranger's to change.
func TestAMemberProposesAStrangersBranch(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	w := st.World
	const word = "obeythebranch"
	target := st.repository(w.Keeper, "acme", "proposed", false)
	fork := st.fork(w.Outsider, target, "name-"+word, false)
	st.commit(w.Outsider, fork, word, "Harmless", "a.md", "a\n")
	number := st.pull(w.Keeper, target, "outsider/name-"+word+":"+word, "A member's title")
	head := st.commit(w.Outsider, fork, word, word, "a.md", word+"\n")
	if err := st.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := st.door(as(keeper), under("version: 1\nuntrusted: hide\n"))
	for _, tool := range []string{"list_pull_request_commits", "get_pull_request_diff", "list_pull_request_files", "get_pull_request"} {
		if answer := s.shown(tool, in(target, "number", number)); strings.Contains(answer.All, word) {
			t.Errorf("%s shows what a stranger pushed: %s", tool, answer.All)
		}
	}
	if answer := s.shown("list_pull_requests", in(target)); strings.Contains(answer.All, word) || !strings.Contains(answer.All, "A member's title") {
		t.Errorf("list_pull_requests shows what a stranger pushed: %s", answer.All)
	}
	for tool, ask := range map[string]args{
		"get_commit": in(target, "sha", head), "list_commits": in(target, "ref", head), "get_file_contents": in(target, "ref", head, "path", "a.md"),
	} {
		if answer := s.shown(tool, ask); strings.Contains(answer.All, word) {
			t.Errorf("%s shows what a stranger pushed: %s", tool, answer.All)
		}
	}
	s = st.door(as(keeper), under(policyOn("flow: {untrusted_to_write: deny}\n", target)), writing(target))
	s.refused(gate.FlowDenied, "create_branch", in(target, "branch", "agent/a", "from", head))
}
