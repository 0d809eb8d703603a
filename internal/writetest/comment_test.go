package writetest

import (
	"fmt"
	"strings"
	"testing"

	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

// open opens a door that Writer may write through, to the repositories given.
func open(t *testing.T, s *giteatest.Server, policy string, repos ...giteatest.Repo) *gatetest.Door {
	t.Helper()
	return doorOf(t, s, s.World.Writer.Token, policy, repos...)
}

const allowing = `
version: 1
repositories:
  "*/*": {write: allow, automation: allow}
`

// TestComments drives the tools for comments.
func TestComments(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	s := giteatest.StartNew(t)
	w := s.World
	const repo = "acme/playground"
	c := newScene(t, s, allowing, w.Playground, w.Sandbox)
	var pull issue
	c.branch(repo, "agent/x", "main", "docs/page.md")
	c.keeper("POST", "/repos/"+repo+"/pulls", map[string]any{"title": "A pull", "head": "agent/x", "base": "main"}, &pull)
	comment := func(u giteatest.User, repo string, number int64, body string) (id int64) {
		t.Helper()
		var made struct{ ID int64 }
		c.as(u, "POST", fmt.Sprintf("/repos/%s/issues/%d/comments", repo, number), map[string]any{"body": body}, &made)
		return made.ID
	}
	held := func(t *testing.T, id any) string {
		t.Helper()
		var got struct{ Body string }
		c.with(t).keeper("GET", fmt.Sprintf("/repos/%s/issues/comments/%v", repo, id), nil, &got)
		return got.Body
	}

	t.Run("one is written to an issue and to a pull request", func(t *testing.T) {
		c := c.with(t)
		for number, kind := range map[int64]string{1: "issues", pull.Number: "pulls"} {
			a := c.clean("create_comment", args(repo, fmt.Sprintf(`,"number":%d,"body":"hello\nworld\n"`, number)))
			if got := held(t, a.Fields["comment_id"]); got != "hello\nworld\n" || a.Fields["number"] != float64(number) || !strings.Contains(fmt.Sprint(a.Fields["html_url"]), "/"+kind+"/") {
				t.Errorf("%q %s", got, a.All)
			}
			if read := c.do("list_issue_comments", args(repo, fmt.Sprintf(`,"number":%d`, number))); !strings.Contains(read.All, "hello") {
				t.Error(read.All)
			}
		}
		c.refused("not_found", "create_comment", args(repo, `,"number":9999,"body":"x"`)) // Gitea answers 500
	})
	t.Run("a dry run writes none", func(t *testing.T) {
		c := c.with(t)
		one := c.newIssue(repo, map[string]any{"title": "quiet"})
		a := c.do("create_comment", args(repo, fmt.Sprintf(`,"number":%d,"body":"x","dry_run":true`, one.Number)))
		if read := c.do("list_issue_comments", args(repo, fmt.Sprintf(`,"number":%d`, one.Number))); a.Fields["dry_run"] != true || len(read.Items()) != 0 {
			t.Error(a.All, read.All)
		}
	})
	t.Run("the user's own is changed", func(t *testing.T) {
		c := c.with(t)
		for number, on := range map[int64]string{1: "issue", pull.Number: "pull request"} {
			id := comment(w.Writer, repo, number, "before")
			dry := c.do("edit_comment", args(repo, fmt.Sprintf(`,"comment_id":%d,"body":"after","dry_run":true`, id)))
			if held(t, id) != "before" || !strings.Contains(dry.All, `"on":"`+on+`","number":`+fmt.Sprint(number)) {
				t.Error(dry.All)
			}
			a := c.clean("edit_comment", args(repo, fmt.Sprintf(`,"comment_id":%d,"body":"after"`, id)))
			if held(t, id) != "after" || a.Fields["number"] != float64(number) || a.Fields["comment_id"] != float64(id) {
				t.Error(a.All)
			}
			c.clean("edit_comment", args(repo, fmt.Sprintf(`,"comment_id":%d,"body":"after"`, id)))
		}
	})
	t.Run("a locked issue's is changed by those who may write", func(t *testing.T) {
		c := c.with(t)
		one := c.newIssue(repo, map[string]any{"title": "locked"})
		id := comment(w.Writer, repo, one.Number, "before")
		c.keeper("PUT", fmt.Sprintf("/repos/%s/issues/%d/lock", repo, one.Number), map[string]any{"lock_reason": "Resolved"}, nil)
		c.clean("edit_comment", args(repo, fmt.Sprintf(`,"comment_id":%d,"body":"after"`, id)))
	})
	t.Run("nobody else's is, though Gitea would", func(t *testing.T) {
		c := c.with(t)
		for _, u := range []giteatest.User{w.Keeper, w.Colleague} {
			id := comment(u, repo, 1, "theirs")
			c.refused("gitea_forbidden", "edit_comment", args(repo, fmt.Sprintf(`,"comment_id":%d,"body":"ours"`, id)))
			if held(t, id) != "theirs" {
				t.Error("was changed")
			}
		}
	})
	t.Run("what is no comment, or of another repository", func(t *testing.T) {
		c := c.with(t)
		elsewhere := c.newIssue("acme/sandbox", map[string]any{"title": "elsewhere"})
		c.refused("not_found", "edit_comment", args(repo, fmt.Sprintf(`,"comment_id":%d,"body":"x"`, comment(w.Writer, "acme/sandbox", elsewhere.Number, "elsewhere"))))
		var review struct{ ID int64 }
		c.as(w.Writer, "POST", fmt.Sprintf("/repos/%s/pulls/%d/reviews", repo, pull.Number), map[string]any{
			"event": "COMMENT", "body": "a review", "comments": []any{map[string]any{"path": "docs/page.md", "body": "on code", "new_position": 1}},
		}, &review)
		var events []struct {
			ID   int64
			Type string
			Body string
		}
		c.keeper("GET", fmt.Sprintf("/repos/%s/issues/%d/timeline", repo, pull.Number), nil, &events)
		kinds := map[string]bool{}
		for _, e := range events {
			if e.Type == "comment" {
				continue
			}
			kinds[e.Type] = true
			c.refused("not_found", "edit_comment", args(repo, fmt.Sprintf(`,"comment_id":%d,"body":"x"`, e.ID)))
		}
		var code []struct {
			ID   int64
			Body string
		}
		path := fmt.Sprintf("/repos/%s/pulls/%d/reviews/%d/comments", repo, pull.Number, review.ID)
		c.keeper("GET", path, nil, &code)
		if len(code) != 1 || !kinds["review"] {
			t.Fatal(code, kinds)
		}
		c.refused("not_found", "edit_comment", args(repo, fmt.Sprintf(`,"comment_id":%d,"body":"x"`, code[0].ID)))
		c.keeper("GET", path, nil, &code)
		if code[0].Body != "on code" {
			t.Error("was changed")
		}
	})
	t.Run("changed meanwhile", func(t *testing.T) {
		c := c.with(t)
		id := comment(w.Writer, repo, 1, "before")
		path := fmt.Sprintf("/repos/%s/issues/comments/%d", repo, id)
		d, proxy := between(t, s, allowing, path, 2, func() {
			c.as(w.Writer, "PATCH", path, map[string]any{"body": "by hand"}, nil)
		}, w.Playground)
		if a := d.Ask("edit_comment", args(repo, fmt.Sprintf(`,"comment_id":%d,"body":"ours"`, id))); a.Code != "conflict" || len(changes(proxy)) != 0 || held(t, id) != "by hand" {
			t.Error(a.All)
		}
	})
	t.Run("what was taken out of an answer is not written back", func(t *testing.T) {
		c := c.with(t)
		id := comment(w.Writer, repo, 1, "before")
		c.refused("redaction_marker", "create_comment", args(repo, `,"number":1,"body":"[redacted:x]"`))
		c.refused("redaction_marker", "edit_comment", args(repo, fmt.Sprintf(`,"comment_id":%d,"body":"a\n[redacted:aws-access-token]\n"`, id)))
		c.refused("redaction_marker", "update_issue", args(repo, `,"number":1,"body":"a\n[redacted:aws-access-token]\n"`))
	})
	t.Run("what refers to another repository", func(t *testing.T) {
		c := c.with(t)
		c.refused("not_whitelisted", "create_comment", args(repo, `,"number":1,"body":"see acme/hr-people#1"`))
		c.refused("not_whitelisted", "create_issue", args(repo, `,"title":"see acme/hr-people#1"`))
		c.refused("not_whitelisted", "create_pull_request_review", args(repo, fmt.Sprintf(`,"number":%d,"event":"comment","body":"x","comments":[{"path":"docs/page.md","line":1,"body":"acme/hr-people#1"}]`, pull.Number)))
		c.clean("create_comment", args(repo, `,"number":1,"body":"see `+"`acme/hr-people#1`"+` and #1"`))
	})
}
