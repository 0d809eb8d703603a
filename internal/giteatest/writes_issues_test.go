package giteatest

import (
	"slices"
	"strings"
	"testing"
)

func TestGitea_WritingIssues(t *testing.T) {
	t.Parallel()
	s := StartNew(t)
	w := s.World
	p := pen{t, s, s.As(w.Writer.Token)}
	keeper := p.as(w.Keeper.Token)
	const repo, other = "/repos/acme/sandbox", "/repos/acme/playground"
	foreign := keeper.must("POST", other+"/labels", object{"name": "foreign", "color": "#00ff00"})["id"]
	milestone := keeper.must("POST", other+"/milestones", object{"title": "Theirs"})["id"]

	t.Run("what an issue can't have is dropped or refused", func(t *testing.T) {
		p := p.in(t)
		for what, row := range map[string]struct {
			body   object
			status int
		}{
			"a label of another repository":     {object{"title": "x", "labels": []any{foreign}}, 201},
			"a label that is none":              {object{"title": "x", "labels": []any{99999}}, 201},
			"a label's name":                    {object{"title": "x", "labels": []any{"bug"}}, 422},
			"a milestone of another repository": {object{"title": "x", "milestone": milestone}, 201},
			"an assignee that is none":          {object{"title": "x", "assignees": []any{"nobody-here"}}, 422},
			"an assignee without access":        {object{"title": "x", "assignees": []any{"outsider"}}, 422},
			"no title":                          {object{"body": "x"}, 422},
			"a title of blanks":                 {object{"title": "  "}, 201},
			"members in another case":           {object{"TITLE": "x"}, 201},
		} {
			status, r := p.send("POST", repo+"/issues", row.body)
			if status != row.status || len(r.names("labels", "name")) > 0 || r.text("milestone") != "" {
				t.Errorf("%s: %d, want %d: labels %v, milestone %s", what, status, row.status, r["labels"], r.text("milestone"))
			}
		}
		status, r := p.send("POST", repo+"/issues", object{"title": strings.Repeat("x", 256)})
		if status != 201 || !strings.HasSuffix(r.text("title"), "…") {
			t.Errorf("a title of 256 is stored as %q with %d", r.text("title"), status)
		}
		if id := r.text("repository", "id"); id == "" || id == "0" {
			t.Error("the answer does not name its repository's id")
		}
	})

	t.Run("content_version counts bodies", func(t *testing.T) {
		p := p.in(t)
		issue := repo + "/issues/" + p.must("POST", repo+"/issues", object{"title": "one", "body": "one"}).text("number")
		for _, row := range []struct {
			body   object
			status int
			after  string
		}{
			{object{"body": "two", "content_version": 0}, 201, "1"},
			{object{"body": "three", "content_version": 0}, 409, "1"},
			{object{"title": "three", "content_version": 0}, 409, "1"},
			{object{"state": "closed", "content_version": 0}, 409, "1"},
			{object{"title": "two", "content_version": 1}, 201, "1"}, // titles are not counted
			{object{"body": "two", "content_version": 1}, 201, "2"},  // the same again is
			{object{"body": "unguarded"}, 201, "3"},
			{object{"body": ""}, 201, "4"},
			{object{}, 201, "4"},
		} {
			status, r := p.send("PATCH", issue, row.body)
			now := p.must("GET", issue, nil)
			if status != row.status || now.text("content_version") != row.after || now.text("title") == "three" {
				t.Errorf("%v: %d %s, version %s, want %d, version %s", row.body, status, r.text("message"), now.text("content_version"), row.status, row.after)
			}
		}
	})

	t.Run("a failed edit has written what came before", func(t *testing.T) {
		p := p.in(t)
		issue := repo + "/issues/" + p.must("POST", repo+"/issues", object{"title": "before"}).text("number")
		for i, bad := range []object{{"assignees": []any{"nobody-here"}}, {"assignees": []any{"outsider"}}, {"milestone": milestone}} {
			bad["title"] = "written " + string(rune('a'+i))
			if status := p.status("PATCH", issue, bad); status != 500 {
				t.Errorf("%v: %d, want 500", bad, status)
			}
			if now := p.must("GET", issue, nil).text("title"); now != bad["title"] {
				t.Errorf("the title is %q, want %q", now, bad["title"])
			}
		}
	})

	t.Run("lists replace, unknown labels vanish", func(t *testing.T) {
		p := p.in(t)
		issue := repo + "/issues/" + p.must("POST", repo+"/issues", object{"title": "x"}).text("number")
		p.must("PATCH", issue, object{"assignees": []any{"Colleague"}})
		p.must("PATCH", issue, object{"title": "y", "assignees": nil})
		if got := p.must("GET", issue, nil).names("assignees", "login"); !slices.Equal(got, []string{"colleague"}) {
			t.Errorf("null changed the assignees to %v", got)
		}
		if got := p.must("PATCH", issue, object{"assignees": []any{}}).names("assignees", "login"); got != nil {
			t.Errorf("[] leaves %v", got)
		}
		bug := p.list(repo + "/labels")[0]["id"]
		for _, row := range []struct {
			labels []any
			want   []string
		}{
			{[]any{bug}, []string{"bug"}}, {[]any{foreign, bug}, []string{"bug"}}, {[]any{"BUG"}, nil}, {[]any{"bug"}, []string{"bug"}}, {[]any{foreign}, nil},
		} {
			p.must("PUT", issue+"/labels", object{"labels": row.labels})
			if got := p.must("GET", issue, nil).names("labels", "name"); !slices.Equal(got, row.want) {
				t.Errorf("labels %v became %v, want %v", row.labels, got, row.want)
			}
		}
	})

	t.Run("comments belong to their repository", func(t *testing.T) {
		p := p.in(t)
		issue := repo + "/issues/" + p.must("POST", repo+"/issues", object{"title": "x"}).text("number")
		id := p.as(w.Colleague.Token).must("POST", issue+"/comments", object{"body": "mine"}).text("id")
		for path, want := range map[string]int{
			other + "/issues/comments/" + id:       404,
			repo + "/issues/comments/" + id:        200, // a writer edits anybody's
			repo + "/issues/1/comments/" + id:      200, // whatever the number says
			repo + "/issues/comments/" + "9999999": 404,
		} {
			if got := p.status("PATCH", path, object{"body": "changed"}); got != want {
				t.Errorf("PATCH %s: %d, want %d", path, got, want)
			}
		}
		if got := p.must("GET", repo+"/issues/comments/"+id, nil); got.text("user", "login") != "colleague" || got.text("body") != "changed" {
			t.Errorf("the comment is now %v", got)
		}
		if got := p.status("POST", repo+"/issues/99999/comments", object{"body": "x"}); got != 500 {
			t.Errorf("a comment on no issue: %d, want 500", got)
		}
	})

	t.Run("what an archived repository still takes", func(t *testing.T) {
		p := keeper.in(t)
		const archived = "/repos/acme/archived"
		p.must("PATCH", archived, object{"archived": false})
		issue := archived + "/issues/" + p.must("POST", archived+"/issues", object{"title": "x"}).text("number")
		p.must("PATCH", archived, object{"archived": true})
		for _, row := range []struct {
			method, path string
			body         object
			want         int
		}{
			{"POST", archived + "/issues", object{"title": "x"}, 423},
			{"POST", issue + "/comments", object{"body": "x"}, 423},
			{"PATCH", issue, object{"title": "y"}, 201},
			{"PUT", issue + "/labels", object{"labels": []any{}}, 200},
			{"POST", archived + "/labels", object{"name": "x", "color": "#aabbcc"}, 201},
			{"POST", archived + "/milestones", object{"title": "x"}, 201},
			{"POST", archived + "/branches", object{"new_branch_name": "x"}, 423},
			{"POST", archived + "/contents", object{"files": []any{change("create", "x", "x")}}, 423},
			{"POST", archived + "/releases", object{"tag_name": "x"}, 500},
			{"POST", archived + "/wiki/new", object{"title": "x", "content_base64": "eA=="}, 423},
		} {
			if got := p.status(row.method, row.path, row.body); got != row.want {
				t.Errorf("%s %s: %d, want %d", row.method, row.path, got, row.want)
			}
		}
	})

	t.Run("moved repositories redirect writes", func(t *testing.T) {
		for token := range map[string]bool{w.Keeper.Token: true, w.Outsider.Token: true, "": true} {
			p := p.in(t).as(token)
			for _, row := range []struct {
				method, path string
				want         int
			}{
				{"POST", "/repos/acme/renamed-old/issues", 301}, {"PATCH", "/repos/acme/renamed-old/issues/1", 301}, {"PUT", "/repos/acme/renamed-old/issues/1/labels", 301},
				{"POST", "/repos/acme/renamed-old/contents", 301}, {"POST", "/repos/oldorg/moved/issues", 307}, {"PATCH", "/repos/oldorg/moved/issues/1", 307},
			} {
				if got := p.status(row.method, row.path, object{"title": "x"}); got != row.want {
					t.Errorf("%s %s: %d, want %d", row.method, row.path, got, row.want)
				}
			}
		}
	})
}
