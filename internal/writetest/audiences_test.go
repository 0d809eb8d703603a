package writetest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

// board is a Gitea on which sessions read in one place and write in another.
type board struct {
	*testing.T
	s *giteatest.Server
}

// session opens a new one, with the Writer's token, that may write everywhere.
func (b board) session(t *testing.T) (*gatetest.Door, *giteatest.Proxy) {
	t.Helper()
	var repos []canon.Repo
	for _, name := range []string{
		"acme/noticeboard", "acme/playground", "acme/sandbox", "acme/open-units", "guild/workshop", "guild/shut", "cellar/plans", "recluse/own", "writer/sandbox",
	} {
		repo, err := canon.ParseFullName(name)
		if err != nil {
			t.Fatal(err)
		}
		repos = append(repos, repo)
	}
	proxy := b.s.Proxy(t)
	return gatetest.Open(t, gatetest.Config{URL: proxy.URL, Token: b.s.World.Writer.Token, Policy: allowing, Write: true, Repos: repos}), proxy
}

func (b board) must(method, path string, body any) {
	b.Helper()
	if err := b.s.As(b.s.World.Keeper.Token).Into(context.WithoutCancel(b.Context()), method, path, body, nil); err != nil {
		b.Fatal(err)
	}
}

// house makes a repository with an issue that the Writer may write to.
func (b board) house(under, owner, name string, private bool) {
	b.Helper()
	b.must("POST", under, map[string]any{"name": name, "private": private, "auto_init": true, "default_branch": "main"})
	b.let(owner + "/" + name)
}

// let lets the Writer write to a repository, and opens an issue there.
func (b board) let(repo string) {
	b.Helper()
	b.must("PUT", "/repos/"+repo+"/collaborators/writer", map[string]any{"permission": "write"})
	b.must("POST", "/repos/"+repo+"/issues", map[string]any{"title": "one", "body": "b"})
}

const noteOne = `,"number":1,"body":"x"`

// TestTwoAudiencesInOneRank: what only an owner's members see does not flow to
// everybody with an account, and nothing narrower flows to where a unit is open.
func TestTwoAudiencesInOneRank(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	b := board{t, giteatest.StartNew(t)}
	b.let("cellar/plans")
	b.house("/admin/users/recluse/repos", "recluse", "own", false)
	b.house("/orgs/acme/repos", "acme", "open-units", true)
	b.house("/orgs/guild/repos", "guild", "shut", true)
	t.Run("members", b.members)
	t.Run("open units", b.openUnits)
}

// members: a repository of a private owner is not private, and seen by few.
func (b board) members(t *testing.T) {
	for _, row := range []struct {
		read, args, write string
		flows             bool
	}{
		{"get_issue", args("cellar/plans", `,"number":1`), "guild/workshop", false},
		{"get_repository", args("cellar/plans", ""), "guild/workshop", false},
		{"list_branches", args("recluse/own", ""), "guild/workshop", false},
		{"search_issues", `{"query":"one","owner":"cellar"}`, "guild/workshop", false},
		{"get_file_contents", args("recluse/own", `,"path":"README.md"`), "acme/noticeboard", false},
		{"list_repositories", `{"owner":"cellar"}`, "guild/workshop", true},
		{"get_issue", args("cellar/plans", `,"number":1`), "acme/playground", true},
		{"get_issue", args("acme/playground", `,"number":1`), "cellar/plans", true}, // private to private
		{"get_issue", args("acme/playground", `,"number":1`), "recluse/own", true},
		{"get_issue", args("guild/workshop", `,"number":1`), "cellar/plans", true},
		{"get_issue", args("guild/workshop", `,"number":1`), "guild/workshop", true},
	} {
		t.Run(row.read+" "+row.args+" to "+row.write, func(t *testing.T) {
			t.Parallel()
			d, _ := b.session(t)
			if a := d.Ask(row.read, row.args); a.IsError {
				t.Fatal(a.All)
			}
			a := d.Ask("create_comment", args(row.write, noteOne))
			if row.flows == a.IsError || a.IsError && a.Code != "flow_denied" {
				t.Error(a.All)
			}
		})
	}
	t.Run("reference", func(t *testing.T) { // it leaves an event where more people see it
		t.Parallel()
		d, _ := b.session(t)
		d.Ask("get_issue", args("cellar/plans", `,"number":1`))
		if a := d.Ask("create_comment", args("cellar/plans", `,"number":1,"body":"guild/workshop#1"`)); a.Code != "flow_denied" {
			t.Error(a.All)
		}
	})
}

// openUnits: a private repository of which the world sees a part is written to as a
// public one.
func (b board) openUnits(t *testing.T) {
	show := func(repo string, modes map[string]string) {
		t.Helper()
		if err := b.s.ShowUnits(t.Context(), repo, modes); err != nil {
			t.Fatal(err)
		}
	}
	// tried reads in one place, writes in another and returns the code.
	tried := func(t *testing.T, read, write string) (string, string, int) {
		t.Helper()
		d, proxy := b.session(t)
		if a := d.Ask("get_issue", args(read, `,"number":1`)); a.IsError {
			t.Fatal(a.All)
		}
		asked := 0
		var a gatetest.Answer
		for range 3 {
			a = d.Ask("create_comment", args(write, noteOne))
		}
		for _, r := range proxy.Requests() {
			if r.Header.Get("Authorization") == "" {
				asked++
			}
		}
		return string(a.Code), a.All, asked
	}
	for _, repo := range []string{"acme/open-units", "guild/shut", "guild/workshop", "cellar/plans"} {
		code, all, asked := tried(t, repo, repo)
		if code != "" || asked != 1 {
			t.Errorf("%s is closed: %d requests without a token, %s", repo, asked, all)
		}
		for unit := range giteatest.Units {
			if unit == "projects" || unit == "packages" {
				continue // there may be none
			}
			show(repo, map[string]string{unit: "anonymous-read"})
			for _, read := range []string{repo, "acme/playground"} {
				if code, all, _ := tried(t, read, repo); code != "flow_denied" || !strings.Contains(all, repo+" is public") {
					t.Errorf("%s of %s is open: %s", unit, repo, all)
				}
			}
			if code, all, _ := tried(t, repo, "acme/noticeboard"); code != "flow_denied" {
				t.Errorf("%s of %s is open, and what was read there is still narrow: %s", unit, repo, all)
			}
		}
		show(repo, nil)
	}
	t.Run("nothing was read", func(t *testing.T) {
		show("acme/open-units", map[string]string{"wiki": "anonymous-read"})
		d, proxy := b.session(t)
		if a := d.Ask("create_comment", args("acme/open-units", noteOne)); a.IsError {
			t.Error(a.All)
		}
		for _, r := range proxy.Requests() {
			if r.Header.Get("Authorization") == "" {
				t.Errorf("asked without need: %s", r.Path)
			}
		}
	})
	t.Run("reference", func(t *testing.T) {
		d, _ := b.session(t)
		d.Ask("get_issue", args("acme/playground", `,"number":1`))
		if a := d.Ask("create_comment", args("acme/playground", `,"number":1,"body":"acme/open-units#1"`)); a.Code != "flow_denied" {
			t.Error(a.All)
		}
	})
	t.Run("pull request from a private fork", func(t *testing.T) {
		show("acme/sandbox", map[string]string{"pulls": "anonymous-read"})
		b.must("POST", "/repos/writer/sandbox/contents", map[string]any{"branch": "main", "message": "m", "files": []any{
			map[string]any{"operation": "create", "path": "fork.txt", "content": "eA=="},
		}})
		d, _ := b.session(t)
		if a := d.Ask("create_pull_request", args("acme/sandbox", `,"title":"t","head":"writer:main","base":"main"`)); a.Code != "flow_denied" || !strings.Contains(a.All, "writer/sandbox") {
			t.Error(a.All)
		}
	})
	t.Run("what no answer tells", func(t *testing.T) { // that everybody with an account sees a unit
		show("acme/open-units", map[string]string{"wiki": "everyone-read"})
		if code, all, _ := tried(t, "acme/open-units", "acme/open-units"); code != "" {
			t.Errorf("docs/security.md says otherwise: %s", all)
		}
		var seen []string
		for _, path := range []string{"", "/issues", "/wiki/pages"} {
			answer, err := b.s.As(b.s.World.Outsider.Token).Do(t.Context(), "GET", "/repos/acme/open-units"+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			seen = append(seen, fmt.Sprint(answer.Status))
		}
		if got := strings.Join(seen, " "); !strings.HasPrefix(got, "403 404") {
			t.Errorf("an outsider is answered %s", got)
		}
	})
}
