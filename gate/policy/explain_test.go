package policy

import (
	"errors"
	"strings"
	"testing"
)

func TestExplanationsRead(t *testing.T) {
	t.Parallel()
	p := parse(t, specification)
	for _, c := range []struct {
		query Case
		want  string
	}{
		{ask("get_file_contents", "acme/hr-data", "a/.env"), `
deny   get_file_contents on acme/hr-data
  because    read is denied for this repository (policy.yaml:10 read); people data stays out of model context
  and        the path is denied (policy.yaml:4 paths.deny: **/.env)
  and        the path is denied (built-in paths.deny: **/.env*)
  overruled  read is allowed by default (policy.yaml:2 defaults.read), by policy.yaml:10 read
  to change  take out read: deny (policy.yaml:10 read)
  to change  take "**/.env" out of policy.yaml:4 paths.deny
  to change  builtin_paths: off, which opens all of the built-in patterns
  applies    policy.yaml:9 acme/hr-*
`},
		{row{query: ask("create_pull_request", "acme/sandbox")}.on("agent/x", NotDefault).query, `
ask    create_pull_request on acme/sandbox
  because    write is allowed for this repository (policy.yaml:13 write)
  overruled  write is denied by default (policy.yaml:2 defaults.write), by policy.yaml:13 write
  passes     read is allowed by default (policy.yaml:2 defaults.read)
  passes     agent/x is in the allow-list (policy.yaml:14 branches.allow: agent/**)
  asks       a human is asked before this tool runs (policy.yaml:16 approve)
  to change  take create_pull_request out of policy.yaml:16 approve, and nobody is asked
  applies    policy.yaml:12 Acme/Sandbox
`},
		{ask("get_me", ""), `
allow  get_me
  because    the tool passes and no repository is named (policy.yaml tools)
  to change  add get_me to the tools.deny that is for all repositories
`},
	} {
		want := strings.TrimPrefix(c.want, "\n") + "  policy     policy.yaml, " + p.SHA256() + "\n"
		if got := p.Explain(c.query).String(); got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
	}
}

func TestProblemsShowTheirPlace(t *testing.T) {
	t.Parallel()
	long := "tools: {deny: [" + strings.Repeat("get_me, ", 30) + "nonsense, " + strings.Repeat("get_me, ", 30) + "get_me]}"
	_, _, err := Parse("/etc/aegis/policy.yaml", []byte("version: 1\n"+long+"\n"))
	var problem *Problem
	if !errors.As(err, &problem) || problem.Line != 2 || problem.Source != long {
		t.Fatalf("%+v", problem)
	}
	rows := strings.Split(problem.Error(), "\n")
	if len(rows) != 3 || strings.Contains(rows[0], "/etc") || len([]rune(rows[1])) > 120 {
		t.Fatalf("%q", rows)
	}
	caret := len([]rune(rows[2])) - 1
	if got := string([]rune(rows[1])[caret:]); !strings.HasPrefix(got, "nonsense") {
		t.Errorf("the caret points at %q", got)
	}
	_, _, err = Parse("policy.yaml", []byte("version: 1\n\"ünïcødé\": {}\n"))
	if !strings.HasSuffix(err.Error(), "| ^") {
		t.Errorf("%v", err)
	}
	_, _, err = Parse("policy.yaml", []byte("version: 1\npaths: {deny: [\"日本\", ä/]}\n"))
	if !strings.HasPrefix(err.Error(), "policy.yaml:2:22:") {
		t.Errorf("%v", err)
	}
}
