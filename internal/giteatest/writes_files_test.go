package giteatest

import (
	"strings"
	"testing"
)

func TestGitea_WritingFilesAndBranches(t *testing.T) {
	t.Parallel()
	s := StartNew(t)
	w := s.World
	p := pen{t, s, s.As(w.Writer.Token)}
	keeper := p.as(w.Keeper.Token)
	const repo = "acme/sandbox"
	const branches = "/repos/" + repo + "/branches"

	t.Run("a file's sha guards it only if it is sent", func(t *testing.T) {
		p := p.in(t)
		p.branch(repo, "sha")
		_, sha := p.file(repo, "sha", "README.md")
		for _, row := range []struct {
			what   string
			files  []object
			status int
			want   string // README.md, after
		}{
			{"wrong sha", []object{change("update", "README.md", "1", "sha", strings.Repeat("1", 40))}, 422, "# sandbox\n"},
			{"sha in capitals", []object{change("update", "README.md", "2", "sha", strings.ToUpper(sha))}, 422, "# sandbox\n"},
			{"a wrong one among good ones", []object{change("create", "new.txt", "x"), change("update", "README.md", "3", "sha", strings.Repeat("1", 40))}, 422, "# sandbox\n"},
			{"create what exists", []object{change("create", "README.md", "4")}, 422, "# sandbox\n"},
			{"update what does not", []object{change("update", "nope.txt", "5", "sha", sha)}, 404, "# sandbox\n"},
			{"delete what does not", []object{change("delete", "nope.txt", "", "sha", sha)}, 404, "# sandbox\n"},
			{"right sha", []object{change("update", "README.md", "6", "sha", sha)}, 201, "6"},
			{"no sha", []object{change("update", "README.md", "7")}, 201, "7"},
			{"upload", []object{change("upload", "README.md", "8")}, 201, "8"},
			{"delete without sha", []object{change("delete", "README.md", "")}, 201, ""},
			{"an operation that is none", []object{change("CREATE", "README.md", "9")}, 500, ""},
		} {
			status, r := p.commit(repo, "sha", row.what, row.files...)
			if got, _ := p.file(repo, "sha", "README.md"); status != row.status || got != row.want {
				t.Errorf("%s: %d %s, want %d; README.md is %q, want %q", row.what, status, r.text("message"), row.status, got, row.want)
			}
		}
		if got, _ := p.file(repo, "sha", "new.txt"); got != "" {
			t.Error("half of a refused request is written")
		}
	})

	// As few pushes as possible: each of them starts Gitea three times, for its hooks.
	t.Run("paths, and what one request does with them", func(t *testing.T) {
		p := p.in(t)
		p.branch(repo, "paths")
		var seed []object
		for _, path := range []string{"from/create", "from/update", "from/rename", "from/upload", "from/delete", "gone", "twice", "back", "away"} {
			seed = append(seed, change("create", path, path))
		}
		if status, r := p.commit(repo, "paths", "seed", seed...); status != 201 {
			t.Fatalf("seed: %d %s", status, r.text("message"))
		}
		_, sha := p.file(repo, "paths", "from/delete")
		status, r := p.commit(repo, "paths", "x",
			change("create", "to/create", "x", "from_path", "from/create"), change("update", "to/update", "x", "from_path", "from/update"),
			change("rename", "to/rename", "", "from_path", "from/rename"), change("upload", "to/upload", "x", "from_path", "from/upload"),
			change("delete", "gone", "", "from_path", "from/delete", "sha", sha), // the other file's sha
			change("create", "b", "1"), change("create", "./b", "2"),
			change("create", "c", "1"), change("create", "c/d", "2"),
			change("update", "twice", "1"), change("update", "twice", "2"),
			change("delete", "back", ""), change("update", "back", "2"),
			change("update", "away", "1"), change("delete", "away", ""),
			change("create", "docs/../e", "2"), change("create", "docs//f", "2"), change("create", "g/", "2"), change("create", "readme.MD", "2"),
			change("create", "*.md", "2"), change("create", `h\i`, "2"), change("create", ".g\u200cit/x", "2"), change("create", ".gitea/workflows/new.yml", "2"),
		)
		if status != 201 {
			t.Fatalf("%d %s", status, r.text("message"))
		}
		for path, want := range map[string]string{
			"from/create": "", "to/create": "x", "from/update": "", "to/update": "x", "from/rename": "", "to/rename": "from/rename", "from/upload": "", "to/upload": "x",
			"gone": "", "from/delete": "from/delete",
			"b": "2", "c/d": "2", "twice": "2", "back": "2", "away": "", // the last one wins
			"e": "2", "docs/f": "2", "g": "2", "readme.MD": "2", "README.md": "# sandbox\n", "*.md": "2", `h\i`: "2", ".g\u200cit/x": "2", ".gitea/workflows/new.yml": "2",
		} {
			if got, _ := p.file(repo, "paths", path); got != want {
				t.Errorf("%q is %q, want %q", path, got, want)
			}
		}
		for path, want := range map[string]int{
			".git/config": 422, "docs/.GIT/x": 422, "git~1/x": 422, ".": 422, "../x": 500, "//x": 500, "-x": 500, "README.md/x": 422, "docs": 422,
		} {
			if got, r := p.commit(repo, "paths", "x", change("create", path, "x")); got != want {
				t.Errorf("%q: %d %s, want %d", path, got, r.text("message"), want)
			}
		}
		if got, _ := p.commit(repo, "paths", "x", change("create", "j", "1"), change("create", "j", "2")); got != 422 {
			t.Errorf("the same new path twice: %d, want 422", got)
		}
	})

	t.Run("links and submodules", func(t *testing.T) {
		p := p.in(t)
		const a = "acme/service-a"
		p.branch(a, "links")
		_, link := p.file(a, "links", w.Files.LinkToReadme)
		_, module := p.file(a, "links", w.Files.Submodule)
		for _, row := range []struct {
			what   string
			file   object
			status int
		}{
			{"update a link", change("update", w.Files.LinkToReadme, "x", "sha", link), 422},
			{"create on a link", change("create", w.Files.LinkToReadme, "x"), 422},
			{"create through a link", change("create", w.Files.LinkToFolder+"/new.txt", "x"), 422},
			{"create in a submodule", change("create", w.Files.Submodule+"/x", "x"), 422},
			{"update a submodule", change("update", w.Files.Submodule, "x", "sha", module), 201},
			{"delete a link", change("delete", w.Files.LinkToReadme, "", "sha", link), 201},
		} {
			if status, r := p.commit(a, "links", row.what, row.file); status != row.status {
				t.Errorf("%s: %d %s, want %d", row.what, status, r.text("message"), row.status)
			}
		}
	})

	t.Run("which branch", func(t *testing.T) {
		p := p.in(t)
		p.branch(repo, "which")
		main := p.tip(repo, "main")
		for branch, want := range map[string]int{"refs/heads/which": 404, "nope": 404, main: 404, "WHICH": 404} {
			if got, _ := p.commit(repo, branch, "x", change("create", "x.txt", "x")); got != want {
				t.Errorf("branch %q: %d, want %d", branch, got, want)
			}
		}
		_, r := p.commit(repo, "", "x", change("create", "default.txt", "x"))
		parents := r["commit"].(map[string]any)["parents"].([]any)
		if len(parents) != 1 || reply(parents[0].(map[string]any)).text("sha") != main {
			t.Errorf("without a branch the parent is %v, want main's tip %s", parents, main)
		}
		before := p.tip(repo, "which")
		if status, _ := p.commit(repo, "which", "nothing"); status != 201 || p.tip(repo, "which") == before {
			t.Errorf("no files: %d, want an empty commit", status)
		}
		for _, row := range []struct {
			force  bool
			status int
		}{{false, 422}, {true, 201}} {
			status := p.status("POST", "/repos/"+repo+"/contents", object{"branch": "main", "new_branch": "which", "force_push": row.force, "files": []any{change("create", "y.txt", "y")}})
			if status != row.status {
				t.Errorf("an existing new_branch, force %v: %d, want %d", row.force, status, row.status)
			}
		}
	})

	t.Run("the first commit chooses the default branch", func(t *testing.T) {
		p := keeper.in(t)
		if status, r := p.commit("acme/empty", "agent/first", "x", change("create", "x.txt", "x")); status != 201 {
			t.Fatalf("%d %s", status, r.text("message"))
		}
		if got := p.must("GET", "/repos/acme/empty", nil).text("default_branch"); got != "agent/first" {
			t.Errorf("the default branch is %q", got)
		}
	})

	t.Run("people and dates are whatever is said", func(t *testing.T) {
		p := p.in(t)
		p.branch(repo, "people")
		who := object{"name": "Boss", "email": "boss@acme.test"}
		r := p.must("POST", "/repos/"+repo+"/contents", object{"branch": "people", "message": "x", "author": who, "committer": who, "signoff": true,
			"dates": object{"author": "2001-01-01T00:00:00Z"}, "files": []any{change("create", "x.txt", "x")}})
		if r.text("commit", "author", "name") != "Boss" || r.text("commit", "author", "date") != "2001-01-01T00:00:00Z" || !strings.Contains(r.text("commit", "message"), "Signed-off-by: Boss") {
			t.Errorf("the commit is %v", r["commit"])
		}
	})

	t.Run("branches", func(t *testing.T) {
		p := p.in(t)
		p.branch(repo, "agent/a")
		keeper.in(t).must("POST", "/repos/"+repo+"/tags", object{"tag_name": "a-tag", "target": "main"})
		keeper.in(t).must("POST", "/repos/"+repo+"/branch_protections", object{"rule_name": "locked/**"})
		for _, row := range []struct {
			name, from string
			status     int
		}{
			{"agent/a", "main", 409}, {"agent", "main", 409}, {"agent/a/b", "main", 409}, {"a-tag", "main", 409}, {"locked/x", "main", 500},
			{"a..b", "main", 422}, {"@", "main", 422}, {strings.Repeat("x", 101), "main", 422}, {"ok", "main~0", 422}, {"ok", "nope", 500}, {"ok", strings.Repeat("1", 40), 500},
			{"HEAD", "main", 201}, {"refs/heads/x", "main", 201}, {"MAIN", p.tip(repo, "main")[:8], 201},
		} {
			if got := p.status("POST", branches, object{"new_branch_name": row.name, "old_ref_name": row.from}); got != row.status {
				t.Errorf("%s from %s: %d, want %d", row.name, row.from, got, row.status)
			}
		}
		if got := p.status("POST", "/repos/"+repo+"/contents", object{"branch": "main", "new_branch": "locked/y", "files": []any{change("create", "y", "y")}}); got != 403 {
			t.Errorf("a commit to a protected branch: %d, want 403", got)
		}
	})

	// Gitea finds the commit and then pushes "ID:refs/heads/new", where git
	// takes ID for a ref's name before it takes it for a commit's.
	t.Run("a ref named like a commit is what a new branch starts from", func(t *testing.T) {
		for _, kind := range []string{"branch", "tag"} {
			repo := map[string]string{"branch": "acme/playground", "tag": "acme/noticeboard"}[kind]
			p := p.in(t)
			p.branch(repo, "elsewhere")
			_, r := p.commit(repo, "elsewhere", "x", change("create", "x.txt", "x"))
			main, elsewhere := p.tip(repo, "main"), r.text("commit", "sha")
			if kind == "branch" {
				p.must("POST", "/repos/"+repo+"/branches", object{"new_branch_name": main, "old_ref_name": "elsewhere"})
			} else {
				p.must("POST", "/repos/"+repo+"/tags", object{"tag_name": main, "target": "elsewhere"})
			}
			for i, from := range []string{main, "refs/heads/main"} {
				body := object{"new_branch_name": "new" + string(rune('0'+i)), "old_ref_name": from}
				if got := p.must("POST", "/repos/"+repo+"/branches", body).text("commit", "id"); got != elsewhere {
					t.Errorf("%s: from %q: %s, want %s, the %s's", kind, from, got, elsewhere, kind)
				}
			}
			_, r = p.commit(repo, "main", "not affected", change("create", "y.txt", "y"))
			if parent := r["commit"].(map[string]any)["parents"].([]any)[0].(map[string]any)["sha"]; parent != main {
				t.Errorf("%s: a commit's parent is %v, want %s", kind, parent, main)
			}
		}
	})
}
