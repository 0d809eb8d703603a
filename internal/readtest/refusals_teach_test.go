package readtest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"aegis/internal/canon"
	"aegis/internal/gatetest"
)

// The rest of a line that is longer than an answer may be can be had, whole, and with
// nothing of a secret in any part.
func TestTheRestOfALongLine(t *testing.T) {
	t.Parallel()
	s, f := reading(t)
	keeper := s.As(s.World.Keeper.Token)
	if err := keeper.Into(t.Context(), http.MethodPost, "/orgs/acme/repos", object{"name": "wide", "private": true, "auto_init": true, "default_branch": "main"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := keeper.Into(t.Context(), http.MethodPut, "/repos/acme/wide/collaborators/reader", object{"permission": "read"}, nil); err != nil {
		t.Fatal(err)
	}
	var wide strings.Builder
	for i := range 4000 {
		fmt.Fprintf(&wide, "var é%d=[%d];", i, i*i)
		if i == 2000 {
			wide.WriteString(f.planted + ";")
		}
	}
	text := "first\n" + wide.String() + "\nlast\n"
	if err := keeper.Into(t.Context(), http.MethodPost, "/repos/acme/wide/contents/app.min.js", object{"branch": "main", "message": "m", "content": []byte(text)}, nil); err != nil {
		t.Fatal(err)
	}
	d := door(t, s, "version: 1\nlimits: {bytes_per_answer: 9000}\n")
	const in = `{"owner":"acme","repo":"wide","path":"app.min.js"`
	var whole strings.Builder
	a := ok(t, d.Ask("get_file_contents", in+`}`))
	for n := 0; ; n++ {
		whole.WriteString(strings.TrimSuffix(inside(a.Text), "\n"))
		line, more := a.Fields["next_start_line"].(float64)
		if !more || n > 100 {
			break
		}
		next := fmt.Sprintf(`,"start_line":%d`, int(line))
		if column, within := a.Fields["next_start_column"].(float64); within {
			next += fmt.Sprintf(`,"start_column":%d`, int(column))
			if hint := fmt.Sprint(a.Fields["hint"]); !strings.Contains(hint, fmt.Sprintf("start_line %d with start_column %d goes on", int(line), int(column))) {
				t.Errorf("the hint is %q", hint)
			}
		} else {
			whole.WriteString("\n")
		}
		a = ok(t, d.Ask("get_file_contents", in+next+`}`))
		if strings.Contains(a.All, f.secret) {
			t.Fatalf("the secret shows")
		}
	}
	got := whole.String()
	if !strings.HasPrefix(got, "first\nvar é0=[0];var é1=[1];") || !strings.HasSuffix(got, "var é3999=[15992001];\nlast") || strings.Count(got, "=[") != 4000 || strings.Count(got, "[redacted:") != 1 {
		t.Errorf("%d bytes of %d: %.200s … %s", len(got), len(text), got, got[max(0, len(got)-200):])
	}
	refused(t, d.Ask("get_file_contents", in+`,"start_line":1,"start_column":100}`), "invalid_arguments")
	refused(t, d.Ask("get_file_contents", in+`,"start_column":100}`), "invalid_arguments")
}

// inside is a text without its marks.
func inside(text string) string {
	_, text, _ = strings.Cut(text, "\n")
	at := strings.LastIndex(strings.TrimSuffix(text, "\n"), "\n")
	return text[:max(0, at)]
}

// get_me tells what may be written where, as far as the caller may know, and that write
// mode is of no use.
func TestGetMeTellsWhatMayBeWritten(t *testing.T) {
	t.Parallel()
	s, _ := reading(t)
	var names []canon.Repo
	for _, name := range []string{"acme/playground", "acme/sandbox", "acme/hr-people"} {
		repo, err := canon.ParseFullName(name)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, repo)
	}
	const opening = `
version: 1
approve: [create_release]
repositories:
  "acme/playground": {write: allow, branches: {allow: ["agent/**"]}, write_paths: {allow: ["docs/**"], deny: ["docs/locked/**"]}, approve: [create_pull_request]}
  "acme/play*": {tools: {deny: [edit_comment]}, branches: {allow: ["agent/*", "bot/*"]}}
  "acme/sandbox": {automation: allow}
  "acme/hr-*": {write: allow, branches: {allow: ["people/**"]}}
  "*/hr-people": {read: deny}
`
	ask := func(policy string, repos []canon.Repo) gatetest.Answer {
		return ok(t, gatetest.Open(t, gatetest.Config{URL: s.URL, Token: s.World.Writer.Token, Policy: policy, Write: true, Repos: repos}).Ask("get_me", `{}`))
	}
	a := ask(opening, names)
	if got, want := raw(a.Fields["writing"]), raw([]object{
		{
			"repository": "acme/playground", "write": true, "automation": false, "branches": "agent/**; and also agent/*, bot/*", "write_paths": "docs/**, but for what a rule denies",
			"tools": []string{
				"commit_files", "create_branch", "create_comment", "create_issue", "create_label", "create_milestone", "create_pull_request", "create_pull_request_review",
				"create_release", "edit_release", "update_issue", "update_pull_request", "write_wiki_page",
			},
			"a_human_is_asked_before": []string{"create_pull_request", "create_release"},
		},
		{"repository": "acme/sandbox", "write": false, "automation": true},
	}); got != want {
		t.Errorf("%s\nnot %s", got, want)
	}
	for _, hidden := range []string{"hr-", "people/", "locked"} {
		if strings.Contains(a.All, hidden) {
			t.Errorf("%s shows in %s", hidden, a.Object)
		}
	}
	if a := ask("version: 1\n", names); !strings.Contains(fmt.Sprint(a.Fields["hint"]), "write: allow for no repository") {
		t.Errorf("%s", a.Object)
	}
	if a := ask(opening, nil); !strings.Contains(fmt.Sprint(a.Fields["hint"]), "names no repository") {
		t.Errorf("%s", a.Object)
	}
	var many []canon.Repo
	for i := range 30 {
		repo, _ := canon.ParseRepo("acme", fmt.Sprintf("many-%d", i))
		many = append(many, repo)
	}
	if a := ask("version: 1\nrepositories: {\"acme/*\": {write: allow}}\n", many); len(a.Fields["writing"].([]any)) != 20 || a.Fields["writing_more"] != 10.0 || len(a.All) > 8000 {
		t.Errorf("%d bytes: %s", len(a.All), a.Object)
	}
}
