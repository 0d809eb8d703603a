package writetest

import (
	"fmt"
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

func TestBranchesAreMade(t *testing.T) {
	t.Parallel()
	b := newBench(t, agents, sandbox)
	main := b.repo.Head

	a := b.ok("create_branch", `"branch":"agent/one"`)
	if a.Fields["commit"] != main || a.Fields["branch"] != "agent/one" || b.head("agent/one") != main || !strings.HasSuffix(a.Fields["html_url"].(string), "/acme/sandbox/src/branch/agent/one") {
		t.Errorf("%s", a.Object)
	}
	if a := b.ok("create_branch", `"branch":"agent/dry","dry_run":true`); b.there("/branches/agent/dry") || a.Fields["dry_run"] != true {
		t.Errorf("%s", a.Object)
	}
	first := b.push("agent/one", file("one.txt", "one"))
	b.api("POST", "/tags", map[string]any{"tag_name": "v1", "target": main, "message": "annotated"})
	for from, want := range map[string]string{`"agent/one"`: first, `"refs/heads/agent/one"`: first, `"v1"`: main, `"refs/tags/v1"`: main, `"` + main + `"`: main} {
		name := fmt.Sprintf("agent/from-%d", len(from))
		if a := b.ok("create_branch", `"branch":"`+name+`","from":`+from); a.Fields["commit"] != want || b.head(name) != want {
			t.Errorf("from %s: %s", from, a.Object)
		}
	}

	t.Run("names", func(t *testing.T) {
		b := b.in(t)
		hex := strings.Repeat("ab", 20)
		for _, name := range []string{
			"refs/heads/agent/x", "refs/tags/x", "heads/main", "Heads/x", "tags/v1", "remotes/origin/x", hex, strings.ToUpper(hex), "HEAD", "FETCH_HEAD", "-x", "agent/..", "agent/x.lock",
			"agent/" + strings.Repeat("x", 95), "agent/a\u200bb", "agent/\u202ex", "agent/a b", "agent/a~1", "@",
		} {
			b.refused("invalid_arguments", "branch", "create_branch", `"branch":`+quoted(name))
		}
		b.refused("branch_denied", "policy.yaml", "create_branch", `"branch":"topic"`)
		b.refused("branch_denied", "policy.yaml", "create_branch", `"branch":"main"`)
		b.refused("branch_denied", "policy.yaml", "create_branch", `"branch":"Agent/x"`)
		b.refused("conflict", "already", "create_branch", `"branch":"agent/one"`)
		b.refused("conflict", "below", "create_branch", `"branch":"agent/one/two"`)
		b.refused("not_found", "", "create_branch", `"branch":"agent/x","from":"nowhere"`)
		b.refused("not_found", "", "create_branch", `"branch":"agent/x","from":"`+hex+`"`)
		b.api("POST", "/tags", map[string]any{"tag_name": "agent/tagged", "target": main})
		b.refused("conflict", "tag", "create_branch", `"branch":"agent/tagged"`)
		b.refused("conflict", "", "create_branch", `"branch":"agent"`) // agent/one is there: Gitea says so
	})

	// A branch that is called by the commit's id is what git would take for it.
	t.Run("a commit's id as a name", func(t *testing.T) {
		b := b.in(t)
		second := b.push("agent/one", file("two.txt", "two"))
		b.api("POST", "/branches", map[string]any{"new_branch_name": first, "old_ref_name": "main"})
		b.refused("conflict", "called by this commit's id", "create_branch", `"branch":"agent/shadowed","from":"`+first+`"`)
		if b.there("/branches/agent/shadowed") {
			t.Error("it was made")
		}
		// It comes between the plan and the last look.
		door := b.through(agents, nth(2, "/branches/agent/late"), func() {
			b.api("POST", "/branches", map[string]any{"new_branch_name": second, "old_ref_name": "main"})
		})
		if a := b.askAt(door, "create_branch", `"branch":"agent/late","from":"agent/one"`); a.Code != "conflict" || b.there("/branches/agent/late") {
			t.Errorf("%s", a.Object)
		}
		// It comes after the last look: what was made is told, not what was meant.
		third := b.push("agent/one", file("three.txt", "three"))
		door = b.through(agents, writing, func() {
			b.api("POST", "/branches", map[string]any{"new_branch_name": third, "old_ref_name": "main"})
		})
		a := b.askAt(door, "create_branch", `"branch":"agent/gap","from":"agent/one"`)
		if a.IsError || a.Fields["commit"] != b.head("agent/gap") || a.Fields["commit"] == third || a.Fields["planned_commit"] != third || a.Fields["note"] == nil {
			t.Errorf("%s", a.Object)
		}
	})

	t.Run("it is there by now", func(t *testing.T) {
		b := b.in(t)
		door := b.through(agents, nth(2, "/branches/agent/taken"), func() {
			b.api("POST", "/branches", map[string]any{"new_branch_name": "agent/taken", "old_ref_name": "main"})
		})
		if a := b.askAt(door, "create_branch", `"branch":"agent/taken","from":"v1"`); a.Code != "conflict" {
			t.Errorf("%s", a.Object)
		}
	})

	t.Run("the default branch in another case", func(t *testing.T) {
		b := b.in(t)
		b.door = open(t, b.s, allowing, b.repo)
		b.refused("conflict", "spelling", "create_branch", `"branch":"MAIN"`)
		b.refused("branch_denied", "", "create_branch", `"branch":"main"`)
	})
}

// change is a file of commit_files.
func change(operation, path, content, sha string) string {
	parts := []string{`"operation":` + quoted(operation), `"path":` + quoted(path)}
	if content != "-" {
		parts = append(parts, `"content":`+quoted(content))
	}
	if sha != "" {
		parts = append(parts, `"sha":`+quoted(sha))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func commitTo(branch string, changes ...string) string {
	return `"branch":` + quoted(branch) + `,"message":"A change\n\nand why","files":[` + strings.Join(changes, ",") + `]`
}

func TestFilesAreCommitted(t *testing.T) {
	t.Parallel()
	b := newBench(t, agents, sandbox)
	b.api("POST", "/branches", map[string]any{"new_branch_name": "agent/x", "old_ref_name": "main"})
	b.push("agent/x", file("keep.txt", "keep"), file("drop.txt", "drop"), file("run.sh", "#!/bin/sh\n"))
	parent := b.head("agent/x")
	readme, drop := b.blob("agent/x", "README.md"), b.blob("agent/x", "drop.txt")

	t.Run("dry", func(t *testing.T) {
		b := b.in(t)
		a := b.ok("commit_files", `"dry_run":true,`+commitTo("agent/x", change("create", "a/new.txt", "new\n", ""), change("delete", "drop.txt", "-", drop)))
		would, _ := a.Fields["would"].(map[string]any)
		if b.head("agent/x") != parent || would["parent"] != parent || fmt.Sprint(would["create"], would["delete"], would["bytes"]) != "[a/new.txt] [drop.txt] 4" {
			t.Errorf("%s", a.Object)
		}
	})

	a := b.ok("commit_files", commitTo("agent/x",
		change("create", "a/new.txt", "new\r\n\u200b café e\u0301\n", ""), change("create", "a/empty", "", ""),
		change("update", "README.md", "# changed\n", readme), change("delete", "drop.txt", "-", drop)))
	files, _ := a.Fields["files"].([]any)
	if a.Fields["commit"] != b.head("agent/x") || a.Fields["parent"] != parent || a.Fields["branch"] != "agent/x" || a.Fields["note"] != nil || a.Fields["planned_parent"] != nil || len(files) != 4 ||
		!strings.Contains(fmt.Sprint(a.Fields["html_url"]), "/acme/sandbox/commit/"+fmt.Sprint(a.Fields["commit"])) {
		t.Fatalf("%s", a.Object)
	}
	for _, f := range files {
		f := f.(map[string]any)
		if path := fmt.Sprint(f["path"]); path == "drop.txt" {
			if b.there("/contents/drop.txt?ref=agent/x") || f["sha"] != nil {
				t.Error("it is still there")
			}
		} else if f["sha"] != b.blob("agent/x", path) {
			t.Errorf("%s: %v", path, f)
		}
	}
	if read := b.ok("get_file_contents", `"path":"README.md","ref":"agent/x"`); !strings.Contains(read.Text, "# changed\n") {
		t.Error(read.All)
	}
	if raw := b.api("GET", "/contents/a/new.txt?ref=agent/x", nil)["content"]; raw != inBase64("new\r\n\u200b café e\u0301\n") {
		t.Errorf("stored: %v", raw)
	}
	if b.head("main") != b.repo.Head {
		t.Error("main has moved")
	}

	t.Run("arguments", func(t *testing.T) {
		b := b.in(t)
		id := strings.Repeat("a", 40)
		for name, args := range map[string]string{
			"files[0]: sha is required":     commitTo("agent/x", change("update", "README.md", "x", "")),
			"files[0]: sha is required to":  commitTo("agent/x", change("delete", "README.md", "-", "")),
			"hex digits":                    commitTo("agent/x", change("update", "README.md", "x", strings.ToUpper(id))),
			"sha is for update":             commitTo("agent/x", change("create", "n", "x", id)),
			"content is required":           commitTo("agent/x", change("create", "n", "-", "")),
			"content is not for delete":     commitTo("agent/x", change("delete", "n", "x", id)),
			"files[1]: path is that of":     commitTo("agent/x", change("create", "n", "x", ""), change("create", "n", "y", "")),
			"perhaps in another case":       commitTo("agent/x", change("create", "n/straße", "x", ""), change("create", "N/STRASSE", "y", ""), change("create", "N/STRAßE", "y", "")),
			"in another case":               commitTo("agent/x", change("create", "ReadMe.txt", "x", ""), change("delete", "README.TXT", "-", id)),
			"files[0]: path is the folder":  commitTo("agent/x", change("create", "n1", "x", ""), change("create", "N1/n2", "y", "")),
			"files[1]: path is the folder":  commitTo("agent/x", change("create", "n1/n2/n3", "x", ""), change("create", "n1", "y", "")),
			"change nothing":                commitTo("agent/x", change("update", "keep.txt", "keep", b.blob("agent/x", "keep.txt"))),
			"files must not be empty":       commitTo("agent/x"),
			"there is no argument":          commitTo("agent/x", `{"operation":"create","path":"n","content":"x","from_path":"secrets/prod.txt"}`),
			"operation must be one of":      commitTo("agent/x", change("upload", "n", "x", "")),
			"given twice":                   commitTo("agent/x", `{"operation":"create","path":"n","path":"m","content":"x"}`),
			"control character":             commitTo("agent/x", change("create", "n", "\x00", "")),
			"short name":                    commitTo("refs/heads/agent/x", change("create", "n", "x", "")),
			"not a commit id":               commitTo(id, change("create", "n", "x", "")),
			"branch must not be empty":      commitTo("", change("create", "n", "x", "")),
			"message must not be blank":     `"branch":"agent/x","message":" \n","files":[` + change("create", "n", "x", "") + `]`,
			"segment":                       commitTo("agent/x", change("create", "a/../n", "x", "")),
			`\".git\" segment`:              commitTo("agent/x", change("create", ".GIT/hooks/x", "x", "")),
			"files has more than 100 items": commitTo("agent/x", strings.Split(strings.Repeat(change("create", "n", "x", "")+"|", 101), "|")[:101]...),
			"longer than 524288 bytes":      commitTo("agent/x", change("create", "n", strings.Repeat("x", 512<<10+1), "")),
			"larger than 4 MiB":             commitTo("agent/x", large(9, 500<<10)...),
		} {
			b.refused("invalid_arguments", name, "commit_files", args)
		}
		b.refused("invalid_arguments", "there is no argument", "commit_files", `"force_push":true,`+commitTo("agent/x", change("create", "n", "x", "")))
		b.refused("invalid_arguments", "there is no argument", "commit_files", `"new_branch":"main",`+commitTo("agent/x", change("create", "n", "x", "")))
	})

	t.Run("policy", func(t *testing.T) {
		b := b.in(t)
		head := b.head("agent/x")
		for _, path := range []string{".gitea/workflows/x.yml", ".GITEA/x", ".github/workflows/x.yml", ".drone.yml", ".gitlab-ci.yml", ".woodpecker/x.yml"} {
			b.refused("path_denied", "policy.yaml write_paths", "commit_files", commitTo("agent/x", change("create", "fine.txt", "x", ""), change("create", path, "x", "")))
		}
		b.refused("path_denied", "policy.yaml", "commit_files", commitTo("agent/x", change("create", "Secrets/new.txt", "x", "")))
		b.refused("branch_denied", "policy.yaml", "commit_files", commitTo("main", change("create", "n", "x", "")))
		b.refused("not_found", "", "commit_files", commitTo("agent/none", change("create", "n", "x", "")))
		b.refused("not_found", "", "commit_files", commitTo("agent/X", change("create", "n", "x", "")))
		b.refused("secret_in_arguments", "files[0].content", "commit_files", commitTo("agent/x", change("create", "n", "key "+b.s.World.Plant.AWS, "")))
		b.refused("secret_in_arguments", "message", "commit_files", `"branch":"agent/x","message":"`+b.s.World.Plant.PAT+`","files":[`+change("create", "n", "x", "")+`]`)
		b.refused("redaction_marker", "files[0].content", "commit_files", commitTo("agent/x", change("create", "n", "a [redacted:aws] b", "")))
		b.door = open(t, b.s, allowing, b.repo)
		b.refused("branch_denied", "branches", "commit_files", commitTo("main", change("create", "n", "x", "")))
		if b.head("agent/x") != head || b.head("main") != b.repo.Head {
			t.Error("something was written")
		}
	})

	t.Run("what is stored", func(t *testing.T) {
		b := b.in(t)
		head, id := b.head("agent/x"), strings.Repeat("a", 40)
		tree := b.api("GET", "/git/trees/"+head, nil)
		folder := ""
		for _, e := range tree["tree"].([]any) {
			if e := e.(map[string]any); e["path"] == "docs" {
				folder = e["sha"].(string)
			}
		}
		for words, args := range map[string]string{
			"already":            commitTo("agent/x", change("create", "keep.txt", "x", "")),
			"nothing at this":    commitTo("agent/x", change("update", "none.txt", "x", id)),
			"files[1]: There is": commitTo("agent/x", change("create", "n", "x", ""), change("delete", "none/none.txt", "-", id)),
			"not the one":        commitTo("agent/x", change("update", "keep.txt", "x", readme)),
			"It has changed":     commitTo("agent/x", change("delete", "keep.txt", "-", readme)),
			"is a folder":        commitTo("agent/x", change("delete", "docs", "-", folder)),
			"Name the files":     commitTo("agent/x", change("create", "docs", "x", "")),
			"is no folder":       commitTo("agent/x", change("create", "keep.txt/x", "x", "")),
			"on the way":         commitTo("agent/x", change("update", "README.md/x/y", "x", id)),
		} {
			b.refused("conflict", words, "commit_files", args)
		}
		if b.head("agent/x") != head {
			t.Error("something was written")
		}
	})

	t.Run("a hundred files", func(t *testing.T) {
		b := b.in(t)
		if a := b.ok("commit_files", commitTo("agent/x", large(100, 100)...)); len(a.Fields["files"].([]any)) != 100 || b.head("agent/x") != a.Fields["commit"] {
			t.Errorf("%s", a.Object)
		}
	})

	t.Run("the branch moves", func(t *testing.T) {
		b := b.in(t)
		args := commitTo("agent/x", change("create", "late.txt", "x", ""))
		door := b.through(agents, nth(2, "/branches/agent/x"), func() { b.push("agent/x", file("other.txt", "other")) })
		if a := b.askAt(door, "commit_files", args); a.Code != "conflict" || b.there("/contents/late.txt?ref=agent/x") {
			t.Errorf("between the plan and the last look: %s", a.Object)
		}
		planned, between := b.head("agent/x"), ""
		door = b.through(agents, writing, func() { between = b.push("agent/x", file("other2.txt", "other")) })
		a := b.askAt(door, "commit_files", args)
		if a.IsError || a.Fields["parent"] != between || a.Fields["planned_parent"] != planned || a.Fields["note"] == nil || b.head("agent/x") != a.Fields["commit"] {
			t.Errorf("after the last look: %s", a.Object)
		}
		keep := b.blob("agent/x", "keep.txt")
		door = b.through(agents, writing, func() { b.push("agent/x", file("keep.txt", "somebody else's")) })
		a = b.askAt(door, "commit_files", commitTo("agent/x", change("create", "with.txt", "x", ""), change("update", "keep.txt", "mine", keep)))
		if a.Code != "conflict" || b.there("/contents/with.txt?ref=agent/x") {
			t.Errorf("the file itself, after the last look: %s", a.Object)
		}
		door = b.through(agents, nth(2, "/branches/agent/x"), func() {
			if err := b.s.As(b.s.World.Keeper.Token).Into(b.Context(), "DELETE", "/repos/"+b.repo.FullName+"/branches/agent/x", nil, nil); err != nil && !strings.Contains(err.Error(), "JSON") {
				b.Error(err)
			}
		})
		if a := b.askAt(door, "commit_files", commitTo("agent/x", change("create", "gone.txt", "x", ""))); a.Code != "conflict" || b.there("/branches/agent/x") {
			t.Errorf("removed: %s", a.Object)
		}
	})
}

// large are n new files of the given size.
func large(n, size int) (changes []string) {
	for i := range n {
		changes = append(changes, change("create", fmt.Sprintf("many/%d/%d-%d.txt", i%7, size, i), strings.Repeat("x\n", size/2), ""))
	}
	return changes
}

// TestFilesThatAreNone has the links, submodules and pointers of service-a, where
// Writer may write.
func TestFilesThatAreNone(t *testing.T) {
	t.Parallel()
	b := newBench(t, agents, func(w *giteatest.World) giteatest.Repo { return w.ServiceA })
	b.api("POST", "/branches", map[string]any{"new_branch_name": "agent/x", "old_ref_name": "main"})
	head, f := b.head("agent/x"), b.s.World.Files
	for words, args := range map[string]string{
		"is a symlink":   commitTo("agent/x", change("update", f.LinkToReadme, "x", b.blob("agent/x", f.LinkToReadme))),
		"the file that":  commitTo("agent/x", change("update", f.LinkToFolder, "x", b.blob("agent/x", f.LinkToFolder))),
		"is no folder":   commitTo("agent/x", change("create", f.LinkToFolder+"/new.txt", "x", "")),
		"something at":   commitTo("agent/x", change("create", f.LinkDangling, "x", "")),
		"a submodule":    commitTo("agent/x", change("delete", f.Submodule, "-", b.blob("agent/x", f.Submodule))),
		"on the way":     commitTo("agent/x", change("create", f.Submodule+"/new.txt", "x", "")),
		"kept in Git LF": commitTo("agent/x", change("update", f.LFS, "x", b.blob("agent/x", f.LFS))),
	} {
		b.refused("conflict", words, "commit_files", args)
	}
	if b.head("agent/x") != head {
		t.Error("something was written")
	}
	a := b.ok("commit_files", commitTo("agent/x", change("delete", f.LinkDangling, "-", b.blob("agent/x", f.LinkDangling)), change("update", f.Guide, "x", b.blob("agent/x", f.Guide))))
	if b.there("/contents/"+f.LinkDangling+"?ref=agent/x") || a.Fields["parent"] != head {
		t.Errorf("%s", a.Object)
	}
}

// Gitea's own rules hold as well: what it forbids is told as that.
func TestGiteaForbids(t *testing.T) {
	t.Parallel()
	b := newBench(t, allowing, func(w *giteatest.World) giteatest.Repo { return w.Ledger }) // Writer only reads it
	b.api("POST", "/branches", map[string]any{"new_branch_name": "topic", "old_ref_name": "main"})
	draft := b.api("POST", "/releases", map[string]any{"tag_name": "d", "target_commitish": "main", "draft": false})
	head := b.head("topic")
	writes := map[string]string{
		"create_branch":   `"branch":"new"`,
		"commit_files":    commitTo("topic", change("create", "n", "x", "")),
		"create_release":  `"tag":"v1"`,
		"edit_release":    fmt.Sprintf(`"id":%.0f,"title":"x"`, draft["id"]),
		"write_wiki_page": `"name":"Home","content":"x"`,
	}
	for tool, args := range writes {
		b.refused("gitea_forbidden", "", tool, args)
	}
	b.api("PATCH", "", map[string]any{"archived": true})
	for tool, args := range writes {
		b.refused("conflict", "archived", tool, args)
	}
	if b.head("topic") != head || b.there("/branches/new") || b.there("/releases/tags/v1") || b.there("/wiki/pages") {
		t.Error("something was written")
	}

	b.repo = b.s.World.Sandbox
	b.door = open(t, b.s, allowing, b.repo)
	b.api("POST", "/branches", map[string]any{"new_branch_name": "kept", "old_ref_name": "main"})
	b.api("POST", "/branch_protections", map[string]any{"rule_name": "kept*", "enable_push": false})
	b.refused("gitea_forbidden", "", "commit_files", commitTo("kept", change("create", "n", "x", "")))
	b.refused("conflict", "protect branches of such names", "create_branch", `"branch":"kept-too"`) // Gitea would answer 500
	if b.head("kept") != b.repo.Head || b.there("/branches/kept-too") {
		t.Error("something was written")
	}
	b.repo = b.s.World.Empty // the first commit would make its branch the default one
	if _, err := b.s.As(b.s.World.Keeper.Token).Do(t.Context(), "PUT", "/repos/"+b.repo.FullName+"/collaborators/writer", map[string]any{"permission": "write"}); err != nil {
		t.Fatal(err)
	}
	b.door = open(t, b.s, allowing, b.repo)
	b.refused("branch_denied", "", "commit_files", commitTo("topic", change("create", "n", "x", "")))
	b.refused("not_found", "empty", "create_release", `"tag":"v1"`)
}
