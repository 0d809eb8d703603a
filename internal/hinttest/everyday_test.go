package hinttest

import (
	"fmt"

	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

// guarded opens some of a repository, and hides some of another.
const guarded = `
version: 1
paths: {deny: ["secrets/**"]}
repositories:
  "acme/playground":
    write: allow
    branches: {allow: ["agent/**", "bot/*"], deny: ["agent/locked", "bot/locked"]}
    write_paths: {allow: ["docs/**", "*.md"], deny: ["docs/fixed.md"]}
  "acme/sandbox": {write: allow, automation: allow, branches: {deny: ["main-*"]}, write_paths: {deny: ["fixed/**"]}}
  "acme/noticeboard": {write: allow, automation: allow, approve: [create_release]}
  "acme/service-a": {paths: {allow: ["src/**", "README.md", "docs/**", "link-*"]}}
  "acme/hr-people": {read: deny}
`

const (
	playground = `{"owner":"acme","repo":"playground",`
	sandbox    = `{"owner":"acme","repo":"sandbox",`
	notices    = `{"owner":"acme","repo":"noticeboard",`
	service    = `{"owner":"acme","repo":"service-a",`
)

// everyday is what needs no more than a call.
func everyday(g *ground) {
	s, w := g.s, g.s.World
	var names []canon.Repo
	for _, name := range []string{"acme/playground", "acme/sandbox", "acme/noticeboard", "acme/hr-people", "acme/archived"} {
		repo, err := canon.ParseFullName(name)
		if err != nil {
			g.Fatal(err)
		}
		names = append(names, repo)
	}
	keeper := func(path string, body, out any) { g.keeper("POST", path, body, out) }
	keeper("/repos/acme/sandbox/labels", object{"name": "fresh", "color": "#aa0000"}, nil)
	keeper("/repos/acme/sandbox/milestones", object{"title": "v1"}, nil)
	var issue, pull struct{ Number int64 }
	keeper("/repos/acme/sandbox/issues", object{"title": "an issue"}, &issue)
	keeper("/repos/acme/sandbox/branches", object{"new_branch_name": "proposed", "old_ref_name": "main"}, nil)
	keeper("/repos/acme/sandbox/contents", object{"branch": "proposed", "message": "m", "files": []object{{"operation": "create", "path": "new.txt", "content": []byte("one\ntwo\n")}}}, nil)
	keeper("/repos/acme/sandbox/pulls", object{"title": "a pull request", "head": "proposed", "base": "main"}, &pull)
	if _, err := s.Push(g.Context(), w.Keeper, "acme/sandbox", "orphan", giteatest.File{Path: "other.txt", Content: "x\n"}); err != nil {
		g.Fatal(err)
	}
	keeper("/repos/acme/sandbox/tags", object{"tag_name": "bare", "target": "main"}, nil)
	keeper("/repos/acme/sandbox/tag_protections", object{"name_pattern": "kept-*", "whitelist_usernames": []string{w.Keeper.Name}}, nil)
	var foreign struct{ ID int64 }
	keeper(fmt.Sprintf("/repos/acme/sandbox/issues/%d/comments", issue.Number), object{"body": "by another"}, &foreign)
	d := gatetest.Open(g.T, gatetest.Config{URL: s.URL, Token: w.Writer.Token, Policy: guarded, Write: true, Repos: names})

	number := func(format string, n int64) string { return fmt.Sprintf(format, n) }
	g.walk(d, []trail{ // what is public comes first: of what was read nothing goes there
		{step{"create_release", notices + `"tag":"v1"}`, "approval_unavailable"}, "It takes a client that shows forms", []step{{"create_release", notices + `"tag":"v1","dry_run":true}`, ""}}},
		{step{"commit_files", notices + create("main", "a.txt", "a"), "branch_denied"}, "Any branch but the default one passes in this repository",
			[]step{{"create_branch", notices + `"branch":"work"}`, ""}, {"commit_files", notices + create("work", "a.txt", "a"), ""}, {"create_pull_request", notices + `"title":"t","head":"work","base":"main"}`, ""}}},
		{step{"list_repositories", `{"owner":"nobody-here"}`, "not_found"}, "Check the spelling; search_users and list_organizations find names", []step{{"search_users", `{"query":"keep"}`, ""}, {"list_organizations", `{}`, ""}}},
		{step{"get_repository", `{"owner":"acme","repo":"sandbocks"}`, "not_found"}, "Check the spelling, or look with list_repositories", []step{{"list_repositories", `{"owner":"acme"}`, ""}}},
		{step{"get_wiki_page", sandbox + `"name":"Home"}`, "not_found"}, "list_wiki_pages tells when there is",
			[]step{{"list_wiki_pages", `{"owner":"acme","repo":"sandbox"}`, ""}, {"write_wiki_page", sandbox + `"name":"Home","content":"Welcome"}`, ""}, {"get_wiki_page", sandbox + `"name":"Home"}`, ""}}},
		{step{"get_wiki_page", sandbox + `"name":"No such page"}`, "not_found"}, "list_wiki_pages lists them", []step{{"list_wiki_pages", `{"owner":"acme","repo":"sandbox"}`, ""}}},
		{step{"commit_files", playground + create("feature/x", "docs/a.md", "a"), "branch_denied"}, "Names that pass in this repository: agent/**, bot/*, but for what a rule denies",
			[]step{{"create_branch", playground + `"branch":"agent/x"}`, ""}, {"commit_files", playground + create("agent/x", "docs/a.md", "a"), ""}}},
		{step{"commit_files", playground + create("agent/locked", "docs/a.md", "a"), "branch_denied"}, "Names that pass in this repository: agent/**",
			[]step{{"create_branch", playground + `"branch":"agent/unlocked"}`, ""}}},
		{step{"commit_files", playground + create("agent/x", "src/a.go", "a"), "path_denied"}, "Paths that may be written in this repository: docs/**, *.md, but",
			[]step{{"commit_files", playground + create("agent/x", "docs/b.md", "a"), ""}}},
		{step{"commit_files", playground + create("agent/x", "docs/fixed.md", "a"), "path_denied"}, "Paths that may be written in this repository: docs/**",
			[]step{{"commit_files", playground + create("agent/x", "docs/c.md", "a"), ""}}},
		{step{"commit_files", sandbox + create("main", "a.txt", "a"), "branch_denied"}, "Any branch but the default one, and what a rule denies, passes",
			[]step{{"create_branch", sandbox + `"branch":"work"}`, ""}, {"commit_files", sandbox + create("work", "a.txt", "a"), ""}, {"create_pull_request", sandbox + `"title":"t","head":"work","base":"main"}`, ""}}},
		{step{"create_branch", sandbox + `"branch":"main-2"}`, "branch_denied"}, "A rule denies this name", []step{{"create_branch", sandbox + `"branch":"other"}`, ""}}},
		{step{"commit_files", sandbox + create("work", "fixed/a.txt", "a"), "path_denied"}, "A rule denies writing this path", []step{{"commit_files", sandbox + create("work", "free/a.txt", "a"), ""}}},
		{step{"commit_files", sandbox + create("work", ".gitea/workflows/x.yml", "a"), "path_denied"}, "Paths that CI runs are written only where", []step{{"commit_files", sandbox + create("work", "b.txt", "a"), ""}}},
		{step{"get_file_contents", service + `"path":"go.mod"}`, "path_denied"}, "Paths that are shown in this repository: src/**, README.md, docs/**", []step{{"get_file_contents", service + `"path":"README.md"}`, ""}}},
		{step{"create_issue", `{"owner":"acme","repo":"service-a","title":"t"}`, "policy_denied"}, "The policy has to allow it first", nil},
		{step{"create_issue", `{"owner":"acme","repo":"ledger","title":"t"}`, "policy_denied"}, "The policy has to allow it first", nil},
		{step{"create_comment", sandbox + number(`"number":%d,"body":"see acme/service-a#1"}`, issue.Number), "not_whitelisted"}, "In a fenced block of code it is plain text",
			[]step{{"create_comment", sandbox + number("\"number\":%d,\"body\":\"see\\n```\\nacme/service-a#1\\n```\\n\"}", issue.Number), ""}}},
		{step{"create_comment", sandbox + number(`"number":%d,"body":"one\rtwo #1"}`, issue.Number), "not_whitelisted"}, "End lines by a line feed",
			[]step{{"create_comment", sandbox + number(`"number":%d,"body":"one\ntwo #1"}`, issue.Number), ""}}},
		{step{"create_comment", sandbox + number(`"number":%d,"body":"ghp_aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5"}`, issue.Number), "secret_in_arguments"}, "Secrets are not written to Gitea: keep the value elsewhere",
			[]step{{"create_comment", sandbox + number(`"number":%d,"body":"The key is in the safe."}`, issue.Number), ""}}},
		{step{"create_comment", sandbox + number(`"number":%d,"body":"[redacted:aws] and more"}`, issue.Number), "redaction_marker"}, "Change what has no such mark",
			[]step{{"create_comment", sandbox + number(`"number":%d,"body":"and more"}`, issue.Number), ""}}},
		{step{"get_file_contents", sandbox + `"path":"README.md","ref":"nowhere"}`, "not_found"}, "Give a branch, a tag",
			[]step{{"get_file_contents", sandbox + `"path":"README.md","ref":"` + w.Sandbox.Head[:7] + `"}`, ""}}},
		{step{"get_file_contents", service + `"path":"docs"}`, "invalid_arguments"}, "get_file_tree lists folders", []step{{"get_file_tree", service + `"path":"docs"}`, ""}}},
		{step{"get_file_tree", service + `"path":"README.md"}`, "invalid_arguments"}, "get_file_contents reads files", nil},
		{step{"get_file_tree", sandbox + `"path":"README.md"}`, "invalid_arguments"}, "get_file_contents reads files", []step{{"get_file_contents", sandbox + `"path":"README.md"}`, ""}}},
		{step{"get_issue", sandbox + number(`"number":%d}`, pull.Number), "not_found"}, "get_pull_request reads pull requests", []step{{"get_pull_request", sandbox + number(`"number":%d}`, pull.Number), ""}}},
		{step{"update_issue", sandbox + number(`"number":%d,"title":"x"}`, pull.Number), "not_found"}, "update_pull_request changes pull requests", []step{{"update_pull_request", sandbox + number(`"number":%d,"title":"x"}`, pull.Number), ""}}},
		{step{"get_pull_request", sandbox + number(`"number":%d}`, issue.Number), "not_found"}, "list_pull_requests tells which there are; if it is an issue's, get_issue reads it", []step{{"list_pull_requests", sandbox + `"state":"all"}`, ""}, {"get_issue", sandbox + number(`"number":%d}`, issue.Number), ""}}},
		{step{"update_pull_request", sandbox + number(`"number":%d,"title":"x"}`, issue.Number), "not_found"}, "If it is an issue's, update_issue changes it", []step{{"update_issue", sandbox + number(`"number":%d,"title":"x"}`, issue.Number), ""}}},
		{step{"create_label", sandbox + `"name":"Fresh","color":"#00aa00"}`, "conflict"}, "list_labels lists them", []step{{"list_labels", `{"owner":"acme","repo":"sandbox"}`, ""}}},
		{step{"create_issue", sandbox + `"title":"t","labels":["nothing"]}`, "not_found"}, "list_labels lists them", []step{{"list_labels", `{"owner":"acme","repo":"sandbox"}`, ""}, {"create_issue", sandbox + `"title":"t","labels":["fresh"]}`, ""}}},
		{step{"create_milestone", sandbox + `"title":"V1"}`, "conflict"}, "list_milestones lists them, closed ones with state: all", []step{{"list_milestones", sandbox + `"state":"all"}`, ""}}},
		{step{"create_issue", sandbox + `"title":"t","milestone":"nothing"}`, "not_found"}, "list_milestones lists them", []step{{"list_milestones", `{"owner":"acme","repo":"sandbox"}`, ""}, {"create_issue", sandbox + `"title":"t","milestone":"v1"}`, ""}}},
		{step{"create_issue", sandbox + `"title":"t","assignees":["outsider"]}`, "not_found"}, "It takes the login of somebody who may write to it", []step{{"create_issue", sandbox + `"title":"t","assignees":["writer"]}`, ""}}},
		{step{"edit_comment", sandbox + number(`"comment_id":%d,"body":"x"}`, foreign.ID), "gitea_forbidden"}, "create_comment can answer it", []step{{"create_comment", sandbox + number(`"number":%d,"body":"x"}`, issue.Number), ""}}},
		{step{"edit_comment", sandbox + `"comment_id":987654,"body":"x"}`, "not_found"}, "Reviews and comments on code are no comments that can be changed here; list_issue_comments has ids", []step{{"list_issue_comments", sandbox + number(`"number":%d}`, issue.Number), ""}}},
		{step{"commit_files", sandbox + create("nowhere", "a.txt", "a"), "not_found"}, "create_branch makes one", []step{{"create_branch", sandbox + `"branch":"nowhere"}`, ""}, {"commit_files", sandbox + create("nowhere", "a.txt", "a"), ""}}},
		{step{"create_branch", sandbox + `"branch":"work"}`, "conflict"}, "Choose another name, or use what is there", []step{{"create_branch", sandbox + `"branch":"work-2"}`, ""}}},
		{step{"create_pull_request", sandbox + `"title":"t","head":"work","base":"main"}`, "conflict"}, "It shows what is pushed to its head; update_pull_request changes it", []step{{"list_pull_requests", sandbox + `"head":"work"}`, ""}}},
		{step{"create_pull_request", sandbox + `"title":"t","head":"work-2","base":"main"}`, "conflict"}, "There is nothing to merge", nil},
		{step{"create_pull_request", sandbox + `"title":"t","head":"no-such","base":"main"}`, "not_found"}, "list_branches lists branches", []step{{"list_branches", `{"owner":"acme","repo":"sandbox"}`, ""}}},
		{step{"create_pull_request", sandbox + `"title":"t","head":"work","base":"no-such"}`, "not_found"}, "list_branches lists them", []step{{"list_branches", `{"owner":"acme","repo":"sandbox"}`, ""}}},
		{step{"create_pull_request_review", sandbox + number(`"number":%d,"event":"comment","body":"b","comments":[{"path":"README.md","line":1,"body":"x"}]}`, pull.Number), "not_found"}, "list_pull_request_files lists those that it does",
			[]step{{"list_pull_request_files", sandbox + number(`"number":%d}`, pull.Number), ""}}},
		{step{"create_pull_request_review", sandbox + number(`"number":%d,"event":"comment","body":"b","comments":[{"path":"new.txt","line":1,"side":"old","body":"x"}]}`, pull.Number), "not_found"}, "An added file has no old side",
			[]step{{"create_pull_request_review", sandbox + number(`"number":%d,"event":"comment","body":"b","comments":[{"path":"new.txt","line":1,"body":"x"}]}`, pull.Number), ""}}},
		{step{"get_file_contents", sandbox + `"path":"nothing"}`, "not_found"}, "get_file_tree tells what there is", []step{{"get_file_tree", `{"owner":"acme","repo":"sandbox"}`, ""}}},
		{step{"get_file_tree", sandbox + `"path":"nothing"}`, "not_found"}, "get_file_tree tells what there is", []step{{"get_file_tree", `{"owner":"acme","repo":"sandbox"}`, ""}}},
		{step{"get_workflow_run", sandbox + `"run_id":987654}`, "not_found"}, "list_workflow_runs tells the ids", []step{{"list_workflow_runs", `{"owner":"acme","repo":"sandbox"}`, ""}}},
		{step{"get_job_log", sandbox + `"job_id":987654}`, "not_found"}, "get_workflow_run tells the ids of a run's jobs", []step{{"list_workflow_runs", `{"owner":"acme","repo":"sandbox"}`, ""}}},
		{step{"compare_refs", sandbox + `"base":"main","head":"orphan"}`, "conflict"}, "list_commits and get_file_tree show each by itself",
			[]step{{"list_commits", sandbox + `"ref":"orphan"}`, ""}, {"get_file_tree", sandbox + `"ref":"orphan"}`, ""}}},
		{step{"get_release", sandbox + `"tag":"latest"}`, "not_found"}, "list_releases tells which there are; list_tags has the tags", []step{{"list_releases", `{"owner":"acme","repo":"sandbox"}`, ""}, {"list_tags", `{"owner":"acme","repo":"sandbox"}`, ""}}},
		{step{"get_release", sandbox + `"tag":"bare"}`, "not_found"}, "list_releases tells which there are; a tag need not have one", []step{{"list_releases", `{"owner":"acme","repo":"sandbox"}`, ""}}},
		{step{"create_release", sandbox + `"tag":"kept-1"}`, "gitea_forbidden"}, "Choose another tag", []step{{"create_release", sandbox + `"tag":"free-1","draft":true}`, ""}}},
		{step{"edit_release", sandbox + `"id":987654,"title":"t"}`, "not_found"}, "list_releases has the ids", []step{{"create_release", sandbox + `"tag":"v1"}`, ""}, {"list_releases", `{"owner":"acme","repo":"sandbox"}`, ""}}},
		{step{"get_release", sandbox + `"tag":"` + w.Sandbox.Head + `"}`, "not_found"}, "list_releases lists them, list_tags the tags", []step{{"list_releases", `{"owner":"acme","repo":"sandbox"}`, ""}, {"list_tags", `{"owner":"acme","repo":"sandbox"}`, ""}}},
		{step{"create_release", sandbox + `"tag":"v1","target":"work"}`, "conflict"}, "", nil},
		{step{"get_commit", sandbox + `"sha":"abcdef0"}`, "not_found"}, "Give a branch, a tag", nil},
		{step{"create_branch", sandbox + `"branch":"abcdef0"}`, ""}, "", nil},
		{step{"get_commit", sandbox + `"sha":"abcdef0"}`, "not_found"}, "list_commits with it as ref has the ids", []step{{"list_commits", sandbox + `"ref":"abcdef0"}`, ""}, {"get_commit", sandbox + `"sha":"` + w.Sandbox.Head + `"}`, ""}}},
		{step{"dispatch_workflow", sandbox + `"workflow":"ci.yml","ref":"` + w.Sandbox.Head[:8] + `"}`, "not_found"}, "list_branches and list_tags have them", []step{{"list_branches", `{"owner":"acme","repo":"sandbox"}`, ""}}},
		{step{"get_issue", sandbox + `"number":4711}`, "not_found"}, "", []step{{"list_issues", `{"owner":"acme","repo":"sandbox"}`, ""}}},
		{step{"search_code", service + `"query":"package","path":"*.go"}`, ""}, "No file was looked at: path matches none. Without a slash", []step{{"search_code", service + `"query":"package","path":"**/*.go"}`, ""}}},
		{step{"search_code", service + `"query":"package","path":"nowhere/**"}`, ""}, "No file was looked at: path matches none. It is a folder", []step{{"get_file_tree", `{"owner":"acme","repo":"service-a"}`, ""}}},
		{step{"search_code", service + `"query":"PACKAGE","path":"src"}`, ""}, "No line has it. Capitals and small letters differ", []step{{"search_code", service + `"query":"(?i)PACKAGE","regexp":true,"path":"src"}`, ""}}},
		{step{"get_file_contents", service + `"path":"` + w.Files.LinkToReadme + `"}`, ""}, "A symlink is not followed", []step{{"get_file_contents", service + `"path":"README.md"}`, ""}}},
		{step{"update_pull_request", sandbox + number(`"number":%d,"state":"closed"}`, pull.Number), ""}, "", nil},
		{step{"create_pull_request_review", sandbox + number(`"number":%d,"event":"request_changes","body":"b"}`, pull.Number), "conflict"}, "The event comment is taken",
			[]step{{"create_pull_request_review", sandbox + number(`"number":%d,"event":"comment","body":"b"}`, pull.Number), ""}}},
	}...)
}
