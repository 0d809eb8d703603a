package policy

import (
	"testing"

	"aegis/internal/canon"
)

func owner(name string) canon.Owner {
	o, err := canon.ParseOwner(name)
	if err != nil {
		panic(err)
	}
	return o
}

func TestRowsOfRepositories(t *testing.T) {
	t.Parallel()
	p := parse(t, `version: 1
tools: {deny: [list_notifications]}
repositories:
  "acme/secret": {read: deny, reason: not yours}
  "acme/quiet": {tools: {deny: [search_issues]}}
  "acme/narrow": {tools: {allow: [get_file_contents]}}
  "gone/*": {read: deny}
  "part/hr-*": {read: deny}
`)
	for _, c := range []struct {
		repo, tool string
		rule       string // "" if visible
	}{
		{"acme/open", "list_repositories", ""},
		{"acme/open", "", ""},
		{"acme/open", "list_notifications", "policy.yaml:2 tools.deny"},
		{"acme/open", "create_issue", ""}, // judged for reading, whatever the tool does
		{"acme/secret", "list_repositories", "policy.yaml:4 read"},
		{"acme/secret", "", "policy.yaml:4 read"},
		{"acme/quiet", "list_repositories", ""},
		{"acme/quiet", "search_issues", "policy.yaml:5 tools.deny"},
		{"acme/narrow", "list_repositories", "policy.yaml:6 tools.allow"},
		{"acme/narrow", "", ""},
		{"gone/x", "list_repositories", "policy.yaml:7 read"},
		{"", "list_repositories", "policy.yaml repositories"},
	} {
		got := p.Repository(repository(c.repo), c.tool)
		if got.Allow != (c.rule == "") || !got.Allow && got.Rule.String() != c.rule {
			t.Errorf("%s by %s: %+v, want %s", c.repo, c.tool, got, c.rule)
		}
	}
	if d := p.Repository(repository("acme/secret"), ""); d.Reason != "not yours" {
		t.Errorf("reason is %q", d.Reason)
	}
	// Packages without a repository are owner/*: only what holds for all of an owner's repositories counts.
	for name, visible := range map[string]bool{"acme": true, "gone": false, "part": true, "Gone": false} {
		if got := p.OwnerVisible(owner(name), "list_packages").Allow; got != visible {
			t.Errorf("packages of %s visible: %t", name, got)
		}
	}
	if p.OwnerVisible(canon.Owner{}, "list_packages").Allow {
		t.Error("packages of nobody are visible")
	}
}

func TestOwnerIsVisibleOnlyIfAllItsRepositoriesAre(t *testing.T) {
	t.Parallel()
	p := parse(t, `version: 1
defaults: {read: deny}
repositories:
  "acme/*": {read: allow}
  "part/hr-*": {read: allow}
  "part/one": {read: allow}
  "tool/*": {read: allow, tools: {deny: [list_packages]}}
`)
	for name, visible := range map[string]bool{"acme": true, "part": false, "tool": false, "other": false} {
		if got := p.OwnerVisible(owner(name), "list_packages").Allow; got != visible {
			t.Errorf("packages of %s visible: %t", name, got)
		}
	}
}

func TestRowsOfTrees(t *testing.T) {
	t.Parallel()
	p := parse(t, `version: 1
paths: {deny: ["**/.env", "vault", "keys/**", "half/*"]}
repositories:
  "a/narrow":
    paths: {allow: ["src/**", "docs/*/x.md", "**/LICENSE"]}
  "a/*":
    paths: {deny: ["src/private/**"]}
  "a/nothing":
    paths: {allow: []}
  "a/two":
    paths: {allow: ["src/**"]}
  "*/two":
    paths: {allow: ["src/a/**", "docs/**"]}
`)
	for _, c := range []struct {
		repo, path     string
		file, asFolder bool
	}{
		{"o/r", "", true, true},
		{"o/r", "vault", false, false},
		{"o/r", "VAULT/a/b", false, false},
		{"o/r", "vaults", true, true},
		{"o/r", "keys", false, false},
		{"o/r", "keys/a", false, false},
		{"o/r", "half", true, true},
		{"o/r", "half/a", false, false},
		{"o/r", "half/a/b", false, false},
		{"o/r", "x/.env", false, false},
		{"o/r", "x/.env/y", false, false},
		{"a/narrow", "", false, true},
		{"a/narrow", "src", true, true},
		{"a/narrow", "src/a.go", true, true},
		{"a/narrow", "src/private", false, false},
		{"a/narrow", "src/Private/k", false, false},
		{"a/narrow", "docs", false, true},
		{"a/narrow", "docs/a", false, true},
		{"a/narrow", "docs/a/x.md", true, true},
		{"a/narrow", "docs/a/y.md", false, true}, // as a folder it may hold a LICENSE
		{"a/narrow", "other", false, true},
		{"a/narrow", "other/LICENSE", true, true},
		{"a/narrow", "vault/LICENSE", false, false},
		{"a/nothing", "", false, false},
		{"a/nothing", "src", false, false},
		{"a/two", "", false, true},
		{"a/two", "src", false, true},
		{"a/two", "src/a", true, true},
		{"a/two", "src/b", false, false},
		{"a/two", "docs", false, false},
	} {
		repo, at := repository(c.repo), path(c.path)
		if d := p.Path(repo, at); d.Allow != c.file || !d.Allow && d.Code != "path_denied" {
			t.Errorf("%s: file %q: %+v", c.repo, c.path, d)
		}
		if d := p.Folder(repo, at); d.Allow != c.asFolder || !d.Allow && d.Code != "path_denied" {
			t.Errorf("%s: folder %q: %+v", c.repo, c.path, d)
		}
	}
	if d := p.Path(repository("o/r"), path("keys/a")); d.Pattern != "keys/**" || d.Rule.String() != "policy.yaml:2 paths.deny" {
		t.Errorf("%+v", d)
	}
}

func TestForksAndUntrusted(t *testing.T) {
	t.Parallel()
	p := parse(t, `version: 1
forks: separate
repositories:
  "a/plain": {}
  "a/both": {forks: separate}
  "a/b*": {forks: inherit, untrusted: hide}
  "a/bo*": {untrusted: mark}
`)
	for name, separate := range map[string]bool{"a/plain": true, "a/both": false, "o/r": true} {
		if p.ForksSeparate(repository(name)) != separate {
			t.Errorf("forks of %s separate: %t", name, !separate)
		}
	}
	for name, want := range map[string]Treatment{"a/plain": Mark, "a/both": Hide, "o/r": Mark} {
		if got := p.Untrusted(repository(name)); got != want {
			t.Errorf("untrusted text of %s: %s", name, got)
		}
	}
	if Builtin().ForksSeparate(repository("o/r")) || parse(t, "version: 1\nuntrusted: hide\n").Untrusted(repository("o/r")) != Hide {
		t.Error("defaults are wrong")
	}
}

func TestWhatCanEverHappen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source string
		hides  bool
		tools  string // reading a repository, get_me, creating an issue, dispatching: y or n each
	}{
		{"", false, "yynn"},
		{"tools: {deny: [get_me]}", false, "ynnn"},
		{"tools: {allow: [get_me]}", false, "nynn"},
		{"tools: {allow: []}", false, "nnnn"},
		{"defaults: {read: deny}", true, "nynn"},
		{"defaults: {read: deny}\nrepositories: {a/b: {read: allow}}", true, "yynn"},
		{"repositories: {a/b: {read: deny}}", true, "yynn"},
		{"repositories: {'*/*': {read: deny}}", true, "nynn"},
		{"repositories: {a/b: {tools: {deny: [get_job_log]}}}", true, "yynn"},
		{"repositories: {a/b: {tools: {allow: []}}}", true, "yynn"},
		{"repositories: {'*/*': {tools: {deny: [get_repository, get_me]}}}", true, "nynn"},
		{"repositories: {a/b: {write: allow}}", false, "yyyn"},
		{"repositories: {a/b: {write: allow, automation: allow}}", false, "yyyy"},
		{"repositories: {a/b: {write: allow, tools: {deny: [create_issue]}}}", true, "yynn"},
		{"repositories: {a/b: {write: allow}, '*/*': {write: deny}}", false, "yynn"},
		{"tools: {deny: [create_issue]}\nrepositories: {a/b: {write: allow}}", false, "yynn"},
		{"paths: {allow: []}", false, "yynn"},
	} {
		p := parseDraft(t, "version: 1\n"+c.source+"\n")
		if p.CanHideRepositories() != c.hides {
			t.Errorf("%s: can hide repositories: %t", c.source, !c.hides)
		}
		for i, name := range []string{"get_repository", "get_me", "create_issue", "dispatch_workflow"} {
			class, _ := ToolCapability(name)
			if got := p.AllowsTool(name, class); got != (c.tools[i] == 'y') {
				t.Errorf("%s: %s can ever be allowed: %t", c.source, name, got)
			}
		}
	}
	if Builtin().AllowsTool("merge", Write) || Builtin().AllowsTool("get_me", Write) || Builtin().AllowsTool("get_me", 0) {
		t.Error("a tool that does not exist is allowed")
	}
}

func TestVocabulary(t *testing.T) {
	t.Parallel()
	count := map[Capability]int{}
	for _, name := range Tools() {
		c, ok := ToolCapability(name)
		if !ok || !KnownTool(name) || c.String() == "invalid" {
			t.Errorf("%s is unknown to itself", name)
		}
		count[c]++
	}
	if count[Read] != 35 || count[Write] != 14 || count[Automation] != 2 {
		t.Errorf("%v", count)
	}
	if KnownTool("") || KnownTool("merge_pull_request") || Capability(0).String() != "invalid" {
		t.Error("what does not exist is known")
	}
}

func TestBuiltinPolicy(t *testing.T) {
	t.Parallel()
	p := Builtin()
	for _, name := range []string{".env", "a/.env.production", "tls/server.PEM", "x.key", "home/.ssh/id_ed25519", ".netrc", "a/.git-credentials", "a/.env/x"} {
		d := p.Decide(ask("get_file_contents", "o/r", name))
		if d.Allow || d.Code != "path_denied" || d.Rule.String() != "built-in paths.deny" || d.Pattern == "" {
			t.Errorf("%s: %+v", name, d)
		}
	}
	for _, name := range []string{"README.md", "src/env.go", "grid_id.go"} {
		if d := p.Decide(ask("get_file_contents", "o/r", name)); !d.Allow {
			t.Errorf("%s: %+v", name, d)
		}
	}
	for _, name := range Tools() {
		class, _ := ToolCapability(name)
		if p.AllowsTool(name, class) != (class == Read) {
			t.Errorf("%s is allowed: %t", name, class != Read)
		}
	}
	if p.Source() != "built-in" || p.CanHideRepositories() || len(p.SHA256()) != 64 || p.Limits().BytesPerAnswer != 65536 {
		t.Errorf("%s", Describe(p))
	}
}
