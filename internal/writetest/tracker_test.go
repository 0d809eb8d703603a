package writetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

// TestIssues drives the tools for issues, labels and milestones.
func TestIssues(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	s := giteatest.StartNew(t)
	w := s.World
	const repo = "acme/playground"
	c := newScene(t, s, allowing, w.Playground, w.Ledger, w.Archived, w.Noticeboard)
	id := func(path string, fields map[string]any) (id int64) {
		t.Helper()
		var made struct{ ID int64 }
		c.keeper("POST", path, fields, &made)
		return made.ID
	}
	bug := id("/repos/"+repo+"/labels", map[string]any{"name": "bug", "color": "#aa0000"})
	help := id("/repos/"+repo+"/labels", map[string]any{"name": "help", "color": "#00aa00"})
	id("/repos/"+repo+"/labels", map[string]any{"name": "twice", "color": "#00aa00"})
	id("/repos/"+repo+"/labels", map[string]any{"name": "twice", "color": "#00aa00"})
	shared := id("/orgs/acme/labels", map[string]any{"name": "of the organisation", "color": "#0000aa"})
	v1 := id("/repos/"+repo+"/milestones", map[string]any{"title": "v1"})
	id("/repos/"+repo+"/milestones", map[string]any{"title": "again"})
	id("/repos/"+repo+"/milestones", map[string]any{"title": "again"})
	var pull issue
	c.branch(repo, "agent/x", "main")
	c.keeper("POST", "/repos/"+repo+"/pulls", map[string]any{"title": "A pull", "head": "agent/x", "base": "main"}, &pull)

	t.Run("one is opened", func(t *testing.T) {
		c := c.with(t)
		a := c.clean("create_issue", args(repo, `,"title":"  A title ","body":"hello\n","labels":["bug","help","bug"],"assignees":["WRITER","writer"],"milestone":"v1"`))
		got := c.issue(repo, a.Fields["number"])
		if got.Title != "A title" || got.Body != "hello\n" || len(got.Labels) != 2 || len(got.Assignees) != 1 || got.Milestone == nil || got.Milestone.ID != v1 {
			t.Errorf("%+v", got)
		}
		if a.Fields["html_url"] == "" || a.Fields["repository"] != repo || a.Fields["state"] != "open" || a.Fields["content_version"] != 0.0 {
			t.Error(a.All)
		}
		if read := c.do("get_issue", args(repo, fmt.Sprintf(`,"number":%v`, a.Fields["number"]))); !strings.Contains(read.All, "hello") {
			t.Error(read.All)
		}
	})
	t.Run("a dry run opens none", func(t *testing.T) {
		c := c.with(t)
		var before, after []issue
		c.keeper("GET", "/repos/"+repo+"/issues?state=all&limit=50", nil, &before)
		a := c.do("create_issue", args(repo, `,"title":"dry","labels":["bug"],"milestone":"v1","dry_run":true`))
		c.keeper("GET", "/repos/"+repo+"/issues?state=all&limit=50", nil, &after)
		if len(before) != len(after) || a.Fields["dry_run"] != true || !strings.Contains(a.All, fmt.Sprintf(`"label_ids":[%d]`, bug)) {
			t.Error(a.All)
		}
	})
	t.Run("names that are not known are refused before", func(t *testing.T) {
		c := c.with(t)
		one := c.newIssue(repo, map[string]any{"title": "as it was", "body": "body", "labels": []int64{bug}, "milestone": v1})
		update := fmt.Sprintf(`,"number":%d`, one.Number)
		for _, row := range []struct{ code, more string }{
			{"not_found", `,"labels":["bug","nope"]`},
			{"conflict", `,"labels":["twice"]`},
			{"conflict", `,"milestone":"again"`},
			{"not_found", `,"assignees":["nobody-there"]`},
			{"not_found", `,"assignees":["outsider"]`}, // who exists, and may not write
			{"not_found", `,"assignees":["writer","../x"]`},
		} {
			c.refused(row.code, "create_issue", args(repo, `,"title":"x"`+row.more))
			c.refused(row.code, "update_issue", args(repo, update+`,"title":"x","body":"y"`+row.more))
		}
		if got := c.issue(repo, one.Number); got.Title != one.Title || got.Body != one.Body || len(got.Labels) != 1 || got.Version != 0 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("arguments that can't be meant", func(t *testing.T) {
		c := c.with(t)
		for _, row := range []struct{ tool, more string }{
			{"create_issue", `,"title":" \u00a0 "`}, {"create_issue", `,"title":"\u200b\u200d"`}, {"create_issue", `,"title":""`},
			{"create_issue", `,"title":"x","closed":true`}, {"create_issue", `,"title":"x","ref":"main"`}, {"create_issue", `,"title":"x","labels":[1]`},
			{"update_issue", `,"number":1`}, {"update_issue", `,"number":1,"title":""`}, {"update_issue", `,"number":1,"title":"  "`},
			{"update_issue", `,"number":1,"state":"merged"`}, {"update_issue", `,"number":1,"due_date":"tomorrow"`}, {"update_issue", `,"number":1,"due_date":"0001-01-01T00:00:00Z"`},
			{"update_issue", `,"number":1,"content_version":0,"title":"x"`},
			{"create_comment", `,"number":1,"body":"  \n "`}, {"edit_comment", `,"comment_id":1,"body":" "`},
			{"create_label", `,"name":"  ","color":"#aabbcc"`}, {"create_label", `,"name":"x","color":"aabbcc"`}, {"create_label", `,"name":"x","color":"#abc"`},
			{"create_label", `,"name":"x","color":"#aabbcg"`}, {"create_label", `,"name":"x","color":"#aabbcc","exclusive":true`},
			{"create_milestone", `,"title":" "`}, {"create_milestone", `,"title":"x","due_date":"soon"`}, {"create_milestone", `,"title":"x","state":"closed"`},
		} {
			c.refused("invalid_arguments", row.tool, args(repo, row.more))
		}
	})
	t.Run("one is changed, member by member", func(t *testing.T) {
		c := c.with(t)
		one := c.newIssue(repo, map[string]any{"title": "before", "body": "body", "labels": []int64{bug, shared}, "milestone": v1, "assignees": []string{"keeper"}})
		number := fmt.Sprintf(`,"number":%d`, one.Number)
		c.clean("update_issue", args(repo, number+`,"title":"after"`))
		if got := c.issue(repo, one.Number); got.Title != "after" || got.Body != "body" || len(got.Labels) != 2 || got.Milestone == nil || len(got.Assignees) != 1 || got.State != "open" {
			t.Errorf("title: %+v", got)
		}
		// A label of the organisation that it has can be kept.
		a := c.clean("update_issue", args(repo, number+`,"labels":["help","of the organisation"],"state":"closed","assignees":["writer","colleague"],"due_date":"2031-05-06T23:30:00+09:00"`))
		got := c.issue(repo, one.Number)
		if got.State != "closed" || len(got.Labels) != 2 || !slices.ContainsFunc(got.Labels, func(l struct{ ID int64 }) bool { return l.ID == help }) || len(got.Assignees) != 2 || got.DueDate == nil {
			t.Errorf("%+v %s", got, a.All)
		}
		if !strings.HasPrefix(fmt.Sprint(a.Fields["due_date"]), "2031-05-06T14:59:59") {
			t.Error(a.All)
		}
		c.clean("update_issue", args(repo, number+`,"clear":["labels","assignees","milestone","due_date","body"],"state":"open"`))
		if got := c.issue(repo, one.Number); got.State != "open" || len(got.Labels) != 0 || len(got.Assignees) != 0 || got.Milestone != nil || got.DueDate != nil || got.Body != "" || got.Title != "after" {
			t.Errorf("cleared: %+v", got)
		}
		c.clean("update_issue", args(repo, number+`,"labels":["bug"]`)) // one request only
		c.clean("update_issue", args(repo, number+`,"milestone":"v1"`))
		if got := c.issue(repo, one.Number); len(got.Labels) != 1 || got.Milestone == nil {
			t.Errorf("%+v", got)
		}
		c.clean("update_issue", args(repo, number+`,"body":"b"`))
		c.clean("update_issue", args(repo, number+`,"body":"b"`)) // again
	})
	t.Run("pull requests are none", func(t *testing.T) {
		c := c.with(t)
		a := c.refused("not_found", "update_issue", args(repo, fmt.Sprintf(`,"number":%d,"title":"x"`, pull.Number)))
		if !strings.Contains(a.All, "update_pull_request") {
			t.Error(a.All)
		}
		c.refused("not_found", "update_issue", args(repo, `,"number":9999,"title":"x"`))
		if got := c.pull(repo, pull.Number); got.Title != "A pull" {
			t.Errorf("%+v", got)
		}
	})
	t.Run("what Gitea refuses in the midst is not known", func(t *testing.T) {
		c := c.with(t)
		on, off := c.newIssue(repo, map[string]any{"title": "blocked"}), c.newIssue(repo, map[string]any{"title": "blocking"})
		c.keeper("POST", fmt.Sprintf("/repos/%s/issues/%d/dependencies", repo, on.Number), map[string]any{"owner": "acme", "repo": "playground", "index": off.Number}, nil)
		a := c.d.Ask("update_issue", args(repo, fmt.Sprintf(`,"number":%d,"title":"renamed","state":"closed"`, on.Number)))
		if a.Code != "outcome_unknown" {
			t.Error(a.All)
		}
		if got := c.issue(repo, on.Number); got.Title != "renamed" || got.State != "open" {
			t.Errorf("%+v", got) // which is why nothing can be said
		}
	})
	t.Run("changed meanwhile", func(t *testing.T) {
		for what, change := range map[string]map[string]any{
			"body":  {"body": "somebody else's"},
			"title": {"title": "somebody else's"}, // Gitea's version does not count it
			"state": {"state": "closed"},
		} {
			for _, n := range []int{1, 2} { // before the first look, which takes it for what there is, and the second
				c := c.with(t)
				one := c.newIssue(repo, map[string]any{"title": "before", "body": "body"})
				d, proxy := between(t, s, allowing, fmt.Sprintf("/issues/%d", one.Number), n, func() {
					c.keeper("PATCH", fmt.Sprintf("/repos/%s/issues/%d", repo, one.Number), change, nil)
				}, w.Playground)
				a := d.Ask("update_issue", args(repo, fmt.Sprintf(`,"number":%d,"labels":["bug"],"body":"ours"`, one.Number)))
				if n == 1 && (a.IsError || len(changes(proxy)) != 2) || n == 2 && (a.Code != "conflict" || len(changes(proxy)) != 0) {
					t.Errorf("%s, %d: %s %v", what, n, a.All, changes(proxy))
				}
			}
		}
	})
	t.Run("changed between two requests", func(t *testing.T) {
		c := c.with(t)
		one := c.newIssue(repo, map[string]any{"title": "before", "labels": []int64{help}})
		d, proxy := between(t, s, allowing, fmt.Sprintf("/issues/%d", one.Number), 3, func() {
			c.keeper("PUT", fmt.Sprintf("/repos/%s/issues/%d/labels", repo, one.Number), map[string]any{"labels": []int64{bug, help}}, nil)
		}, w.Playground)
		a := d.Ask("update_issue", args(repo, fmt.Sprintf(`,"number":%d,"labels":["bug"],"title":"ours"`, one.Number)))
		if a.Code != "conflict" || !strings.Contains(a.All, "1 were carried out (all but the labels)") || strings.Contains(a.All, "nothing was") || len(changes(proxy)) != 1 {
			t.Error(a.All, changes(proxy))
		}
		if got := c.issue(repo, one.Number); got.Title != "ours" || len(got.Labels) != 2 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("labels that vanish on the way are told", func(t *testing.T) {
		c := c.with(t)
		gone := id("/repos/"+repo+"/labels", map[string]any{"name": "short-lived", "color": "#00aa00"})
		d, _ := between(t, s, allowing, "/repos/"+repo, 2, func() { // right before the request
			c.keeper("DELETE", fmt.Sprintf("/repos/%s/labels/%d", repo, gone), nil, nil)
		}, w.Playground)
		a := d.Ask("create_issue", args(repo, `,"title":"x","labels":["bug","short-lived"]`))
		if a.IsError || !strings.Contains(a.All, "of 2 labels 1 are not there") || a.Fields["note"] == nil || a.Fields["labels"] != 1.0 {
			t.Error(a.All)
		}
	})
	t.Run("those who may not write are told what Gitea left out", func(t *testing.T) {
		c := c.with(t)
		lid := id("/repos/"+w.Ledger.FullName+"/labels", map[string]any{"name": "bug", "color": "#aa0000"})
		a := c.do("create_issue", args(w.Ledger.FullName, `,"title":"x","labels":["bug"]`))
		if !strings.Contains(a.All, "of 1 labels 1 are not there") || a.Fields["note"] == nil {
			t.Error(lid, a.All)
		}
		c.refused("gitea_forbidden", "update_issue", args(w.Ledger.FullName, `,"number":1,"title":"x"`))
		c.refused("gitea_forbidden", "create_label", args(w.Ledger.FullName, `,"name":"new","color":"#aabbcc"`))
		c.refused("gitea_forbidden", "create_milestone", args(w.Ledger.FullName, `,"title":"new"`))
	})
	t.Run("locked and closed ones", func(t *testing.T) {
		c := c.with(t)
		one := c.newIssue(repo, map[string]any{"title": "locked", "closed": true})
		c.keeper("PUT", fmt.Sprintf("/repos/%s/issues/%d/lock", repo, one.Number), map[string]any{"lock_reason": "Resolved"}, nil)
		a := c.do("create_comment", args(repo, fmt.Sprintf(`,"number":%d,"body":"still","dry_run":true`, one.Number)))
		if !strings.Contains(a.All, `"locked":true`) || !strings.Contains(a.All, `"state":"closed"`) {
			t.Error(a.All)
		}
		c.clean("create_comment", args(repo, fmt.Sprintf(`,"number":%d,"body":"still"`, one.Number)))
		c.clean("update_issue", args(repo, fmt.Sprintf(`,"number":%d,"title":"still"`, one.Number)))
	})
	t.Run("labels are made once", func(t *testing.T) {
		c := c.with(t)
		a := c.clean("create_label", args(repo, `,"name":"new/one","color":"#AAbb00","description":"for the new"`))
		if a.Fields["name"] != "new/one" || !strings.EqualFold(fmt.Sprint(a.Fields["color"]), "#aabb00") {
			t.Error(a.All)
		}
		if list := c.do("list_labels", args(repo, "")); !strings.Contains(list.All, `"new/one"`) || !strings.Contains(list.All, "for the new") {
			t.Error(list.All)
		}
		c.refused("conflict", "create_label", args(repo, `,"name":"new/one","color":"#aabb00"`))
		c.refused("conflict", "create_label", args(repo, `,"name":"NEW/one","color":"#aabb00"`))
		c.refused("conflict", "create_label", args(repo, `,"name":"NEW/one","color":"#aabb00","dry_run":true`))
		d, proxy := between(t, s, allowing, "/labels", 2, func() {
			c.keeper("POST", "/repos/"+repo+"/labels", map[string]any{"name": "faster", "color": "#aa0000"}, nil)
		}, w.Playground)
		if a := d.Ask("create_label", args(repo, `,"name":"faster","color":"#aabb00"`)); a.Code != "conflict" || len(changes(proxy)) != 0 {
			t.Error(a.All)
		}
	})
	t.Run("milestones are made once", func(t *testing.T) {
		c := c.with(t)
		a := c.clean("create_milestone", args(repo, `,"title":"v2","description":"The *second*\n","due_date":"2032-01-02T03:04:05Z"`))
		if a.Fields["state"] != "open" || !strings.HasPrefix(fmt.Sprint(a.Fields["due_date"]), "2032-01-02T") {
			t.Error(a.All)
		}
		if list := c.do("list_milestones", args(repo, "")); !strings.Contains(list.All, `"v2"`) {
			t.Error(list.All)
		}
		c.clean("create_milestone", args(repo, `,"title":"v3"`))
		c.refused("conflict", "create_milestone", args(repo, `,"title":"v2"`))
		c.keeper("PATCH", fmt.Sprintf("/repos/%s/milestones/%v", repo, a.Fields["milestone_id"]), map[string]any{"state": "closed"}, nil)
		c.refused("conflict", "create_milestone", args(repo, `,"title":"V2"`))
	})
	t.Run("an archived repository takes nothing", func(t *testing.T) {
		c := c.with(t)
		c.keeper("PUT", "/repos/acme/archived/collaborators/writer", map[string]any{"permission": "write"}, nil)
		for tool, more := range map[string]string{
			"create_issue": `,"title":"x"`, "update_issue": `,"number":1,"title":"x"`, "create_comment": `,"number":1,"body":"x"`,
			"edit_comment": `,"comment_id":1,"body":"x"`, "create_label": `,"name":"x","color":"#aabbcc"`, "create_milestone": `,"title":"x"`,
			"create_pull_request": `,"title":"x","head":"docs","base":"main"`, "update_pull_request": `,"number":1,"title":"x"`,
			"create_pull_request_review": `,"number":1,"event":"comment","body":"x"`,
		} {
			c.refused("conflict", tool, args(w.Archived.FullName, more))
		}
	})
}

// TestIssuesOfOthersAreNotWritten tries the repositories that are not on the
// whitelist.
func TestIssuesOfOthersAreNotWritten(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea")
	}
	s := giteatest.Start(t)
	c := newScene(t, s, allowing, s.World.Sandbox)
	for tool, more := range map[string]string{
		"create_issue": `,"title":"x"`, "update_issue": `,"number":1,"title":"x"`, "create_comment": `,"number":1,"body":"x"`,
		"edit_comment": `,"comment_id":1,"body":"x"`, "create_label": `,"name":"x","color":"#aabbcc"`, "create_milestone": `,"title":"x"`,
		"create_pull_request": `,"title":"x","head":"docs","base":"main"`, "update_pull_request": `,"number":1,"title":"x"`,
		"create_pull_request_review": `,"number":1,"event":"comment","body":"x"`,
	} {
		c.refused("not_whitelisted", tool, args("acme/playground", more))
	}
}
