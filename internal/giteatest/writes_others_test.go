package giteatest

import (
	"strings"
	"testing"
)

func TestGitea_WritingReleasesWikisAndRuns(t *testing.T) {
	t.Parallel()
	s := StartNew(t)
	p := pen{t, s, s.As(s.World.Writer.Token)}
	keeper := p.as(s.World.Keeper.Token)
	const repo = "/repos/acme/sandbox"
	first := p.tip("acme/sandbox", "main")
	_, r := p.commit("acme/sandbox", "main", "second", change("create", "second.txt", "x"))
	second := r.text("commit", "sha")
	tag := func(t *testing.T, name string) string {
		_, r := p.in(t).send("GET", repo+"/tags/"+name, nil)
		return r.text("commit", "sha")
	}

	t.Run("a release makes its tag", func(t *testing.T) {
		p := p.in(t)
		keeper.in(t).must("POST", repo+"/tags", object{"tag_name": "Old", "target": first})
		keeper.in(t).must("POST", repo+"/tag_protections", object{"name_pattern": "kept*", "whitelist_usernames": []any{"keeper"}})
		for _, row := range []struct {
			name, target string
			status       int
			tag, commit  string
		}{
			{"v1", "", 201, "v1", second}, {"v1", "", 409, "v1", second}, {"v2", first, 201, "v2", first}, {"v3", "main~1", 201, "v3", first},
			{"v4", "nope", 404, "v4", ""}, {"old", "main", 201, "Old", first}, {"kept1", "", 422, "kept1", ""}, {"a b", "", 500, "a%20b", ""}, {"HEAD", "", 201, "HEAD", second}, {first, second, 201, first, second},
		} {
			status, _ := p.send("POST", repo+"/releases", object{"tag_name": row.name, "target_commitish": row.target})
			if got := tag(t, row.tag); status != row.status || got != row.commit {
				t.Errorf("%s at %q: %d, tag %s at %q, want %d, %q", row.name, row.target, status, row.tag, got, row.status, row.commit)
			}
		}
	})

	t.Run("edits of a release", func(t *testing.T) {
		p := p.in(t)
		draft := p.must("POST", repo+"/releases", object{"tag_name": "d1", "target_commitish": "nowhere", "draft": true, "name": "draft", "body": "text"}).text("id")
		path := repo + "/releases/" + draft
		if tag(t, "d1") != "" {
			t.Error("a draft makes a tag")
		}
		if got := p.as(s.World.Reader.Token).status("GET", path, nil); got != 404 {
			t.Errorf("a reader's GET of a draft: %d, want 404", got)
		}
		if got := p.status("GET", "/repos/acme/playground/releases/"+draft, nil); got != 404 {
			t.Errorf("another repository's release: %d, want 404", got)
		}
		if got := p.status("PATCH", path, object{"draft": false}); got != 500 {
			t.Errorf("publishing at a target that is none: %d, want 500", got)
		}
		p.must("PATCH", path, object{"draft": false, "target_commitish": first, "name": "", "body": ""})
		if r := p.must("GET", path, nil); tag(t, "d1") != first || r.text("name") != "draft" || r.text("body") != "text" {
			t.Errorf("published: tag at %q, %v", tag(t, "d1"), r)
		}
		p.must("PATCH", path, object{"tag_name": "d2"})
		if tag(t, "d1") != first || tag(t, "d2") != first {
			t.Errorf("another tag_name: d1 at %q, d2 at %q", tag(t, "d1"), tag(t, "d2"))
		}
	})

	t.Run("wiki pages have no guard", func(t *testing.T) {
		p := p.in(t)
		page := func(name string) string {
			_, r := p.send("GET", repo+"/wiki/page/"+name, nil)
			return r.text("content_base64")
		}
		write := func(method, path, title, content string) int {
			body := object{"content_base64": []byte(content)}
			if title != "" {
				body["title"] = title
			}
			return p.status(method, repo+"/wiki/"+path, body)
		}
		if got := p.status("GET", repo+"/wiki/pages", nil); got != 404 {
			t.Errorf("the pages of no wiki: %d", got)
		}
		for _, row := range []struct {
			method, path, title, content string
			status                       int
			page, want                   string
		}{
			{"POST", "new", "Home", "aaa", 201, "Home", "YWFh"},
			{"POST", "new", "Home", "bbb", 400, "Home", "YWFh"},
			{"POST", "new", "Two Words", "bbb", 201, "Two-Words", "YmJi"},
			{"POST", "new", "_new", "bbb", 400, "_new", ""},
			{"PATCH", "page/Home", "Home", "ccc", 200, "Home", "Y2Nj"},
			{"PATCH", "page/None", "None", "ddd", 200, "None", "ZGRk"},            // made
			{"PATCH", "page/None", "Home", "eee", 200, "Home", "ZWVl"},            // overwritten
			{"PATCH", "page/Two-Words", "Two-Words", "fff", 200, "Two-Words", ""}, // renamed: a title is no path
			{"PATCH", "page/Home", "", "ggg", 200, "unnamed", "Z2dn"},             // renamed
		} {
			if status := write(row.method, row.path, row.title, row.content); status != row.status || page(row.page) != row.want {
				t.Errorf("%s %s %q: %d, %s holds %q, want %d %q", row.method, row.path, row.title, status, row.page, page(row.page), row.status, row.want)
			}
		}
		if page("Home") != "" || page("None") != "" {
			t.Error("pages that were renamed are still there")
		}
	})

	t.Run("what a dispatch runs", func(t *testing.T) {
		p := p.in(t)
		keeper.in(t).must("POST", repo+"/tags", object{"tag_name": "run", "target": first})
		const docs = repo + "/actions/workflows/docs.yml/dispatches?return_run_details=true"
		for _, row := range []struct {
			ref, commit string
			status      int
		}{
			{"main", second, 200}, {"refs/heads/main", second, 200}, {"refs/tags/run", first, 200}, {"main~1", first, 200}, {"run", "", 404}, {second, "", 404}, {"nope", "", 404}, {"", "", 422},
		} {
			status, r := p.send("POST", docs, object{"ref": row.ref, "inputs": object{"unknown": "x"}})
			if status != row.status {
				t.Errorf("%q: %d %s, want %d", row.ref, status, r.text("message"), row.status)
			} else if status == 200 {
				run := repo + "/actions/runs/" + r.text("workflow_run_id")
				if got := p.must("GET", run, nil).text("head_sha"); got != row.commit {
					t.Errorf("%q runs %s, want %s", row.ref, got, row.commit)
				}
				if got := p.status("POST", run+"/rerun", nil); got != 400 {
					t.Errorf("a rerun of what waits: %d, want 400", got)
				}
				if got := p.status("POST", strings.Replace(run, "sandbox", "playground", 1)+"/rerun", nil); got != 404 {
					t.Errorf("a rerun in another repository: %d, want 404", got)
				}
			}
		}
		if got := p.status("POST", repo+"/actions/workflows/docs.yml/dispatches", object{"ref": "main"}); got != 204 {
			t.Errorf("without details: %d, want 204", got)
		}
		p.must("PUT", repo+"/actions/workflows/docs.yml/disable", nil)
		if got := p.status("POST", docs, object{"ref": "main"}); got != 403 {
			t.Errorf("a disabled workflow: %d, want 403", got)
		}
	})
}
