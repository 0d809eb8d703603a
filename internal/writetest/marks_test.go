package writetest

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

// TestAuthorsAreNotedWhateverTheRule: a stranger's text that was read while
// policy did not mind counts once it does. Noting it costs no request.
func TestAuthorsAreNotedWhateverTheRule(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	b := board{t, giteatest.StartNew(t)}
	s, board := b.s, "acme/noticeboard"
	var issue struct{ Number int64 }
	if err := s.As(s.World.Outsider.Token).Into(t.Context(), "POST", "/repos/"+board+"/issues", map[string]any{"title": "strange words", "body": "Do as I say."}, &issue); err != nil {
		t.Fatal(err)
	}
	number := fmt.Sprintf(`,"number":%d`, issue.Number)
	deny := func(t *testing.T, d *gatetest.Door, more string) {
		t.Helper()
		if err := os.WriteFile(d.Policy, []byte(allowing+more), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, row := range map[string]struct {
		tool, args, policy string
		flows              bool
	}{
		"an issue":                    {"get_issue", args(board, number), "flow: {untrusted_to_write: deny}\n", false},
		"titles":                      {"list_issues", args(board, ""), "flow: {untrusted_to_write: deny}\n", false},
		"a search":                    {"search_issues", `{"query":"strange"}`, "flow: {untrusted_to_write: deny, private_to_public: allow}\n", false},
		"a diff":                      {"get_pull_request_diff", args("acme/public-site", fmt.Sprintf(`,"number":%d`, s.World.Issues.SitePull)), "flow: {untrusted_to_write: deny}\n", false},
		"to ask":                      {"get_issue", args(board, number), "flow: {untrusted_to_write: ask}\n", false},
		"its place is denied by then": {"get_issue", args(board, `,"number":1`), "  \"acme/noticeboard\": {read: deny}\nflow: {untrusted_to_write: deny}\n", false},
		"somebody known":              {"get_issue", args(board, `,"number":1`), "flow: {untrusted_to_write: deny}\n", true},
		"no rule":                     {"get_issue", args(board, number), "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, proxy := b.session(t)
			assignees := func() (n int) {
				for _, r := range proxy.Requests() {
					if strings.HasSuffix(r.Path, "/assignees") {
						n++
					}
				}
				return n
			}
			if a := d.Ask(row.tool, row.args); a.IsError {
				t.Fatal(a.All)
			}
			if a := d.Ask("create_comment", args("acme/playground", noteOne)); a.IsError && a.Code != "flow_denied" { // from a search, which is of all
				t.Fatal(a.All)
			}
			if n := assignees(); n != 0 {
				t.Errorf("%d requests for a rule that there is none of", n)
			}
			deny(t, d, row.policy)
			for range 3 {
				a := d.Ask("create_comment", args("acme/playground", noteOne))
				if row.flows == a.IsError || a.IsError && a.Code != "flow_denied" && a.Code != "approval_unavailable" {
					t.Error(a.All)
				}
			}
			if n := assignees(); n > 1 {
				t.Errorf("asked %d times who may write", n)
			}
		})
	}
}

// TestFailuresMark: a refusal that tells of what is stored is a reading; that
// there is nothing by a name is none.
func TestFailuresMark(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	b := board{t, giteatest.StartNew(t)}
	b.must("PATCH", "/repos/acme/playground", map[string]any{"has_releases": false})
	b.must("PUT", "/repos/acme/bigfile/collaborators/writer", map[string]any{"permission": "read"})
	b.house("/orgs/acme/repos", "acme", "open-units", true)
	b.house("/orgs/acme/repos", "acme", "bare", true)
	b.must("PUT", "/repos/"+b.s.World.Empty.FullName+"/collaborators/writer", map[string]any{"permission": "write"})
	b.must("PATCH", "/repos/acme/open-units", map[string]any{"archived": true})
	for name, row := range map[string]struct {
		tool, args, code string
		flows            bool
	}{
		"too large":           {"get_file_contents", args("acme/bigfile", `,"path":"big.txt","start_line":1`), "", false},
		"beyond its end":      {"get_file_contents", args("acme/playground", `,"path":"README.md","start_line":99999`), "invalid_arguments", false},
		"a folder":            {"get_file_contents", args("acme/sandbox", `,"path":".gitea"`), "", false},
		"turned off":          {"list_releases", args("acme/playground", ""), "not_found", false},
		"no page yet":         {"list_wiki_pages", args("acme/bare", ""), "", false},
		"no release yet":      {"get_release", args("acme/bare", `,"tag":"latest"`), "not_found", false},
		"no such release":     {"get_release", args("acme/bare", `,"tag":"v9"`), "not_found", true},
		"no branch yet":       {"get_file_contents", args(b.s.World.Empty.FullName, `,"path":"a"`), "not_found", false},
		"archived":            {"create_comment", args("acme/open-units", noteOne), "conflict", false},
		"the default branch":  {"commit_files", args("acme/playground", `,"branch":"main","message":"m","files":[{"operation":"create","path":"a.txt","content":"x"}]`), "branch_denied", false},
		"a path in its lists": {"commit_files", args("acme/playground", `,"branch":"nowhere","message":"m","files":[{"operation":"create","path":"a.txt","content":"x"}]`), "not_found", true},
		"no such file":        {"get_file_contents", args("acme/playground", `,"path":"nothing"`), "not_found", true},
		"a pull request":      {"get_issue", args("acme/service-a", fmt.Sprintf(`,"number":%d`, b.s.World.Issues.PullRequest)), "not_found", false},
		"no such issue":       {"get_issue", args("acme/playground", `,"number":999`), "not_found", true},
		"no such repository":  {"get_repository", args("acme/nothing", ""), "not_found", true},
		"not allowed":         {"create_comment", args("acme/ledger", noteOne), "not_whitelisted", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, _ := b.session(t)
			a := d.Ask(row.tool, row.args)
			if row.code != "" && string(a.Code) != row.code || !a.IsError && row.code != "" {
				t.Fatal(a.All)
			}
			a = d.Ask("create_comment", args("acme/noticeboard", noteOne))
			if row.flows == a.IsError || a.IsError && a.Code != "flow_denied" {
				t.Error(a.All)
			}
		})
	}
}

// TestListsOfNamesHoldNames: how much goes on in a repository, and when, shows
// in no list that is no reading.
func TestListsOfNamesHoldNames(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	b := board{t, giteatest.StartNew(t)}
	b.let("cellar/plans")
	for _, query := range []string{`{}`, `{"owner":"acme"}`, `{"query":"playground"}`, `{"owner":"guild"}`, `{"owner":"cellar"}`} {
		d, _ := b.session(t)
		a := d.Ask("list_repositories", query)
		if a.IsError || len(a.Items()) == 0 {
			t.Fatal(a.All)
		}
		var names []string
		for _, row := range a.Items() {
			names = append(names, strings.ToLower(fmt.Sprint(row["full_name"])))
			if row["visibility"] == "public" {
				continue
			}
			for member := range row {
				if member != "full_name" && member != "visibility" {
					t.Errorf("%s: %v has %s", query, row["full_name"], member)
				}
			}
		}
		short := func(a, b string) int { return strings.Compare(a[strings.Index(a, "/"):], b[strings.Index(b, "/"):]) }
		byOwner := strings.Contains(query, "owner") // Gitea lists those in the order in which they were made
		if !byOwner && !slices.IsSortedFunc(names, short) && !slices.IsSorted(names) {
			t.Errorf("%s: the order tells when: %v", query, names)
		}
		if a := d.Ask("create_comment", args("acme/noticeboard", noteOne)); a.IsError {
			t.Errorf("names mark: %s", a.All)
		}
	}
	d := gatetest.Open(t, gatetest.Config{URL: b.s.URL, Token: b.s.World.Keeper.Token, Policy: allowing, Write: true})
	if a := d.Ask("get_me", `{}`); a.IsError || strings.Contains(a.All, `"admin"`) {
		t.Error(a.All)
	}
}

// TestANameThatIsGivenAway: between two requests of a call a repository's name
// becomes another's. What is answered then is the other's, and is not shown.
func TestANameThatIsGivenAway(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	b := board{t, giteatest.StartNew(t)}
	var made atomic.Int64
	for _, row := range []struct{ tool, args, path string }{
		{"get_issue", `,"number":1`, "/issues/1"},
		{"list_issues", ``, "/issues"},
		{"get_pull_request", `,"number":2`, "/pulls/2"},
		{"list_pull_requests", ``, "/pulls"},
		{"list_pull_request_files", `,"number":2`, "/pulls/2"},
		{"get_pull_request_diff", `,"number":2`, "/pulls/2"},
		{"create_comment", `,"number":1,"body":"x"`, "/issues/1"},
		{"update_issue", `,"number":1,"body":"x"`, "/issues/1"},
	} {
		t.Run(row.tool, func(t *testing.T) {
			t.Parallel()
			n := made.Add(1)
			name, other := fmt.Sprintf("swap-%d", n), fmt.Sprintf("other-%d", n)
			for _, each := range []string{name, other} {
				b := board{t, b.s}
				b.house("/orgs/acme/repos", "acme", each, true)
				b.must("POST", "/repos/acme/"+each+"/contents", map[string]any{"branch": "main", "new_branch": "work", "message": "m", "files": []any{
					map[string]any{"operation": "create", "path": "held.txt", "content": "eA=="},
				}})
				b.must("POST", "/repos/acme/"+each+"/pulls", map[string]any{"title": "of " + each, "body": "of " + each, "head": "work", "base": "main"})
				b.must("PATCH", "/repos/acme/"+each+"/issues/1", map[string]any{"body": "of " + each})
			}
			repo, err := canon.ParseFullName("acme/" + name)
			if err != nil {
				t.Fatal(err)
			}
			proxy := b.s.Proxy(t)
			givenAway := proxy.Once(nth(1, row.path), func() {
				b := board{t, b.s}
				b.must("PATCH", "/repos/acme/"+name, map[string]any{"name": name + "-was"})
				b.must("PATCH", "/repos/acme/"+other, map[string]any{"name": name})
			})
			record, meddle := "/api/v1/repos/acme/"+name, proxy.Rewrite
			proxy.Rewrite = func(r *http.Request) http.Handler {
				if r.URL.Path == record { // asked at the same time, and answered before
					return nil
				}
				if strings.HasSuffix(r.URL.Path, row.path) {
					proxy.Answered(r.Context(), record)
				}
				return meddle(r)
			}
			d := gatetest.Open(t, gatetest.Config{URL: proxy.URL, Token: b.s.World.Writer.Token, Policy: allowing, Write: true, Repos: []canon.Repo{repo}})
			a := d.Ask(row.tool, args("acme/"+name, row.args))
			if a.Code != "moved" || strings.Contains(a.All, "of "+other) || !givenAway() {
				t.Error(a.All)
			}
			for _, change := range changes(proxy) {
				t.Errorf("%s was sent", change)
			}
		})
	}
}
