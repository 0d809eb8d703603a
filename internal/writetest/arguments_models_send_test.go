package writetest

import (
	"fmt"
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

// A model that fills in every argument of a schema changes what it meant to, and nothing
// else: an empty value is none.
func TestEmptyArgumentsChangeNothing(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	s := giteatest.StartNew(t)
	const repo = "acme/playground"
	c := newScene(t, s, allowing, s.World.Playground)
	var label, milestone struct{ ID int64 }
	c.keeper("POST", "/repos/"+repo+"/labels", map[string]any{"name": "kept", "color": "#aa0000"}, &label)
	c.keeper("POST", "/repos/"+repo+"/milestones", map[string]any{"title": "kept"}, &milestone)
	full := map[string]any{
		"title": "whole", "body": "kept", "labels": []int64{label.ID}, "milestone": milestone.ID, "assignees": []string{"writer"}, "due_date": "2031-01-01T00:00:00Z",
	}
	kept := func(i issue) bool {
		return i.Body == "kept" && len(i.Labels) == 1 && len(i.Assignees) == 1 && i.Milestone != nil && (i.DueDate != nil || i.Base.Ref != "")
	}
	const nothing = `"body":"","labels":[],"assignees":[],"milestone":""`
	t.Run("an issue", func(t *testing.T) {
		c := c.with(t)
		made := c.newIssue(repo, full)
		c.clean("update_issue", args(repo, fmt.Sprintf(`,"number":%d.0,"title":"","state":"closed","due_date":"",%s,"clear":[],"dry_run":false`, made.Number, nothing)))
		if got := c.issue(repo, made.Number); got.State != "closed" || got.Title != "whole" || !kept(got) {
			t.Errorf("%+v", got)
		}
		c.refused("invalid_arguments", "update_issue", args(repo, fmt.Sprintf(`,"number":%d,"title":"","state":"",%s`, made.Number, nothing)))
		c.clean("update_issue", args(repo, fmt.Sprintf(`,"number":%d,"clear":["body","labels","assignees","milestone","due_date"],%s`, made.Number, nothing)))
		if got := c.issue(repo, made.Number); got.Body != "" || len(got.Labels) != 0 || len(got.Assignees) != 0 || got.Milestone != nil || got.DueDate != nil {
			t.Errorf("cleared: %+v", got)
		}
		c.clean("update_issue", args(repo, fmt.Sprintf(`,"number":%d,"due_date":"2031-05-06"`, made.Number)))
		if got := c.issue(repo, made.Number); got.DueDate == nil || !strings.HasPrefix(*got.DueDate, "2031-05-06T23:59:59") {
			t.Errorf("due on a day: %+v", got)
		}
	})
	t.Run("a pull request", func(t *testing.T) {
		c := c.with(t)
		c.branch(repo, "agent/whole", "main")
		full["head"], full["base"] = "agent/whole", "main"
		var made issue
		c.keeper("POST", "/repos/"+repo+"/pulls", full, &made)
		c.clean("update_pull_request", args(repo, fmt.Sprintf(`,"number":%d,"title":"half",%s`, made.Number, nothing)))
		if got := c.pull(repo, made.Number); got.Title != "half" || !kept(got) {
			t.Errorf("%+v", got)
		}
	})
	t.Run("what is opened", func(t *testing.T) {
		c := c.with(t)
		a := c.clean("create_issue", args(repo, `,"title":"bare",`+nothing))
		if got := c.issue(repo, a.Fields["number"]); got.Title != "bare" || len(got.Labels) != 0 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a commit", func(t *testing.T) {
		c := c.with(t)
		c.branch(repo, "agent/files", "main", "doomed.txt")
		var file struct{ SHA string }
		c.keeper("GET", "/repos/"+repo+"/contents/doomed.txt?ref=agent/files", nil, &file)
		c.clean("commit_files", args(repo, `,"branch":"agent/files","message":"m","files":[{"operation":"create","path":"empty.txt","content":"","sha":""},`+
			`{"operation":"delete","path":"doomed.txt","content":"","sha":"`+file.SHA+`"}]`))
		var empty struct{ Size int }
		c.keeper("GET", "/repos/"+repo+"/contents/empty.txt?ref=agent/files", nil, &empty)
		if empty.Size != 0 {
			t.Errorf("%+v", empty)
		}
	})
}
