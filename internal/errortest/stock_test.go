package errortest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"aegis/internal/gatetest"
	"aegis/tools"
)

// stock is a repository of acme's in which a call of every tool would succeed.
type stock struct {
	repo, head, readme               string
	pull, comment, release, run, job int64
}

// nowhere is a stock for calls that get to no Gitea.
var nowhere = stock{"app", someToken, someToken, 2, 1, 1, 1, 1}

// stocked makes a repository with one thing of each kind.
func (c scene) stocked(name string, settings object) stock {
	c.t.Helper()
	path := c.repo(name, true, settings)
	k := stock{repo: name}
	put := func(branch, file, content string) {
		c.keeper(http.MethodPost, path+"/contents", object{"branch": branch, "message": "m", "files": []object{{"operation": "create", "path": file, "content": []byte(content)}}}, nil)
	}
	c.keeper(http.MethodPost, path+"/issues", object{"title": "one"}, nil)
	c.keeper(http.MethodPost, path+"/branches", object{"new_branch_name": "agent/x", "old_ref_name": "main"}, nil)
	c.keeper(http.MethodPost, path+"/branches", object{"new_branch_name": "agent/y", "old_ref_name": "main"}, nil)
	put("agent/x", "x.txt", "x\n")
	put("agent/y", "y.txt", "y\n")
	put("main", ".gitea/workflows/made.yml", "on: workflow_dispatch\njobs:\n  one:\n    runs-on: nobody\n    steps:\n      - run: 'true'\n")
	var made struct {
		ID, Number int64
		SHA        string
		Commit     struct{ ID string }
		Runs       []struct{ ID int64 } `json:"workflow_runs"`
		Jobs       []struct{ ID int64 }
	}
	c.keeper(http.MethodPost, path+"/pulls", object{"title": "two", "head": "agent/x", "base": "main"}, &made)
	k.pull = made.Number
	if err := c.s.As(c.s.World.Writer.Token).Into(c.t.Context(), http.MethodPost, path+"/issues/1/comments", object{"body": "old"}, &made); err != nil {
		c.t.Fatal(err)
	}
	k.comment = made.ID
	c.keeper(http.MethodPost, path+"/releases", object{"tag_name": "v0", "name": "zero"}, &made)
	k.release = made.ID
	c.keeper(http.MethodPost, path+"/wiki/new", object{"title": "Home", "content_base64": []byte("home\n")}, nil)
	if err := c.s.Settle(c.t.Context()); err != nil { // workflows are known by then
		c.t.Fatal(err)
	}
	c.keeper(http.MethodPost, path+"/actions/workflows/made.yml/dispatches", object{"ref": "refs/heads/main"}, nil)
	if err := c.s.RunJob(c.t.Context(), "acme/"+name, "nobody", []string{"done"}, true); err != nil {
		c.t.Fatal(err)
	}
	c.keeper(http.MethodGet, path+"/actions/runs", nil, &made)
	k.run = made.Runs[0].ID
	c.keeper(http.MethodGet, fmt.Sprintf("%s/actions/runs/%d/jobs", path, k.run), nil, &made)
	k.job = made.Jobs[0].ID
	c.keeper(http.MethodGet, path+"/contents/README.md?ref=agent/x", nil, &made)
	k.readme = made.SHA
	c.keeper(http.MethodGet, path+"/branches/main", nil, &made)
	k.head = made.Commit.ID
	return k
}

// freely stands in calls for a text that is free.
const freely = "a free text"

// calls are the arguments, but for a repository, of a call of every tool. What begins with
// "{" is about no repository, or about several.
func (k stock) calls() map[string]string {
	pull := fmt.Sprintf(`"number":%d`, k.pull)
	return map[string]string{
		"get_me": `{}`, "list_repositories": `{}`, "list_organizations": `{}`, "search_users": `{"query":"x"}`, "search_issues": `{"query":"x"}`,
		"list_notifications": `{}`, "list_packages": `{"owner":"acme"}`,
		"get_repository": ``, "get_file_tree": ``, "get_file_contents": `"path":"README.md"`, "search_code": `"query":"x"`,
		"list_branches": ``, "list_tags": ``, "list_commits": ``, "get_commit": fmt.Sprintf(`"sha":%q`, k.head), "compare_refs": `"base":"agent/y","head":"agent/x"`,
		"get_commit_status": `"ref":"main"`, "list_issues": ``, "get_issue": `"number":1`, "list_issue_comments": `"number":1`, "list_labels": ``, "list_milestones": ``,
		"list_pull_requests": ``, "get_pull_request": pull, "list_pull_request_commits": pull, "list_pull_request_files": pull,
		"list_pull_request_reviews": pull, "get_pull_request_diff": pull, "list_releases": ``, "get_release": `"tag":"latest"`,
		"list_wiki_pages": ``, "get_wiki_page": `"name":"Home"`, "list_workflow_runs": ``,
		"get_workflow_run": fmt.Sprintf(`"run_id":%d`, k.run), "get_job_log": fmt.Sprintf(`"job_id":%d`, k.job),

		"create_issue":               `"title":"new","body":"` + freely + `"`,
		"update_issue":               `"number":1,"body":"` + freely + `"`,
		"create_comment":             `"number":1,"body":"` + freely + `"`,
		"edit_comment":               fmt.Sprintf(`"comment_id":%d,"body":%q`, k.comment, freely),
		"create_label":               `"name":"fresh","color":"#00aa00","description":"` + freely + `"`,
		"create_milestone":           `"title":"v1","description":"` + freely + `"`,
		"create_branch":              `"branch":"agent/z"`,
		"commit_files":               fmt.Sprintf(`"branch":"agent/x","message":"m","files":[{"operation":"update","path":"README.md","content":"%s\n","sha":%q}]`, freely, k.readme),
		"create_pull_request":        `"title":"t","head":"agent/y","base":"main","body":"` + freely + `"`,
		"update_pull_request":        pull + `,"body":"` + freely + `"`,
		"create_pull_request_review": pull + `,"event":"comment","body":"` + freely + `"`,
		"create_release":             `"tag":"v1","target":"main","body":"` + freely + `"`,
		"edit_release":               fmt.Sprintf(`"id":%d,"body":%q`, k.release, freely),
		"write_wiki_page":            `"name":"New","content":"` + freely + `"`,
		"dispatch_workflow":          `"workflow":"made.yml","ref":"main"`,
		"rerun_workflow":             fmt.Sprintf(`"run_id":%d`, k.run),
	}
}

// args are the arguments of a call of a tool that would succeed.
func (k stock) args(tool string) string {
	more := k.calls()[tool]
	switch {
	case strings.HasPrefix(more, "{"):
		return more
	case more != "":
		more = "," + more
	}
	return in(k.repo, more)
}

// kinds of tools, by what the page calls them.
var kinds = []struct {
	name string
	of   func(tools.Tool) bool
}{
	{"every tool", func(tools.Tool) bool { return true }},
	{"every tool about one repository", ofRepository},
	{"every tool that reads", reads},
	{"every tool that reads one repository", readsOne},
	{"every tool that writes", writes},
	{"every tool that writes text", writesText},
}

func ofRepository(tool tools.Tool) bool { return !strings.HasPrefix(nowhere.calls()[tool.Name], "{") }
func reads(tool tools.Tool) bool        { return tool.Hints.ReadOnly }
func readsOne(tool tools.Tool) bool     { return reads(tool) && ofRepository(tool) }
func writes(tool tools.Tool) bool       { return !tool.Hints.ReadOnly }
func writesText(tool tools.Tool) bool   { return strings.Contains(nowhere.calls()[tool.Name], freely) }

func everyTool(tools.Tool) bool { return true }

// each makes the call of every tool of a kind, all of which fail the same way. change may
// change the arguments.
func each(t *testing.T, d *gatetest.Door, k stock, of func(tools.Tool) bool, s situation, change ...string) {
	t.Helper()
	for _, tool := range tools.All() {
		if of(tool) {
			s.tool, s.args = tool.Name, strings.NewReplacer(change...).Replace(k.args(tool.Name))
			holds(t, d, []situation{s})
		}
	}
}
