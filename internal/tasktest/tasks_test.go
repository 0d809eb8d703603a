package tasktest

import (
	"fmt"
	"strings"
	"testing"

	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

// task is an instruction, and what somebody does who follows it. calls is what it takes
// today; a change for the better is written here.
type task struct {
	instruction string
	calls       int
	do          func(a *agent)
}

// in is a repository with more arguments.
func in(repo string, more object) object {
	args := object{"owner": "acme", "repo": repo}
	for name, value := range more {
		args[name] = value
	}
	return args
}

// scene is what the tasks are about.
type scene struct {
	commit      string // of acme/service-a
	issue, pull int64
}

func tasks(s scene) []task {
	text := func(n int64) string { return fmt.Sprint(n) }
	return []task{
		{"Who am I here, and where may I write?", 1, func(a *agent) { a.call("get_me", object{}) }},
		{"Show me the README of acme/sandbox.", 2, func(a *agent) { a.call("get_file_contents", in("sandbox", object{"filePath": "README.md"})) }},
		{"What is the default branch of acme/sandbox?", 2, func(a *agent) { a.call("get_repository", object{"repository": "acme/sandbox"}) }},
		{"List the last hundred commits of acme/service-a since the first of January 2000.", 1, func(a *agent) {
			a.call("list_commits", in("service-a", object{"since": "2000-01-01", "limit": 100}))
		}},
		{"What did commit " + s.commit[:8] + " of acme/service-a change?", 1, func(a *agent) { a.call("get_commit", in("service-a", object{"sha": s.commit[:8]})) }},
		{"Read issue 1 of acme/playground, with what was said to it.", 3, func(a *agent) {
			issue := a.call("get_issue", in("playground", object{"issue_number": "1"}))
			a.call("list_issue_comments", in("playground", object{"number": issue.Fields["number"]}))
		}},
		{"Which bugs are open in acme/sandbox?", 2, func(a *agent) {
			a.call("list_issues", in("sandbox", object{"labels": "bug", "state": "open", "per_page": 20, "assignee": "", "milestone": ""}))
		}},
		{"Open an issue in acme/sandbox: the map is missing. It is a bug; nobody works on it yet.", 1, func(a *agent) {
			a.call("create_issue", in("sandbox", object{"title": "The map is missing", "body": "", "labels": []string{"bug"}, "assignees": []string{}, "milestone": ""}))
		}},
		{"Say on that issue of acme/sandbox that you look at it.", 2, func(a *agent) {
			a.call("create_comment", in("sandbox", object{"issue_number": text(s.issue), "content": "I look at it."}))
		}},
		{"Have that issue done by the second of January 2031.", 2, func(a *agent) {
			a.call("update_issue", in("sandbox", object{"index": s.issue, "due_date": "2031-01-02", "title": "", "labels": []string{}}))
		}},
		{"Close that issue.", 2, func(a *agent) {
			a.call("update_issue", in("sandbox", object{"issue_number": s.issue, "state": "closed", "title": "", "milestone": "", "due_date": ""}))
		}},
		{"Propose a page docs/new.md for acme/playground.", 5, func(a *agent) {
			made := a.call("commit_files", in("playground", object{"branch": "feature/new-page", "message": "Add a page", "files": []object{{"operation": "create", "path": "docs/new.md", "content": "# New\n"}}}))
			a.call("create_pull_request", in("playground", object{"title": "Add a page", "head": made.Fields["branch"], "base": "main"}))
		}},
		{"Put a greeting into acme/sandbox's README, and propose it.", 6, func(a *agent) {
			file := a.call("get_file_contents", in("sandbox", object{"file_path": "README.md", "ref": ""}))
			made := a.call("commit_files", in("sandbox", object{"branch": "main", "message": "Greet", "files": []object{{"operation": "update", "path": "README.md", "content": "# Hello\n", "sha": file.Fields["sha"]}}}))
			a.call("create_pull_request", in("sandbox", object{"title": "Greet", "head": made.Fields["branch"], "base": "main", "assignees": []string{}, "labels": []string{}}))
		}},
		{"Which Go files of acme/service-a begin a package?", 2, func(a *agent) {
			found := a.call("search_code", in("service-a", object{"query": "package", "path": "*.go"}))
			if hint := fmt.Sprint(found.Fields["hint"]); strings.Contains(hint, "**/*.go") {
				found = a.call("search_code", in("service-a", object{"query": "package", "path": "**/*.go"}))
			}
			if found.Fields["total_hits"] == 0.0 {
				a.stuck = "it believes that there are none"
			}
		}},
		{"What does the pull request in acme/sandbox change?", 2, func(a *agent) { a.call("get_pull_request_diff", in("sandbox", object{"pullNumber": s.pull})) }},
		{"Review it: it looks fine.", 2, func(a *agent) {
			a.call("create_pull_request_review", in("sandbox", object{"pull_number": s.pull, "event": "COMMENT", "body": "It looks fine.", "comments": []object{}}))
		}},
		{"Release what is on main of acme/sandbox as v1.0.", 2, func(a *agent) {
			a.call("create_release", in("sandbox", object{"tag_name": "v1.0", "target_commitish": "main", "name": "One", "body": ""}))
		}},
		{"Call that release The first one.", 3, func(a *agent) {
			listed := a.call("list_releases", in("sandbox", nil))
			if len(listed.Items()) == 0 || listed.Items()[0]["id"] == nil {
				a.stuck = "no tool tells the release's id"
				return
			}
			a.call("edit_release", in("sandbox", object{"release_id": listed.Items()[0]["id"], "name": "The first one"}))
		}},
		{"Write the wiki's page Setup in acme/sandbox.", 2, func(a *agent) {
			a.call("write_wiki_page", in("sandbox", object{"pageName": "Setup", "body": "# Setup\n", "message": ""}))
		}},
		{"What does the end of wide.js in acme/playground say?", 3, func(a *agent) {
			at := object{"path": "wide.js"}
			for range patience {
				read := a.call("get_file_contents", in("playground", at))
				if strings.Contains(read.Text, "the end") {
					return
				}
				at = object{"path": "wide.js", "start_line": read.Fields["next_start_line"], "start_column": read.Fields["next_start_column"]}
				if at["start_line"] == nil || at["start_column"] == nil {
					break
				}
			}
			a.stuck = "nothing goes on within a line"
		}},
	}
}

const bounds = `
version: 1
repositories:
  "acme/playground": {write: allow, branches: {allow: ["agent/**"]}, write_paths: {allow: ["docs/**"]}}
  "acme/sandbox": {write: allow}
`

// TestEverydayTasks counts what everyday tasks take. With -v it prints the table.
func TestEverydayTasks(t *testing.T) {
	t.Parallel()
	s := giteatest.StartNew(t)
	post := func(path string, body, out any) {
		t.Helper()
		if err := s.As(s.World.Keeper.Token).Into(t.Context(), "POST", path, body, out); err != nil {
			t.Fatal(path, err)
		}
	}
	var issue, pull struct{ Number int64 }
	post("/repos/acme/sandbox/issues", object{"title": "The map is missing"}, &issue)
	post("/repos/acme/sandbox/branches", object{"new_branch_name": "proposed", "old_ref_name": "main"}, nil)
	post("/repos/acme/sandbox/contents/new.txt", object{"branch": "proposed", "message": "m", "content": []byte("one\n")}, nil)
	post("/repos/acme/sandbox/pulls", object{"title": "A file", "head": "proposed", "base": "main"}, &pull)
	post("/repos/acme/playground/contents/wide.js", object{"branch": "main", "message": "m", "content": []byte(strings.Repeat("var a=1;", 20<<10) + "// the end\n")}, nil)
	var names []canon.Repo
	for _, name := range []string{"acme/playground", "acme/sandbox"} {
		repo, err := canon.ParseFullName(name)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, repo)
	}
	all := tasks(scene{s.World.ServiceA.Objects["first"], issue.Number, pull.Number})
	if len(all) != 20 {
		t.Errorf("%d tasks", len(all))
	}
	for _, each := range all {
		a := &agent{door: gatetest.Open(t, gatetest.Config{URL: s.URL, Token: s.World.Writer.Token, Policy: bounds, Write: true, Repos: names})}
		each.do(a)
		t.Logf("%s | %d | %.250s", each.instruction, a.calls, a.stuck)
		if a.stuck != "" || a.calls != each.calls {
			t.Errorf("%s: %d calls, not %d; %.300s", each.instruction, a.calls, each.calls, a.stuck)
		}
	}
}
