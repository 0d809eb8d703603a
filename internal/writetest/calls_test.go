package writetest

import (
	"fmt"
	"testing"

	"aegis/tools"
)

// calls has for every tool that changes something the arguments, but for the
// repository, of a call that is carried out on a track. Some need a thing to be
// there first, which they make.
var calls = map[string]func(r *track) string{
	"create_issue":   func(*track) string { return `"title":"new","body":"text","labels":["bug"]` },
	"update_issue":   func(*track) string { return `"number":1,"title":"two","labels":["bug"]` },
	"create_comment": func(*track) string { return `"number":1,"body":"hello"` },
	"edit_comment": func(r *track) string {
		var comment struct{ ID int64 }
		r.mustAs(r.s.World.Writer, "POST", "/repos/"+r.name+"/issues/1/comments", map[string]any{"body": "old"}, &comment)
		return fmt.Sprintf(`"comment_id":%d,"body":"new"`, comment.ID)
	},
	"create_label":     func(*track) string { return `"name":"fresh","color":"#00aa00"` },
	"create_milestone": func(*track) string { return `"title":"v1"` },
	"create_branch":    func(*track) string { return `"branch":"agent/y","from":"agent/x"` },
	"commit_files": func(r *track) string {
		return fmt.Sprintf(`"branch":"agent/x","message":"m","files":[{"operation":"update","path":"README.md","content":"new %d","sha":%q}]`,
			pushed.Add(1), r.readme)
	},
	"create_pull_request": func(*track) string { return `"title":"t","head":"agent/x","base":"main"` },
	"update_pull_request": func(r *track) string { return fmt.Sprintf(`"number":%d,"title":"two"`, r.pull()) },
	"create_pull_request_review": func(r *track) string {
		return fmt.Sprintf(`"number":%d,"event":"comment","body":"fine"`, r.pull())
	},
	"create_release": func(*track) string { return `"tag":"v1","target":"main","title":"one"` },
	"edit_release": func(r *track) string {
		var release struct{ ID int64 }
		r.must("POST", "/repos/"+r.name+"/releases", map[string]any{"tag_name": "v0", "name": "zero"}, &release)
		return fmt.Sprintf(`"id":%d,"title":"null"`, release.ID)
	},
	"write_wiki_page":   func(*track) string { return `"name":"Home","content":"text"` },
	"dispatch_workflow": func(r *track) string { r.workflow(); return `"workflow":"made.yml","ref":"main"` },
	"rerun_workflow": func(r *track) string {
		r.workflow()
		var runs struct {
			Runs []struct{ ID int64 } `json:"workflow_runs"`
		}
		r.must("POST", "/repos/"+r.name+"/actions/workflows/made.yml/dispatches", map[string]any{"ref": "refs/heads/main"}, nil)
		if err := r.s.RunJob(r.t.Context(), r.name, "nobody", []string{"done"}, true); err != nil {
			r.t.Error(err)
		}
		r.must("GET", "/repos/"+r.name+"/actions/runs", nil, &runs)
		if len(runs.Runs) == 0 {
			r.t.Error("no run")
			return ""
		}
		return fmt.Sprintf(`"run_id":%d`, runs.Runs[0].ID)
	},
}

// Every tool that changes something has a call here.
func TestEveryToolHasACall(t *testing.T) {
	t.Parallel()
	known := 0
	for _, tool := range tools.All() {
		if tool.Hints.ReadOnly {
			continue
		}
		known++
		if calls[tool.Name] == nil {
			t.Errorf("%s has none", tool.Name)
		}
	}
	if known != len(calls) {
		t.Errorf("%d tools, %d calls", known, len(calls))
	}
}

// pull opens a pull request from agent/x to main and returns its number.
func (r *track) pull() int64 {
	var pull struct{ Number int64 }
	r.must("POST", "/repos/"+r.name+"/pulls", map[string]any{"title": "t", "head": "agent/x", "base": "main"}, &pull)
	return pull.Number
}

// workflow puts one on the default branch that only runs when it is told to.
func (r *track) workflow() {
	r.must("POST", "/repos/"+r.name+"/contents", map[string]any{"branch": "main", "message": "m", "files": []any{map[string]any{
		"operation": "upload", "path": ".gitea/workflows/made.yml",
		"content": base64Of("on: workflow_dispatch\njobs:\n  one:\n    runs-on: nobody\n    steps:\n      - run: 'true'\n"),
	}}}, nil)
}
