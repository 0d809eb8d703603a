package writetest

import (
	"encoding/base64"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aegis/forge"
)

// refNames are what git lets a branch or a tag be called. A dash at the begin and
// brackets it does not.
var refNames = []string{
	"release/2025.1", "a.b-c_d", "feature/x+y", "50%", "50%25", "x%2Fy", "fix#12", "(a){b}", "日本語/ブランチ", "Ошибка", "🐛", "é", "a@b", "a&b=c", "a;b,c", "'q'$x!", "a|b<c>", "\"dq\"",
}

// pathNames are what a file may be called.
var pathNames = []string{
	"a b.txt", "docs/-leading.txt", "50%.txt", "50%25.txt", "#1.txt", "[x].txt", "[a-z]/{y}.txt", "(z).txt", "a+b.txt", "a&b=c?d.txt", "日本/語.txt", "🐛.txt", "Ошибка.txt", "é.txt",
	":colon.txt", ":!not.txt", ":(icase)x.txt", "*.txt", "~x^.txt", "'q'.txt", "\"dq\".txt", "a;b,c.txt", "dots...", ".hidden", "a@b{1}.txt", "$x.txt", "|<a>.txt", "two  blanks.txt", " lead and trail ", "C:x", "CON", "a.lock", "x.git/config",
}

// routed says, of each row of the egress list that has a variable which is a name,
// where its names are tried. What is a number, a commit's id or the name of a
// repository has one spelling.
var routed = map[string]string{
	"/repos/{owner}/{repo}/branches/{ref...}":            "branches",
	"/repos/{owner}/{repo}/branch_protections/{ref...}":  "rules that are a branch's name, in internal/errortest",
	"/repos/{owner}/{repo}/tags/{ref...}":                "tags and releases",
	"/repos/{owner}/{repo}/releases/tags/{ref}":          "tags and releases",
	"/repos/{owner}/{repo}/contents/{path...}":           "files",
	"/repos/{owner}/{repo}/wiki/page/{wiki}":             "TestNames_WikiPages and TestWikiPagesAreWritten",
	"/wiki/page/{wiki}":                                  "TestNames_WikiPages and TestWikiPagesAreWritten",
	"/repos/{owner}/{repo}/actions/workflows/{workflow}": "workflows",
	"/actions/workflows/{workflow}/dispatches":           "workflows",
	"/orgs/{granted}/labels":                             "TestNames_Labels",
	"/repos/{owner}/{repo}/compare/{comparison}":         "ids, and names of repositories",
}

// Every row of the egress list that takes a name has a case here.
func TestNames_EveryRouteHasACase(t *testing.T) {
	t.Parallel()
	fixed := regexp.MustCompile(`\{(owner|repo|number|commit|short)\}`)
	rows := 0
	for _, file := range []string{"../../forge/egress.go", "../../forge/egress_writes.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range regexp.MustCompile(`\t(?:read|readText|stream|write)\((?:"[A-Z]+", )?"([^"]+)"`).FindAllStringSubmatch(string(source), -1) {
			if rows++; strings.Contains(fixed.ReplaceAllString(row[1], ""), "{") && !strings.Contains(row[1], "{commit}.") && !strings.Contains(row[1], "{number}.") && routed[row[1]] == "" {
				t.Errorf("%s has no case", row[1])
			}
		}
	}
	if rows < 50 {
		t.Errorf("%d rows", rows)
	}
}

// TestNames_EveryRoute: what has a name is listed, written and read back by the same one.
func TestNames_EveryRoute(t *testing.T) {
	t.Parallel()
	b := newBench(t, strings.Replace(allowing, "automation: allow}", `automation: allow, branches: {allow: ["**", "*/tags/**"]}, write_paths: {allow: ["**"]}}`, 1), playground)
	has := func(b *bench, tool, member, name string) {
		b.Helper()
		if !slices.ContainsFunc(b.ok(tool, `"limit":50`).Items(), func(row map[string]any) bool { return row[member] == name }) {
			b.Errorf("%s lacks %q", tool, name)
		}
	}
	t.Run("branches", func(t *testing.T) {
		for i, name := range refNames {
			b := b.in(t)
			a := b.ask("create_branch", `"branch":`+quoted(name))
			if a.IsError {
				t.Errorf("%q: %s", name, a.Object)
				continue
			}
			has(b, "list_branches", "name", name)
			file := fmt.Sprintf("of-branch-%d.txt", i)
			b.ok("commit_files", fmt.Sprintf(`"branch":%s,"message":"m","files":[{"operation":"create","path":%q,"content":"x\n"}]`, quoted(name), file))
			for _, ref := range []string{name, "refs/heads/" + name} {
				if a := b.ok("get_file_contents", fmt.Sprintf(`"path":%q,"ref":%s`, file, quoted(ref))); !strings.Contains(a.Text, "x\n") {
					t.Errorf("%q: %s", ref, a.All)
				}
			}
			pull := b.ok("create_pull_request", `"title":"t","base":"main","head":`+quoted(name))
			if found := b.ok("list_pull_requests", `"head":`+quoted(name)).Items(); len(found) != 1 || found[0]["number"] != pull.Fields["number"] {
				t.Errorf("%q: %v", name, found)
			}
		}
	})
	t.Run("tags and releases", func(t *testing.T) {
		for _, name := range refNames {
			b, name := b.in(t), "v/"+strings.ReplaceAll(name, "#12", "#x") // v/fix#12 would be an issue of a repository
			a := b.ask("create_release", `"title":"t","tag":`+quoted(name))
			if a.IsError {
				t.Errorf("%q: %s", name, a.Object)
				continue
			}
			has(b, "list_tags", "name", name)
			has(b, "list_releases", "tag", name)
			if a := b.ok("get_release", `"tag":`+quoted(name)); a.Fields["tag"] != name {
				t.Errorf("%q: %s", name, a.Object)
			}
			b.ok("get_file_contents", `"path":"README.md","ref":`+quoted(name))
			b.ok("edit_release", fmt.Sprintf(`"id":%v,"body":"more"`, a.Fields["id"]))
			b.refused("conflict", "", "create_release", `"tag":`+quoted(name))
		}
	})
	t.Run("files", func(t *testing.T) {
		b := b.in(t)
		b.ok("create_branch", `"branch":"agent/files"`)
		commit := func(operation, more string) {
			b.Helper()
			var files []string
			for _, name := range pathNames {
				files = append(files, fmt.Sprintf(`{"operation":%q,"path":%s%s}`, operation, quoted(name), more))
			}
			a := b.ok("commit_files", fmt.Sprintf(`"branch":"agent/files","message":"m","files":[%s]`, strings.Join(files, ",")))
			if a.Fields["note"] != nil {
				b.Errorf("%s: %s", operation, a.Object)
			}
		}
		commit("create", `,"content":"one\n"`)
		commit("update", fmt.Sprintf(`,"content":"two\n","sha":%q`, forge.BlobID([]byte("one\n"))))
		var listed []string
		for _, row := range b.ok("get_file_tree", `"ref":"agent/files","recursive":true`).Items() {
			listed = append(listed, fmt.Sprint(row["path"]))
		}
		for _, name := range pathNames {
			if !slices.Contains(listed, name) {
				t.Errorf("%q is not listed", name)
				continue
			}
			a := b.ask("get_file_contents", `"ref":"agent/files","path":`+quoted(name))
			if a.IsError || !strings.Contains(a.Text, "two\n") || a.Fields["path"] != name {
				t.Errorf("%q: %s", name, a.All)
			}
			if found := b.ok("list_commits", `"ref":"agent/files","path":`+quoted(name)).Items(); len(found) != 2 {
				t.Errorf("%q has %d commits", name, len(found))
			}
		}
		commit("delete", fmt.Sprintf(`,"sha":%q`, forge.BlobID([]byte("two\n"))))
		for _, name := range []string{"-leading.txt", "-r/--help"} { // Gitea's answer is 500
			b.refused("invalid_arguments", "dash", "commit_files", `"branch":"agent/files","message":"m","files":[{"operation":"create","content":"x","path":`+quoted(name)+`}]`)
		}
	})
	t.Run("workflows", func(t *testing.T) {
		b := b.in(t)
		yaml := base64.StdEncoding.EncodeToString([]byte("on: workflow_dispatch\njobs:\n  one:\n    runs-on: nobody\n    steps:\n      - run: 'true'\n"))
		var files []any
		names := []string{"a b.yml", "-x.yaml", "50%.yml", "50%25.yml", "#1.yml", "[x].yml", "a+b.yml", "日本語.yml", "🐛.yml", "a&b=c?d.yml", "dots...yml"}
		for _, name := range names {
			files = append(files, map[string]any{"operation": "create", "path": ".gitea/workflows/" + name, "content": yaml})
		}
		b.api("POST", "/contents", map[string]any{"branch": "main", "message": "m", "files": files})
		for _, name := range names {
			if a := b.ask("dispatch_workflow", `"ref":"main","workflow":`+quoted(name)); a.IsError {
				t.Errorf("%q: %s", name, a.Object)
			}
		}
	})
	t.Run("repositories", func(t *testing.T) {
		for _, name := range []string{"a.b", "-x", "x-", "_x", "1", "A.B-c_D", "dot.github.io", "...x"} {
			if err := b.s.As(b.s.World.Writer.Token).Into(t.Context(), "POST", "/user/repos", map[string]any{"name": name, "auto_init": true}, nil); err != nil {
				t.Logf("Gitea has no %q: %v", name, err)
				continue
			}
			a := b.door.Ask("get_repository", fmt.Sprintf(`{"owner":"writer","repo":%q}`, name))
			if a.IsError {
				t.Errorf("%q: %s", name, a.Object)
			}
		}
	})
}
