package errortest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

// What is asked for by a name that nothing has, that is another thing's, or that can't be
// written: each says which, and where the right one is.
func askedRightly(t *testing.T) {
	c := onGitea(t)
	path := c.repo("asked", true, nil)
	for _, label := range []string{"bug", "twin", "twin"} {
		c.keeper(http.MethodPost, path+"/labels", object{"name": label, "color": "#00aa00"}, nil)
	}
	var issue, pull, release struct{ ID, Number int64 }
	c.keeper(http.MethodPost, path+"/issues", object{"title": "one"}, &issue)
	c.keeper(http.MethodPost, path+"/branches", object{"new_branch_name": "agent/x", "old_ref_name": "main"}, nil)
	c.keeper(http.MethodPost, path+"/contents", object{"branch": "agent/x", "message": "m", "files": []object{{"operation": "create", "path": "x.txt", "content": []byte("x\n")}}}, nil)
	c.keeper(http.MethodPost, path+"/pulls", object{"title": "two", "head": "agent/x", "base": "main"}, &pull)
	c.keeper(http.MethodPost, path+"/tag_protections", object{"name_pattern": "v*", "whitelist_usernames": []string{c.s.World.Keeper.Name}}, nil)
	if err := c.s.As(c.s.World.Writer.Token).Into(t.Context(), http.MethodPost, path+"/releases", object{"tag_name": "v7", "name": "draft", "draft": true}, &release); err != nil {
		t.Fatal(err)
	}
	c.keeper(http.MethodPost, path+"/wiki/new", object{"title": "Home", "content_base64": []byte("home\n")}, nil)
	for repo, file := range map[string]giteatest.File{"acme/asked.wiki": {Path: "By git.md", Content: "x"}, "acme/asked": {Path: "latin.txt", Content: "caf\xe9\n"}} {
		branch := "main"
		if repo == "acme/asked" {
			branch = "agent/kept"
		}
		if _, err := c.s.Push(t.Context(), c.s.World.Keeper, repo, branch, file, giteatest.File{Path: "image.bin", Content: "\x00\x01"}); err != nil {
			t.Fatal(err)
		}
	}
	blob := func(file string) string {
		var stored struct{ SHA string }
		c.keeper(http.MethodGet, path+"/contents/"+file+"?ref=agent/kept", nil, &stored)
		return stored.SHA
	}
	commit := func(branch, file, content, sha string) string {
		operation := `"operation":"create"`
		if sha != "" {
			operation = fmt.Sprintf(`"operation":"update","sha":%q`, sha)
		}
		return in("asked", fmt.Sprintf(`,"branch":%q,"message":"m","files":[{%s,"path":%q,"content":%q}]`, branch, operation, file, content))
	}
	numbered := func(number int64, more string) string {
		return in("asked", fmt.Sprintf(`,"number":%d%s`, number, more))
	}
	d := c.writer(c.s.World.Writer.Token, "asked", "    branches: {allow: [\"agent/**\", \"refs/tags/**\"]}\n    write_paths: {allow: [\"*.txt\", \"*.bin\"], deny: [\"fixed.txt\"]}\n    paths: {deny: [\"hidden/**\"]}\n")

	for _, of := range []struct {
		name, code string
		more       string
	}{
		{"labels with add_labels", "invalid_arguments", `,"labels":["bug"],"add_labels":["bug"]`},
		{"a label that is not there", "not_found", `,"labels":["no-such"]`},
		{"a label that two have", "conflict", `,"labels":["twin"]`},
		{"a milestone that is not there", "not_found", `,"milestone":"no-such"`},
	} {
		holds(t, d, []situation{
			{of.name, "update_issue", numbered(issue.Number, of.more), of.code, nil, nil},
			{of.name, "update_pull_request", numbered(pull.Number, of.more), of.code, nil, nil},
		})
		if !strings.Contains(of.more, "add_") {
			holds(t, d, []situation{{of.name, "create_issue", in("asked", `,"title":"x"`+of.more), of.code, nil, nil}})
		}
	}
	for _, tool := range []string{"list_branches", "list_tags", "list_milestones", "list_labels", "list_commits"} {
		holds(t, d, []situation{{"a word where a number belongs", tool, in("asked", `,"page":"first"`), "invalid_arguments", nil, nil}})
	}
	for _, tool := range []string{"search_code ,\"query\":\"x\"", "list_commits ", "get_commit_status ", "get_file_tree ", "get_file_contents ,\"path\":\"README.md\""} {
		name, more, _ := strings.Cut(tool, " ")
		holds(t, d, []situation{{"a missing ref", name, in("asked", more+`,"ref":"no-such"`), "not_found", nil, nil}})
	}
	for name, path := range map[string]string{"a path that begins with a slash": "/README.md", "a path with U+FFFD": "caf\ufffd.txt", "a path that is not NFC": "cafe\u0301.txt"} {
		holds(t, d, []situation{
			{name, "get_file_contents", in("asked", fmt.Sprintf(`,"path":%q`, path)), "invalid_arguments", nil, nil},
			{name, "commit_files", commit("agent/x", path, "x", ""), "invalid_arguments", nil, nil},
		})
	}
	holds(t, d, []situation{
		{"a word where a number belongs", "list_organizations", `{"page":"first"}`, "invalid_arguments", nil, nil},
		{"a path that begins with a dash", "commit_files", commit("agent/x", "-x.txt", "x", ""), "invalid_arguments", []string{"dash"}, nil},
		{"a missing page", "get_wiki_page", in("asked", `,"name":"No such"`), "not_found", []string{"list_wiki_pages"}, nil},
		{"a page that was named with git", "write_wiki_page", in("asked", `,"name":"By git","content":"x"`), "conflict", []string{"with git"}, nil},
		{"text over a binary file", "commit_files", commit("agent/kept", "image.bin", "text\n", blob("image.bin")), "conflict", []string{"binary"}, nil},
		{"a character that a file's encoding lacks", "commit_files", commit("agent/kept", "latin.txt", "日本\n", blob("latin.txt")), "conflict", []string{"U+65E5"}, nil},
		{"a change that changes nothing", "commit_files", commit("agent/kept", "latin.txt", "café\n", blob("latin.txt")), "conflict", []string{"already"}, nil},
		{"a branch that policy does not name", "create_branch", in("asked", `,"branch":"feature/x"`), "branch_denied", []string{"agent/**"}, nil},
		{"a branch that policy does not name", "commit_files", commit("feature/x", "a.txt", "x", ""), "branch_denied", []string{"agent/**"}, nil},
		{"a path that may not be written", "commit_files", commit("agent/x", "fixed.txt", "x", ""), "path_denied", nil, nil},
		{"a path that no rule opens to writing", "commit_files", commit("agent/x", "src/a.go", "x", ""), "path_denied", []string{"*.txt"}, nil},
		{"a path that is not shown", "get_file_contents", in("asked", `,"path":"hidden/x"`), "path_denied", nil, nil},
		{"a path that is not shown", "get_file_tree", in("asked", `,"path":"hidden"`), "path_denied", nil, nil},
		{"a ref's name where a commit belongs", "get_commit", in("asked", `,"sha":"main"`), "invalid_arguments", nil, nil},
		{"a commit that is not there", "get_commit", in("asked", `,"sha":"`+someToken+`"`), "not_found", nil, nil},
		{"a workflow on a commit", "dispatch_workflow", in("asked", `,"workflow":"made.yml","ref":"`+someToken+`"`), "invalid_arguments", []string{"branch or a tag"}, nil},
		{"a workflow that is not there", "dispatch_workflow", in("asked", `,"workflow":"made.yml","ref":"agent/x"`), "not_found", nil, nil},
		{"a run that is not there", "rerun_workflow", in("asked", `,"run_id":99`), "not_found", nil, nil},
		{"a release that is not there", "edit_release", in("asked", `,"id":99999,"title":"x"`), "not_found", []string{"list_releases"}, nil},
		{"a draft whose tag is protected", "edit_release", in("asked", fmt.Sprintf(`,"id":%d,"draft":false`, release.ID)), "conflict", []string{"nothing was written", "protect"}, nil},
		{"a comment that is not there", "edit_comment", in("asked", `,"comment_id":99999,"body":"x"`), "not_found", nil, nil},
		{"a label that is there already", "create_label", in("asked", `,"name":"BUG","color":"#00aabb"`), "conflict", nil, nil},
		{"a branch that is there already", "create_branch", in("asked", `,"branch":"agent/x"`), "conflict", nil, nil},
		{"a pull request that is open already", "create_pull_request", in("asked", `,"title":"t","head":"agent/x","base":"main"`), "conflict", nil, nil},
	})
	shell := c.reader("")
	shell.Shell = true
	holds(t, shell, []situation{{"aegis call without --write", "create_issue", in("asked", `,"title":"x"`), "write_mode_off", []string{"--write"}, nil}})
}
