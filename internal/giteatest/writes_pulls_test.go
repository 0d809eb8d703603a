package giteatest

import (
	"strings"
	"testing"
)

func TestGitea_WritingPullRequests(t *testing.T) {
	t.Parallel()
	s := StartNew(t)
	w := s.World
	p := pen{t, s, s.As(w.Writer.Token)}
	const public, private = "/repos/acme/noticeboard", "/repos/acme/ledger"
	for _, name := range []string{"one", "two"} {
		status, r := p.send("POST", public+"/contents", object{"branch": "main", "new_branch": name, "message": name, "files": []any{change("create", name+".txt", "1\n2\n")}})
		if status != 201 {
			t.Fatalf("%d %s", status, r.text("message"))
		}
	}
	open := func(t *testing.T, head, base string, more ...string) (int, reply) {
		body := object{"title": "x", "head": head, "base": base}
		for i := 0; i < len(more); i += 2 {
			body[more[i]] = more[i+1]
		}
		return p.in(t).send("POST", public+"/pulls", body)
	}

	t.Run("any readable repository is a head", func(t *testing.T) {
		if got := p.in(t).as("").status("GET", private, nil); got != 404 {
			t.Fatalf("the ledger is not private: %d", got)
		}
		status, r := open(t, "acme/ledger:main", "main")
		if status != 201 || r.text("head", "repo_id") == r.text("base", "repo_id") {
			t.Fatalf("%d %s, head %s", status, r.text("message"), r.text("head", "repo_id"))
		}
		text, _ := p.in(t).as("").file("acme/noticeboard", r.text("head", "sha"), "README.md")
		if text != "# acme/ledger\n" {
			t.Errorf("nobody reads %q of the private repository in the public one", text)
		}
	})

	t.Run("heads and bases", func(t *testing.T) {
		main := p.in(t).tip("acme/noticeboard", "main")
		for _, row := range []struct {
			head, base string
			status     int
		}{
			{"one", "main", 201}, {"one", "main", 409}, {"refs/heads/one", "refs/heads/main", 409}, {"ACME:one", "main", 409}, {"acme/Noticeboard:one", "main", 409},
			{main, "main", 422}, {"one", main, 422}, {"main", "main", 422}, {"nope", "main", 404}, {"one", "nope", 404}, {"one", "main..two", 404}, {"one", "acme:main", 404},
			{"outsider:main", "main", 400}, {"nobody-here:main", "main", 404}, {"acme/hr-people:main", "main", 404}, {"acme/renamed-old:main", "main", 404}, {"oldorg:main", "main", 404},
			{"main", "two", 201}, // nothing to merge
		} {
			if got, r := open(t, row.head, row.base); got != row.status {
				t.Errorf("%s into %s: %d %s, want %d", row.head, row.base, got, r.text("message"), row.status)
			}
		}
		if got := p.in(t).status("POST", "/repos/acme/sandbox/pulls", object{"title": "x", "head": "writer:main", "base": "main"}); got != 201 {
			t.Errorf("owner:branch of one's own fork: %d", got)
		}
	})

	t.Run("edits", func(t *testing.T) {
		p := p.in(t)
		_, r := open(t, "two", "main", "title", "WIP: x")
		if r.text("draft") != "true" || r.text("content_version") != "0" {
			t.Errorf("draft %s, version %s", r.text("draft"), r.text("content_version"))
		}
		pull := public + "/pulls/" + r.text("number")
		milestone := p.must("POST", public+"/milestones", object{"title": "m"})["id"]
		for _, row := range []struct {
			body         object
			status       int
			member, want string
		}{
			{object{"body": "1", "content_version": 0}, 201, "content_version", "1"},
			{object{"body": "2", "content_version": 0}, 409, "body", "1"},
			{object{"title": "partial", "base": "nope"}, 404, "title", "partial"},
			{object{"title": "partial too", "assignees": []any{"nobody-here"}}, 422, "title", "partial too"},
			{object{"title": "draft", "draft": true}, 201, "draft", "false"},
		} {
			status, _ := p.send("PATCH", pull, row.body)
			if got := p.must("GET", pull, nil).text(row.member); status != row.status || got != row.want {
				t.Errorf("%v: %d, %s is %q, want %d %q", row.body, status, row.member, got, row.status, row.want)
			}
		}
		if got := p.must("PATCH", pull, object{"base": "one"}).text("base", "ref"); got != "one" {
			t.Errorf("a changed base is %q", got)
		}
		p.must("PATCH", pull, object{"milestone": milestone})
		p.must("PATCH", pull, object{"milestone": 0})
		if p.must("GET", pull, nil).text("milestone", "title") != "m" {
			t.Error("0 clears a pull request's milestone")
		}
		p.must("PATCH", strings.Replace(pull, "/pulls/", "/issues/", 1), object{"milestone": 0, "title": "as an issue"})
		if now := p.must("GET", pull, nil); now.text("milestone", "title") != "" || now.text("title") != "as an issue" {
			t.Error("issues/N does not edit pull requests")
		}
	})

	t.Run("reviews", func(t *testing.T) {
		p := p.in(t)
		mine := public + "/pulls/" + func() string { _, r := open(t, "two", "main"); return r.text("number") }()
		theirs := p.as(w.Colleague.Token).must("POST", public+"/pulls", object{"title": "x", "head": "one", "base": "two"}).text("number")
		reviews := public + "/pulls/" + theirs + "/reviews"
		comment := func(path, body string) object { return object{"path": path, "body": body, "new_position": 1} }
		for _, row := range []struct {
			what, path string
			body       object
			status     int
			state      string
		}{
			{"comment on one's own", mine + "/reviews", object{"event": "COMMENT", "body": "x"}, 200, "COMMENT"},
			{"reject one's own", mine + "/reviews", object{"event": "REQUEST_CHANGES", "body": "x"}, 422, ""},
			{"nothing to say", reviews, object{"event": "COMMENT"}, 422, ""},
			{"reject without a word", reviews, object{"event": "REQUEST_CHANGES"}, 422, ""},
			{"an event that is none", reviews, object{"event": "APPROVE", "body": "x"}, 200, "PENDING"},
			{"no event", reviews, object{"body": "x", "comments": []any{comment("one.txt", "a human's draft")}}, 200, "PENDING"},
		} {
			status, r := p.send("POST", row.path, row.body)
			if status != row.status || r.text("state") != row.state {
				t.Errorf("%s: %d %s %s, want %d %s", row.what, status, r.text("state"), r.text("message"), row.status, row.state)
			}
		}
		if r := p.must("POST", reviews, object{"event": "COMMENT", "body": "ours"}); r.text("comments_count") != "1" {
			t.Errorf("a review publishes %s comments of the pending one, want 1", r.text("comments_count"))
		}
		status := p.status("POST", reviews, object{"event": "COMMENT", "body": "x", "comments": []any{comment("nope.txt", "kept, though no such file"),
			object{"path": "one.txt", "body": "beyond the end", "new_position": 999}}})
		left := p.list(reviews)
		if last := left[len(left)-1]; status != 500 || last.text("state") != "PENDING" || last.text("comments_count") == "0" {
			t.Errorf("a review with a bad comment: %d, and leaves %v", status, last)
		}
	})
}
