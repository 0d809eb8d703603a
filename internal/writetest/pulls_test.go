package writetest

import (
	"fmt"
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

// TestPullRequests drives the tools for pull requests.
func TestPullRequests(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	s := giteatest.StartNew(t)
	w := s.World
	const repo, public = "acme/sandbox", "acme/noticeboard"
	c := newScene(t, s, allowing, w.Sandbox, w.Noticeboard, w.Playground)
	c.keeper("POST", "/repos/"+repo+"/milestones", map[string]any{"title": "v1"}, nil)
	c.keeper("POST", "/repos/"+repo+"/labels", map[string]any{"name": "help", "color": "#00aa00"}, nil)
	c.keeper("PUT", "/repos/writer/sandbox/collaborators/keeper", map[string]any{"permission": "write"}, nil)
	c.keeper("POST", "/repos/"+repo+"/issues", map[string]any{"title": "An issue"}, nil)

	t.Run("one is opened", func(t *testing.T) {
		c := c.with(t)
		head := c.branch(repo, "agent/one", "main")
		dry := c.do("create_pull_request", args(repo, `,"title":"One","head":"agent/one","base":"main","dry_run":true`))
		if !strings.Contains(dry.All, `"head_commit":"`+head+`"`) || !strings.Contains(dry.All, w.Sandbox.Head) {
			t.Error(dry.All)
		}
		a := c.clean("create_pull_request", args(repo, `,"title":"One","head":"agent/one","base":"main","body":"It does.\n","labels":["bug","help"],"assignees":["colleague"],"milestone":"v1"`))
		got := c.pull(repo, a.Fields["number"])
		if got.Title != "One" || got.Body != "It does.\n" || got.Base.Ref != "main" || got.Head.SHA != head || got.Head.RepoID != w.Sandbox.ID || len(got.Labels) != 2 || len(got.Assignees) != 1 || got.Milestone == nil || got.Draft {
			t.Errorf("%+v %s", got, a.All)
		}
		if a.Fields["head_commit"] != head || a.Fields["head_repository"] != repo || a.Fields["base"] != "main" || a.Fields["allow_maintainer_edit"] != nil {
			t.Error(a.All)
		}
		if again := c.refused("conflict", "create_pull_request", args(repo, `,"title":"One","head":"agent/one","base":"main"`)); !strings.Contains(again.All, fmt.Sprintf("#%v", a.Fields["number"])) {
			t.Error(again.All)
		}
		if read := c.do("get_pull_request", args(repo, fmt.Sprintf(`,"number":%v`, a.Fields["number"]))); !strings.Contains(read.All, head) {
			t.Error(read.All)
		}
	})
	t.Run("a draft", func(t *testing.T) {
		c := c.with(t)
		c.branch(repo, "agent/draft", "main")
		a := c.clean("create_pull_request", args(repo, `,"title":"Later","head":"agent/draft","base":"main","draft":true`))
		if got := c.pull(repo, a.Fields["number"]); !got.Draft || got.Title != "WIP: Later" || a.Fields["draft"] != true {
			t.Errorf("%+v %s", got, a.All)
		}
		c.branch(repo, "agent/draft2", "main")
		a = c.clean("create_pull_request", args(repo, `,"title":"[wip] Later","head":"agent/draft2","base":"main","draft":true`))
		if got := c.pull(repo, a.Fields["number"]); !got.Draft || got.Title != "[wip] Later" {
			t.Errorf("%+v", got)
		}
		c.refused("invalid_arguments", "create_pull_request", args(repo, `,"title":"`+strings.Repeat("x", 252)+`","head":"agent/draft","base":"main","draft":true`))
	})
	t.Run("from a fork", func(t *testing.T) {
		c := c.with(t)
		head := c.branch("writer/sandbox", "agent/fork", "main")
		a := c.clean("create_pull_request", args(repo, `,"title":"Fork","head":"Writer:agent/fork","base":"main"`))
		got := c.pull(repo, a.Fields["number"])
		if got.Head.RepoID != w.WriterFork.ID || got.Head.SHA != head || a.Fields["head_repository"] != "writer/sandbox" {
			t.Errorf("%+v %s", got, a.All)
		}
		entries := c.d.Entries()
		if last := entries[len(entries)-1]; last["second"] != "writer/sandbox" || last["written"] != 1.0 {
			t.Error(last)
		}
	})
	t.Run("heads and bases that are none", func(t *testing.T) {
		c := c.with(t)
		head := c.branch(repo, "agent/y", "main")
		c.keeper("POST", "/repos/"+repo+"/tags", map[string]any{"tag_name": "v9", "target": "agent/y"}, nil)
		for _, row := range []struct{ code, head, base string }{
			{"not_found", "nope", "main"}, {"not_found", "agent/y", "nope"}, {"not_found", "v9", "main"}, {"not_found", "agent/y", "v9"},
			{"not_found", "writer:nope", "main"}, {"not_found", "outsider:main", "main"}, {"not_found", "AGENT/Y", "main"},
			{"not_found", "forker:main", "main"}, {"not_found", strings.Repeat("x", 250), "main"},
			{"invalid_arguments", "acme/hr-people:main", "main"}, {"invalid_arguments", "writer/sandbox:main", "main"},
			{"invalid_arguments", "refs/heads/agent/y", "main"}, {"invalid_arguments", "agent/y", "refs/heads/main"}, {"invalid_arguments", head, "main"},
			{"invalid_arguments", "agent/y", head}, {"invalid_arguments", "agent/y^", "main"}, {"invalid_arguments", "a:b:c", "main"}, {"invalid_arguments", ":main", "main"},
			{"invalid_arguments", "main..agent/y", "main"}, {"invalid_arguments", "HEAD", "main"},
			{"conflict", "main", "main"}, {"conflict", "acme:main", "main"},
		} {
			c.refused(row.code, "create_pull_request", args(repo, fmt.Sprintf(`,"title":"x","head":%s,"base":%s`, text(row.head), text(row.base))))
		}
		c.keeper("POST", "/repos/"+repo+"/branches", map[string]any{"new_branch_name": "agent/same", "old_ref_name": "main"}, nil)
		c.refused("conflict", "create_pull_request", args(repo, `,"title":"x","head":"agent/same","base":"main"`))
		c.refused("invalid_arguments", "create_pull_request", args(repo, `,"title":" ","head":"agent/y","base":"main"`))
		c.refused("not_found", "create_pull_request", args(repo, `,"title":"x","head":"agent/y","base":"main","labels":["nope"]`))
		c.refused("not_found", "create_pull_request", args(repo, `,"title":"x","head":"agent/y","base":"main","milestone":"nope"`))
		c.refused("not_found", "create_pull_request", args(repo, `,"title":"x","head":"agent/y","base":"main","assignees":["outsider"]`))
	})
	t.Run("what fewer see does not go to what more see", func(t *testing.T) {
		c := c.with(t)
		c.keeper("POST", "/repos/"+public+"/forks", map[string]any{"organization": "guild"}, nil)
		c.branch("guild/noticeboard", "agent/limited", "main")
		fresh := newScene(t, s, allowing, w.Noticeboard) // which has read nothing
		a := fresh.refused("flow_denied", "create_pull_request", args(public, `,"title":"x","head":"guild:agent/limited","base":"main"`))
		if !strings.Contains(a.All, "guild/noticeboard") {
			t.Error(a.All)
		}
		hiding := newScene(t, s, allowing+"  \"guild/*\": {read: deny}\n", w.Noticeboard)
		hiding.refused("policy_denied", "create_pull_request", args(public, `,"title":"x","head":"guild:agent/limited","base":"main"`))
		loose := newScene(t, s, allowing+"flow: {private_to_public: allow}\n", w.Noticeboard)
		loose.clean("create_pull_request", args(public, `,"title":"x","head":"guild:agent/limited","base":"main"`))
	})
	t.Run("an owner has several forks", func(t *testing.T) {
		// Of the owner alone Gitea takes the fork of the line's beginning; the one
		// that was decided on has the target's name.
		c := c.with(t)
		const origin, middle = "acme/playground", "guild/middle"
		c.keeper("POST", "/repos/"+origin+"/forks", map[string]any{"organization": "guild", "name": "middle"}, nil)
		c.keeper("PUT", "/repos/"+middle+"/collaborators/writer", map[string]any{"permission": "write"}, nil)
		c.keeper("POST", "/repos/"+origin+"/forks", map[string]any{"organization": "second", "name": "other"}, nil)
		c.keeper("POST", "/repos/"+middle+"/forks", map[string]any{"organization": "second", "name": "middle"}, nil)
		c.keeper("PUT", "/repos/second/middle/collaborators/writer", map[string]any{"permission": "read"}, nil)
		c.branch("second/other", "agent/many", "main")
		head := c.branch("second/middle", "agent/many", "main")
		target := newScene(t, s, allowing, giteatest.Repo{FullName: middle})
		a := target.clean("create_pull_request", args(middle, `,"title":"x","head":"second:agent/many","base":"main"`))
		if a.Fields["head_commit"] != head || a.Fields["head_repository"] != "second/middle" {
			t.Error(a.All)
		}
	})
	t.Run("the branch moves meanwhile", func(t *testing.T) {
		c := c.with(t)
		c.branch(repo, "agent/moving", "main")
		d, proxy := between(t, s, allowing, "/branches/agent/moving", 2, func() { c.commit(repo, "agent/moving") }, w.Sandbox)
		if a := d.Ask("create_pull_request", args(repo, `,"title":"x","head":"agent/moving","base":"main"`)); a.Code != "conflict" || len(changes(proxy)) != 0 {
			t.Error(a.All)
		}
		// In the last gap it can't be seen before; it is told.
		d, _ = between(t, s, allowing, "/repos/"+repo, 2, func() { c.commit(repo, "agent/moving") }, w.Sandbox)
		if a := d.Ask("create_pull_request", args(repo, `,"title":"x","head":"agent/moving","base":"main"`)); a.IsError || !strings.Contains(fmt.Sprint(a.Fields["note"]), "another commit") {
			t.Error(a.All)
		}
	})
	t.Run("one is changed, and neither its base nor its head", func(t *testing.T) {
		c := c.with(t)
		c.branch(repo, "agent/change", "main")
		opened := c.clean("create_pull_request", args(repo, `,"title":"before","head":"agent/change","base":"main","labels":["bug"],"milestone":"v1","assignees":["colleague"]`))
		number := fmt.Sprintf(`,"number":%v`, opened.Fields["number"])
		before := c.pull(repo, opened.Fields["number"])
		c.clean("update_pull_request", args(repo, number+`,"title":"after","body":"text","labels":["help"],"assignees":["writer"],"state":"closed"`))
		got := c.pull(repo, opened.Fields["number"])
		if got.Title != "after" || got.Body != "text" || got.State != "closed" || len(got.Labels) != 1 || got.Labels[0] == before.Labels[0] || len(got.Assignees) != 1 || got.Milestone == nil || got.Base.Ref != "main" || got.Head.Ref != "agent/change" {
			t.Errorf("%+v", got)
		}
		c.clean("update_pull_request", args(repo, number+`,"clear":["milestone","labels","assignees","body"],"state":"open"`)) // two requests
		if got := c.pull(repo, opened.Fields["number"]); got.Milestone != nil || len(got.Labels) != 0 || len(got.Assignees) != 0 || got.Body != "" || got.State != "open" {
			t.Errorf("%+v", got)
		}
		c.clean("update_pull_request", args(repo, number+`,"milestone":"v1"`))
		c.clean("update_pull_request", args(repo, number+`,"clear":["milestone"]`))
		if got := c.pull(repo, opened.Fields["number"]); got.Milestone != nil {
			t.Errorf("%+v", got)
		}
		for _, more := range []string{`,"base":"agent/y"`, `,"title":"x","base":"agent/y"`, `,"title":"x","Base":"agent/y"`, `,"allow_maintainer_edit":true`, ``, `,"title":" "`, `,"due_date":"2031-01-01T00:00:00Z"`} {
			c.refused("invalid_arguments", "update_pull_request", args(repo, number+more))
		}
		c.refused("not_found", "update_pull_request", args(repo, number+`,"title":"x","assignees":["outsider"]`))
		c.refused("not_found", "update_pull_request", args(repo, number+`,"title":"x","labels":["nope"]`))
		c.refused("not_found", "update_pull_request", args(repo, `,"number":1,"title":"x"`)) // an issue
		if got := c.pull(repo, opened.Fields["number"]); got.Title != "after" || got.Base.Ref != "main" {
			t.Errorf("%+v", got)
		}
	})
	t.Run("changed between two requests", func(t *testing.T) {
		c := c.with(t)
		c.branch(repo, "agent/twice", "main")
		opened := c.clean("create_pull_request", args(repo, `,"title":"before","head":"agent/twice","base":"main","milestone":"v1"`))
		path := fmt.Sprintf("/repos/%s/pulls/%v", repo, opened.Fields["number"])
		d, proxy := between(t, s, allowing, path, 3, func() { c.keeper("PATCH", path, map[string]any{"body": "theirs"}, nil) }, w.Sandbox)
		a := d.Ask("update_pull_request", args(repo, fmt.Sprintf(`,"number":%v,"title":"ours","clear":["milestone"]`, opened.Fields["number"])))
		if a.Code != "conflict" || !strings.Contains(a.All, "1 were carried out (the milestone)") || strings.Contains(a.All, "nothing was") || len(changes(proxy)) != 1 {
			t.Error(a.All)
		}
		if got := c.pull(repo, opened.Fields["number"]); got.Title != "before" || got.Body != "theirs" || got.Milestone != nil {
			t.Errorf("%+v", got)
		}
	})
	t.Run("what is merged stays so", func(t *testing.T) {
		c := c.with(t)
		c.branch(repo, "agent/merged", "main")
		opened := c.clean("create_pull_request", args(repo, `,"title":"before","head":"agent/merged","base":"main"`))
		if err := s.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		answer, err := c.s.As(w.Keeper.Token).Do(t.Context(), "POST", fmt.Sprintf("/repos/%s/pulls/%v/merge", repo, opened.Fields["number"]), map[string]any{"Do": "merge"})
		if err != nil || answer.Status != 200 {
			t.Fatal(err, answer.Status, string(answer.Body))
		}
		number := fmt.Sprintf(`,"number":%v`, opened.Fields["number"])
		c.refused("conflict", "update_pull_request", args(repo, number+`,"title":"x","state":"closed"`))
		c.clean("update_pull_request", args(repo, number+`,"title":"merged"`))
	})
}

// TestReviews drives the tool that reviews.
func TestReviews(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	s := giteatest.StartNew(t)
	w := s.World
	const repo = "acme/playground"
	c := newScene(t, s, allowing, w.Playground)
	open := func(t *testing.T, u giteatest.User, branch string) (number int64, head string) {
		t.Helper()
		c := c.with(t)
		head = c.branch(repo, branch, "main", "README.md", "docs/new.md", ".gitea/workflows/x.yml")
		var pull issue
		c.as(u, "POST", "/repos/"+repo+"/pulls", map[string]any{"title": branch, "head": branch, "base": "main"}, &pull)
		return pull.Number, head
	}
	reviews := func(t *testing.T, number int64) (all []struct {
		ID       int64
		State    string
		CommitID string `json:"commit_id"`
		Count    int    `json:"comments_count"`
	}) {
		t.Helper()
		c.with(t).as(w.Writer, "GET", fmt.Sprintf("/repos/%s/pulls/%d/reviews", repo, number), nil, &all)
		return all
	}

	t.Run("with comments on lines", func(t *testing.T) {
		c := c.with(t)
		number, head := open(t, w.Colleague, "agent/a")
		more := fmt.Sprintf(`,"number":%d,"event":"request_changes","body":"Please.","comments":[{"path":"README.md","line":2,"body":"new"},{"path":"README.md","line":1,"side":"old","body":"old"},{"path":".gitea/workflows/x.yml","line":1,"body":"ci"}]`, number)
		dry := c.do("create_pull_request_review", args(repo, more+`,"dry_run":true`))
		if len(reviews(t, number)) != 0 || !strings.Contains(dry.All, `"head_commit":"`+head+`"`) {
			t.Error(dry.All)
		}
		a := c.clean("create_pull_request_review", args(repo, more))
		got := reviews(t, number)
		if len(got) != 1 || got[0].State != "REQUEST_CHANGES" || got[0].CommitID != head || got[0].Count != 3 || a.Fields["state"] != "request_changes" || a.Fields["comments"] != 3.0 {
			t.Errorf("%+v %s", got, a.All)
		}
		var comments []struct {
			Path     string
			Body     string
			Position int `json:"position"`
			Original int `json:"original_position"`
		}
		c.keeper("GET", fmt.Sprintf("/repos/%s/pulls/%d/reviews/%d/comments", repo, number, got[0].ID), nil, &comments)
		for _, each := range comments {
			if want := map[string][2]int{"new": {2, 0}, "old": {0, 1}, "ci": {1, 0}}[each.Body]; want != [2]int{each.Position, each.Original} {
				t.Errorf("%+v", each)
			}
		}
		c.clean("create_pull_request_review", args(repo, fmt.Sprintf(`,"number":%d,"event":"comment","body":"And."`, number)))
	})
	t.Run("never approves", func(t *testing.T) {
		c := c.with(t)
		number, _ := open(t, w.Colleague, "agent/b")
		for _, event := range []string{"approve", "APPROVED", "approved", "APPROVE", "pending", "PENDING", "", "COMMENT", "dismiss"} {
			c.refused("invalid_arguments", "create_pull_request_review", args(repo, fmt.Sprintf(`,"number":%d,"event":%q,"body":"x"`, number, event)))
		}
		for _, more := range []string{``, `,"body":" "`, `,"body":"x","commit_id":"` + w.Playground.Head + `"`, `,"body":"x","comments":[{"path":"README.md","line":0,"body":"x"}]`,
			`,"body":"x","comments":[{"path":"../README.md","line":1,"body":"x"}]`, `,"body":"x","comments":[{"path":"README.md","line":1,"body":" "}]`,
			`,"body":"x","comments":[{"path":"README.md","line":1,"body":"x","side":"both"}]`, `,"body":"x","comments":[{"path":"README.md","line":1,"body":"x","new_position":1}]`} {
			c.refused("invalid_arguments", "create_pull_request_review", args(repo, fmt.Sprintf(`,"number":%d,"event":"comment"%s`, number, more)))
		}
		if got := reviews(t, number); len(got) != 0 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("one's own, closed ones and issues", func(t *testing.T) {
		c := c.with(t)
		own, _ := open(t, w.Writer, "agent/c")
		c.refused("conflict", "create_pull_request_review", args(repo, fmt.Sprintf(`,"number":%d,"event":"request_changes","body":"x"`, own)))
		c.clean("create_pull_request_review", args(repo, fmt.Sprintf(`,"number":%d,"event":"comment","body":"x"`, own)))
		closed, _ := open(t, w.Colleague, "agent/d")
		c.keeper("PATCH", fmt.Sprintf("/repos/%s/pulls/%d", repo, closed), map[string]any{"state": "closed"}, nil)
		c.refused("conflict", "create_pull_request_review", args(repo, fmt.Sprintf(`,"number":%d,"event":"request_changes","body":"x","comments":[{"path":"README.md","line":1,"body":"x"}]`, closed)))
		if got := reviews(t, closed); len(got) != 0 {
			t.Errorf("%+v", got) // Gitea would have kept the comment
		}
		c.clean("create_pull_request_review", args(repo, fmt.Sprintf(`,"number":%d,"event":"comment","body":"x"`, closed)))
		c.refused("not_found", "create_pull_request_review", args(repo, `,"number":1,"event":"comment","body":"x"`))
	})
	t.Run("files that it does not change, or that policy hides", func(t *testing.T) {
		c := c.with(t)
		number, _ := open(t, w.Colleague, "agent/e")
		comment := func(path, side string) string {
			return args(repo, fmt.Sprintf(`,"number":%d,"event":"comment","body":"x","comments":[{"path":"README.md","line":1,"body":"x"},{"path":%q,"line":1,"side":%q,"body":"x"}]`, number, path, side))
		}
		c.refused("not_found", "create_pull_request_review", comment("docs/page.md", "new"))
		c.refused("not_found", "create_pull_request_review", comment("nope", "new"))
		c.refused("not_found", "create_pull_request_review", comment("docs/new.md", "old"))
		hiding := newScene(t, s, allowing+"paths: {deny: [\"docs/**\"]}\n", w.Playground)
		for _, path := range []string{"docs/new.md", "docs/page.md", "docs/nope"} { // there, not changed, not there: the same
			hiding.refused("path_denied", "create_pull_request_review", comment(path, "new"))
		}
		if got := reviews(t, number); len(got) != 0 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a review that is not submitted stays so", func(t *testing.T) {
		c := c.with(t)
		number, _ := open(t, w.Colleague, "agent/f")
		pending := map[string]any{"body": "not yet", "comments": []any{map[string]any{"path": "README.md", "body": "a private note", "new_position": 1}}}
		path := fmt.Sprintf("/repos/%s/pulls/%d/reviews", repo, number)
		c.as(w.Writer, "POST", path, pending, nil)
		c.refused("conflict", "create_pull_request_review", args(repo, fmt.Sprintf(`,"number":%d,"event":"comment","body":"x"`, number)))
		if got := reviews(t, number); len(got) != 1 || got[0].State != "PENDING" {
			t.Errorf("%+v", got)
		}
		other, _ := open(t, w.Colleague, "agent/g")
		c.as(w.Colleague, "POST", fmt.Sprintf("/repos/%s/pulls/%d/reviews", repo, other), pending, nil)
		c.clean("create_pull_request_review", args(repo, fmt.Sprintf(`,"number":%d,"event":"comment","body":"x"`, other))) // somebody else's
		late, _ := open(t, w.Colleague, "agent/h")
		d, proxy := between(t, s, allowing, fmt.Sprintf("/pulls/%d/reviews", late), 2, func() {
			c.as(w.Writer, "POST", fmt.Sprintf("/repos/%s/pulls/%d/reviews", repo, late), pending, nil)
		}, w.Playground)
		if a := d.Ask("create_pull_request_review", args(repo, fmt.Sprintf(`,"number":%d,"event":"comment","body":"x"`, late))); a.Code != "conflict" || len(changes(proxy)) != 0 {
			t.Error(a.All)
		}
	})
	t.Run("the branch moves meanwhile", func(t *testing.T) {
		c := c.with(t)
		number, _ := open(t, w.Colleague, "agent/i")
		d, proxy := between(t, s, allowing, fmt.Sprintf("/pulls/%d", number), 2, func() {
			c.commit(repo, "agent/i")
			if err := s.Settle(t.Context()); err != nil {
				t.Error(err)
			}
		}, w.Playground)
		if a := d.Ask("create_pull_request_review", args(repo, fmt.Sprintf(`,"number":%d,"event":"comment","body":"x"`, number))); a.Code != "conflict" || len(changes(proxy)) != 0 {
			t.Error(a.All)
		}
	})
}
