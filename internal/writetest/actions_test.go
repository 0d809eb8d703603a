package writetest

import (
	"fmt"
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

// byHand is a workflow that is made to be started by hand; other is one that is not.
const (
	byHand = "on:\n  push:\n    branches: [main]\n  workflow_dispatch:\n    inputs:\n      where: {required: true}\njobs:\n  one:\n    runs-on: nobody\n    steps:\n      - run: 'true'\n"
	other  = "on:\n  push:\n    branches: [none]\njobs:\n  one:\n    runs-on: nobody\n    steps:\n      - run: 'true'\n"
)

// running lets workflows run on every branch below agent/ and on tags, too; main
// as well.
const running = `
version: 1
repositories:
  "acme/*": {write: allow, automation: allow, branches: {allow: ["agent/**", "main", "*/tags/v*"]}}
`

func (b *bench) runs() (all []map[string]any) {
	b.Helper()
	rows, _ := b.api("GET", "/actions/runs?limit=50", nil)["workflow_runs"].([]any)
	for _, row := range rows {
		all = append(all, row.(map[string]any))
	}
	return all
}

// finish plays a runner until no job waits.
func (b *bench) finish() {
	b.Helper()
	for range 20 {
		if b.s.RunJob(b.Context(), b.repo.FullName, "nobody", []string{"done"}, true) != nil {
			return
		}
	}
	b.Fatal("jobs never end")
}

func TestWorkflowsAreStarted(t *testing.T) {
	t.Parallel()
	b := newBench(t, running, playground)
	b.push("main", file(".gitea/workflows/hand.yml", byHand), file(".gitea/workflows/other.yml", other))
	for _, branch := range []string{"agent/x", "topic", "without"} {
		b.api("POST", "/branches", map[string]any{"new_branch_name": branch, "old_ref_name": "main"})
	}
	b.api("POST", "/contents", map[string]any{"branch": "without", "message": "m", "files": []any{
		map[string]any{"operation": "delete", "path": ".gitea/workflows/hand.yml", "sha": b.blob("main", ".gitea/workflows/hand.yml")},
	}})
	b.api("POST", "/tags", map[string]any{"tag_name": "v1", "target": "main"})
	b.api("POST", "/tags", map[string]any{"tag_name": "wild", "target": "main"})
	b.api("POST", "/branches", map[string]any{"new_branch_name": "agent/without", "old_ref_name": "without"})

	for ref, full := range map[string]string{`"main"`: "refs/heads/main", `"agent/x"`: "refs/heads/agent/x", `"refs/tags/v1"`: "refs/tags/v1", `"v1"`: "refs/tags/v1"} {
		before := len(b.runs())
		a := b.ok("dispatch_workflow", `"workflow":"hand.yml","inputs":{"where":"there"},"ref":`+ref)
		runs := b.runs()
		if len(runs) != before+1 || runs[0]["path"] != "hand.yml@"+full || runs[0]["event"] != "workflow_dispatch" || a.Fields["ref"] != full || a.Fields["started"] != true || !strings.Contains(string(a.Object), "does not tell") {
			t.Errorf("%s: %s %v", ref, a.Object, runs[0]["path"])
		}
	}
	before := len(b.runs())
	if a := b.ok("dispatch_workflow", `"workflow":"hand.yml","ref":"main","dry_run":true`); !strings.Contains(string(a.Object), b.head("main")) {
		t.Errorf("%s", a.Object)
	}
	for words, args := range map[string]string{
		"branch or a tag": `"workflow":"hand.yml","ref":"` + b.head("main") + `"`,
		"ref is required": `"workflow":"hand.yml"`,
		"file":            `"workflow":".gitea/workflows/hand.yml","ref":"main"`,
		"name of a":       `"workflow":"1","ref":"main"`,
		"inputs must be":  `"workflow":"hand.yml","ref":"main","inputs":["where"]`,
		"must be a str":   `"workflow":"hand.yml","ref":"main","inputs":{"where":1}`,
		"no argument":     `"workflow":"hand.yml","ref":"main","return_run_details":true`,
	} {
		b.refused("invalid_arguments", words, "dispatch_workflow", args)
	}
	b.refused("branch_denied", "policy.yaml", "dispatch_workflow", `"workflow":"hand.yml","ref":"topic"`)
	b.refused("branch_denied", "policy.yaml", "dispatch_workflow", `"workflow":"hand.yml","ref":"refs/heads/topic"`)
	b.refused("branch_denied", "policy.yaml", "dispatch_workflow", `"workflow":"hand.yml","ref":"wild"`)
	b.refused("not_found", "no workflow", "dispatch_workflow", `"workflow":"none.yml","ref":"main"`)
	b.refused("not_found", "not there on this", "dispatch_workflow", `"workflow":"hand.yml","ref":"agent/without"`)
	b.refused("not_found", "", "dispatch_workflow", `"workflow":"hand.yml","ref":"agent/none"`)
	b.refused("conflict", "by hand", "dispatch_workflow", `"workflow":"other.yml","ref":"main"`) // Gitea would start it
	b.refused("not_found", "input", "dispatch_workflow", `"workflow":"hand.yml","ref":"main","inputs":{"wherever":"x"}`)
	b.refused("secret_in_arguments", "inputs", "dispatch_workflow", `"workflow":"hand.yml","ref":"main","inputs":{"where":"`+b.s.World.Plant.AWS+`"}`)
	// A workflow that is on no default branch is not started either, though Gitea would.
	b.push("agent/x", file(".gitea/workflows/smuggled.yml", byHand))
	b.refused("not_found", "default branch", "dispatch_workflow", `"workflow":"smuggled.yml","ref":"agent/x"`)
	door := b.through(running, nth(2, "/branches/agent/x"), func() { b.push("agent/x", file("moved.txt", "x")) })
	if a := b.askAt(door, "dispatch_workflow", `"workflow":"hand.yml","ref":"agent/x"`); a.Code != "conflict" {
		t.Errorf("%s", a.Object)
	}
	if err := b.s.As(b.s.World.Keeper.Token).Into(t.Context(), "PUT", "/repos/"+b.repo.FullName+"/actions/workflows/hand.yml/disable", nil, nil); err != nil && !strings.Contains(err.Error(), "JSON") {
		t.Fatal(err)
	}
	b.refused("conflict", "turned off", "dispatch_workflow", `"workflow":"hand.yml","ref":"main"`)
	if now := len(b.runs()); now != before {
		t.Errorf("%d runs became %d", before, now)
	}

	t.Run("only where automation is opened", func(t *testing.T) {
		b := b.in(t)
		b.door = open(t, b.s, "version: 1\nrepositories: {\"*/*\": {write: allow}}\n", b.repo)
		b.refused("policy_denied", "", "dispatch_workflow", `"workflow":"hand.yml","ref":"main"`)
		b.refused("policy_denied", "", "rerun_workflow", `"run_id":1`)
	})
}

func TestWorkflowsAreRunAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t, running, func(w *giteatest.World) giteatest.Repo { return w.Noticeboard })
	all := "on: [push, pull_request, pull_request_target, issue_comment, workflow_dispatch]\njobs:\n  one:\n    runs-on: nobody\n    steps:\n      - run: 'true'\n"
	b.push("main", file(".gitea/workflows/all.yml", all))
	for _, branch := range []string{"agent/x", "topic"} {
		b.api("POST", "/branches", map[string]any{"new_branch_name": branch, "old_ref_name": "main"})
		b.push(branch, file(branch+".txt", "x"))
		b.api("POST", "/pulls", map[string]any{"title": branch, "head": branch, "base": "main"})
	}
	b.api("POST", "/issues/1/comments", map[string]any{"body": "run this"})
	for _, user := range []giteatest.User{b.s.World.Outsider, b.s.World.Colleague} { // whose run waits for approval, and whose does not
		must := func(path string, body any) {
			t.Helper()
			if err := b.s.As(user.Token).Into(t.Context(), "POST", path, body, nil); err != nil {
				t.Fatal(err)
			}
		}
		must("/repos/"+b.repo.FullName+"/forks", map[string]any{"name": "noticeboard"})
		must("/repos/"+user.Name+"/noticeboard/contents", map[string]any{"branch": "main", "message": "m", "files": []any{file(user.Name+".txt", "x")}})
		must("/repos/"+b.repo.FullName+"/pulls", map[string]any{"title": "theirs", "head": user.Name + ":main", "base": "main"})
	}
	if err := b.s.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	waiting := b.runs()[0]
	b.refused("conflict", "not finished", "rerun_workflow", fmt.Sprintf(`"run_id":%.0f`, waiting["id"]))
	b.finish()

	judged := map[string]int{}
	for _, run := range b.runs() {
		if run["status"] != "completed" {
			continue // a stranger's, that waits for approval
		}
		what := fmt.Sprintf("%v of %v", run["event"], run["path"])
		args := fmt.Sprintf(`"run_id":%.0f`, run["id"])
		a := b.ask("rerun_workflow", `"dry_run":true,`+args)
		want := "branch_denied"
		switch what {
		case "push of all.yml@refs/heads/main", "push of all.yml@refs/heads/agent/x":
			want = ""
		}
		if strings.HasPrefix(what, "pull_request") && strings.Contains(what, "refs/pull/") && run["head_sha"] == b.head("agent/x") {
			want = ""
		}
		if what == "pull_request of all.yml@refs/pull/5/head" {
			judged["a fork's"]++
		}
		judged[want]++
		judged[fmt.Sprint(run["event"])]++
		if string(a.Code) != want {
			t.Errorf("%s (%v): want %q, got %s", what, run["head_sha"], want, a.Object)
		}
	}
	if judged[""] < 3 || judged["branch_denied"] < 7 || judged["issue_comment"] == 0 || judged["pull_request"] < 7 || judged["a fork's"] == 0 {
		t.Errorf("too few runs to judge by: %v", judged)
	}

	b.ok("dispatch_workflow", `"workflow":"all.yml","ref":"agent/x"`)
	b.finish()
	run := b.runs()[0]
	args := fmt.Sprintf(`"run_id":%.0f`, run["id"])
	a := b.ok("rerun_workflow", args)
	if a.Fields["run_id"] != run["id"] || a.Fields["status"] == "completed" || a.Fields["commit"] != b.head("agent/x") || a.Fields["note"] != nil {
		t.Errorf("%s", a.Object)
	}
	b.refused("conflict", "not finished", "rerun_workflow", args)
	b.finish()
	door := b.through(running, nth(2, fmt.Sprintf("/actions/runs/%.0f", run["id"])), func() {
		b.api("POST", fmt.Sprintf("/actions/runs/%.0f/rerun", run["id"]), nil)
	})
	if a := b.askAt(door, "rerun_workflow", args); a.Code != "conflict" {
		t.Errorf("%s", a.Object)
	}
	b.finish()
	door = b.through(running, writing, func() { b.api("POST", fmt.Sprintf("/actions/runs/%.0f/rerun", run["id"]), nil) })
	if a := b.askAt(door, "rerun_workflow", args); !a.IsError {
		t.Errorf("it was running already: %s", a.Object)
	}
	b.refused("not_found", "", "rerun_workflow", `"run_id":99999`)
	b.refused("not_found", "", "rerun_workflow", fmt.Sprintf(`"run_id":%v`, b.foreignRun()))
	b.refused("invalid_arguments", "run_id", "rerun_workflow", `"run_id":0`)
}

// foreignRun is a run of another repository.
func (b *bench) foreignRun() int64 {
	b.Helper()
	var found struct {
		Runs []struct{ ID int64 } `json:"workflow_runs"`
	}
	api := b.s.As(b.s.World.Keeper.Token)
	err := api.Into(b.Context(), "GET", "/repos/"+b.s.World.Sandbox.FullName+"/actions/runs", nil, &found)
	if err != nil || len(found.Runs) == 0 {
		b.Fatal("the sandbox has no run", err)
	}
	return found.Runs[0].ID
}
