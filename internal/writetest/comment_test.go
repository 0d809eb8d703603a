package writetest

import (
	"strings"
	"testing"

	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

// open opens a door that Writer may write through, to the repositories given.
func open(t *testing.T, s *giteatest.Server, policy string, repos ...giteatest.Repo) *gatetest.Door {
	t.Helper()
	var names []canon.Repo
	for _, repo := range repos {
		name, err := canon.ParseFullName(repo.FullName)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return gatetest.Open(t, gatetest.Config{URL: s.URL, Token: s.World.Writer.Token, Policy: policy, Write: true, Repos: names})
}

const allowing = `
version: 1
repositories:
  "*/*": {write: allow}
`

func TestCommentsAreWritten(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	s := giteatest.StartNew(t)
	d := open(t, s, allowing, s.World.Playground)
	a := d.Ask("create_comment", `{"owner":"acme","repo":"playground","number":1,"body":"hello\nworld"}`)
	if a.IsError {
		t.Fatal(a.All)
	}
	t.Log(a.All)
	if a := d.Ask("list_issue_comments", `{"owner":"acme","repo":"playground","number":1}`); !strings.Contains(a.All, "hello") {
		t.Error(a.All)
	}
	t.Log(d.Ask("create_comment", `{"owner":"acme","repo":"playground","number":1,"body":"dry","dry_run":true}`).All)
	t.Log(d.Ask("create_comment", `{"owner":"acme","repo":"sandbox","number":1,"body":"dry","dry_run":true}`).All)
	t.Log(d.Ask("create_comment", `{"owner":"acme","repo":"playground","number":1,"body":"[redacted:x]"}`).All)
	for _, e := range d.Entries() {
		t.Log(e)
	}
}
