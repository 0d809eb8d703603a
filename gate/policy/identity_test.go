package policy

import (
	"strings"
	"testing"

	"aegis/internal/canon"
)

// as is a policy for which one repository is known by an id and by former names.
func as(p *Policy, name string, id int64, former ...string) *Policy {
	who := Identity{IDs: []int64{id}}
	for _, each := range former {
		who.Former = append(who.Former, repository(each))
	}
	return p.Knowing(func(repo canon.Repo) Identity {
		if repo == repository(name) {
			return who
		}
		return Identity{}
	})
}

func TestASectionAppliesToItsID(t *testing.T) {
	t.Parallel()
	p := parse(t, `version: 1
repositories:
  "acme/vault":
    id: 42
    read: deny
    reason: it was renamed
  "acme/paths":
    id: 43
    paths: {deny: ["plans/**"]}
    untrusted: hide
    approve: [get_repository]
  "acme/lax":
    id: 44
    read: allow
    write: allow
    forks: separate
    branches: {allow: ["main"]}
    write_paths: {allow: [".gitea/**"]}
  "open/*": {write: allow}
`)
	if d := p.Repository(repository("open/x"), ""); !d.Allow {
		t.Fatalf("%+v", d)
	}
	vault := as(p, "open/x", 42)
	if d := vault.Decide(ask("get_file_contents", "open/x", "a")); d.Allow || d.Rule.String() != "policy.yaml:5 read" || d.Reason != "it was renamed" {
		t.Errorf("%+v", d)
	}
	if e := vault.Explain(ask("get_repository", "open/x")).String(); !strings.Contains(e, "policy.yaml:3 acme/vault") {
		t.Errorf("%s", e)
	}
	if d := vault.Repository(repository("open/y"), ""); !d.Allow {
		t.Errorf("another repository: %+v", d)
	}
	if d := p.Repository(repository("acme/vault"), ""); d.Allow { // by its pattern, whatever its id
		t.Errorf("%+v", d)
	}
	paths := as(p, "open/x", 43)
	if d := paths.Path(repository("open/x"), path("plans/a")); d.Allow || d.Rule.String() != "policy.yaml:9 paths.deny" {
		t.Errorf("%+v", d)
	}
	if paths.Untrusted(repository("open/x")) != Hide || !paths.Decide(ask("get_repository", "open/x")).Ask {
		t.Error("what it asks for is left out")
	}
	// What a section allows, it allows to names.
	lax := as(p, "open/x", 44)
	if lax.ForksSeparate(repository("open/x")) || lax.Decide(row{query: ask("commit_files", "open/x", "a")}.on("main", IsDefault).query).Allow ||
		lax.Decide(row{query: ask("commit_files", "open/x", ".gitea/workflows/x.yml")}.on("topic", NotDefault).query).Allow {
		t.Error("an id opens something")
	}
	if as(p, "acme/other", 44).Decide(ask("create_issue", "acme/other")).Allow {
		t.Error("an id allows writing")
	}
	if text := Describe(p); !strings.Contains(text, "acme/vault (and, but for what is allowed, the repository with the id 42):") {
		t.Errorf("%s", text)
	}
}

func TestAnIDWithoutEffectIsWarnedOf(t *testing.T) {
	t.Parallel()
	for says, warned := range map[string]bool{
		"read: allow": true, "forks: separate": true, "untrusted: mark": true, "reason: x": true, "paths: {deny: []}": true,
		"read: deny": false, "write: allow, branches: {allow: [x]}": false, "paths: {deny: [a/b]}": false, "tools: {allow: []}": false, "untrusted: hide": false,
	} {
		_, warnings, err := Parse("policy.yaml", []byte("version: 1\nrepositories:\n  a/b: {id: 7, "+says+"}\n"))
		if err != nil || (len(warnings) > 0) != warned {
			t.Errorf("%s: %v %v", says, err, warnings)
		}
	}
}

func TestFormerNamesHold(t *testing.T) {
	t.Parallel()
	p := parse(t, specification)
	renamed := as(p, "acme/shop", 7, "acme/hr-data")
	for _, tool := range []string{"get_repository", "list_commits"} {
		if d := renamed.Decide(ask(tool, "acme/shop")); d.Allow || d.Rule.String() != "policy.yaml:10 read" || d.Reason == "" {
			t.Errorf("%+v", d)
		}
	}
	renamed = as(p, "other/thing", 8, "acme/service-a", "acme/open")
	for _, c := range []struct {
		tool, path string
		rule       string
	}{
		{"get_file_contents", "src/main.go", ""},
		{"get_file_contents", "README.md", "policy.yaml:8 paths.allow"},
		{"get_file_contents", "src/secrets/x", "policy.yaml:8 paths.deny"},
		{"get_file_contents", "internal/x", "policy.yaml:8 paths.allow"},
		{"get_repository", "", "policy.yaml:7 tools.allow"},
	} {
		q := ask(c.tool, "other/thing")
		if c.path != "" {
			q = ask(c.tool, "other/thing", c.path)
		}
		if d := renamed.Decide(q); d.Allow != (c.rule == "") || !d.Allow && d.Rule.String() != c.rule {
			t.Errorf("%s of %q: %+v", c.tool, c.path, d)
		}
	}
	if !p.Concerns(repository("acme/hr-data")) || p.Concerns(repository("other/thing")) ||
		!parse(t, "version: 1\ndefaults: {read: deny}\n").Concerns(repository("other/thing")) {
		t.Error("what concerns the policy")
	}
}
