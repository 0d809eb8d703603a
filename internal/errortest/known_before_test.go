package errortest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"aegis/internal/gatetest"
)

// sent counts what a door's log says was sent to change something.
func sent(d *gatetest.Door) (n int) {
	for _, e := range d.Entries() {
		if e["kind"] == "decision" && e["stage"] == "resolved" {
			n++
		}
	}
	return n
}

// twice is a table with each call as a dry run as well.
func twice(table []situation) (all []situation) {
	for _, s := range table {
		dry := s
		dry.name, dry.args = "", strings.TrimSuffix(s.args, "}")+`,"dry_run":true}`
		all = append(all, s, dry)
	}
	return all
}

const aFile = `"message":"x","files":[{"operation":"create","path":"docs/x.md","content":"x\n"}]`

// What is known before is refused before anything is sent, by name, in a dry run too.
func knownBefore(t *testing.T) {
	c := onGitea(t)
	w := c.s.World
	guarded := c.repo("guarded", true, nil)
	for _, branch := range []string{"agent/closed", "agent/signed", "agent/open"} {
		c.keeper(http.MethodPost, guarded+"/branches", object{"new_branch_name": branch, "old_ref_name": "main"}, nil)
	}
	c.keeper(http.MethodPost, guarded+"/branch_protections", object{"rule_name": "agent/closed", "enable_push": false}, nil)
	c.keeper(http.MethodPost, guarded+"/branch_protections", object{"rule_name": "agent/signed", "enable_push": true, "require_signed_commits": true}, nil)
	c.keeper(http.MethodPost, guarded+"/branch_protections", object{"rule_name": "fixed/*", "enable_push": false}, nil)
	c.keeper(http.MethodPost, guarded+"/tag_protections", object{"name_pattern": "v*", "whitelist_usernames": []string{w.Keeper.Name}}, nil)
	d := c.writer(w.Writer.Token, "guarded", "")
	holds(t, d, twice([]situation{
		{"a protected branch", "commit_files", in("guarded", `,"branch":"agent/closed",`+aFile), "gitea_forbidden", []string{"protected", "create_branch"}, nil},
	}))
	if n := sent(d); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	holds(t, d, []situation{
		{"a branch that takes signed commits only, for who can't know", "commit_files", in("guarded", `,"branch":"agent/signed",`+aFile), "gitea_forbidden", []string{"not signed", "nothing was written"}, nil},
		{"a name that is protected", "create_branch", in("guarded", `,"branch":"fixed/one"`), "conflict", []string{"nothing was written", "protect"}, nil},
		{"a tag that is protected", "create_release", in("guarded", `,"tag":"v1"`), "gitea_forbidden", []string{"tag is protected"}, nil},
		{"", "commit_files", in("guarded", `,"branch":"agent/open",`+aFile), "", nil, nil},
	})
	keeper := c.writer(w.Keeper.Token, "guarded", "")
	holds(t, keeper, twice([]situation{
		{"a branch that takes signed commits only", "commit_files", in("guarded", `,"branch":"agent/signed",`+aFile), "gitea_forbidden", []string{"signed commits only"}, nil},
	}))
	if n := sent(keeper); n != 0 {
		t.Errorf("%d requests were sent", n)
	}

	c.repo("stored-away", true, object{"archived": true})
	c.repo("units-off-too", true, object{"has_issues": false, "has_pull_requests": false, "has_wiki": false, "has_releases": false})
	for name, token := range map[string]string{"guarded": w.Reader.Token, "stored-away": w.Writer.Token, "units-off-too": w.Writer.Token} {
		d := c.writer(token, name, "")
		switch name {
		case "guarded":
			holds(t, d, twice([]situation{
				{"a user who may not push", "commit_files", in(name, `,"branch":"agent/open",`+aFile), "gitea_forbidden", []string{"may not push"}, []string{"scope"}},
				{"a user who may not push", "create_branch", in(name, `,"branch":"agent/new"`), "gitea_forbidden", []string{"may not write"}, []string{"scope"}},
			}))
		case "stored-away":
			holds(t, d, twice([]situation{
				{"an archived repository", "create_issue", in(name, `,"title":"x"`), "conflict", []string{"archived"}, nil},
				{"an archived repository", "create_branch", in(name, `,"branch":"agent/x"`), "conflict", []string{"archived"}, nil},
				{"an archived repository", "create_label", in(name, `,"name":"x","color":"#00aabb"`), "conflict", []string{"archived"}, nil},
			}))
		case "units-off-too":
			holds(t, d, twice([]situation{
				{"a part that is turned off", "create_issue", in(name, `,"title":"x"`), "not_found", []string{"issues", "turned off"}, nil},
				{"a part that is turned off", "update_issue", in(name, `,"number":1,"title":"x"`), "not_found", []string{"issues", "turned off"}, nil},
				{"a part that is turned off", "create_pull_request", in(name, `,"title":"x","head":"agent/x","base":"main"`), "not_found", []string{"pull requests", "turned off"}, nil},
				{"a part that is turned off", "write_wiki_page", in(name, `,"name":"Home","content":"x"`), "not_found", []string{"wiki", "turned off"}, nil},
				{"a part that is turned off", "create_release", in(name, `,"tag":"v1"`), "not_found", []string{"releases", "turned off"}, nil},
			}))
		}
		if n := sent(d); n != 0 {
			t.Errorf("%s: %d requests were sent", name, n)
		}
	}
}

// The first commit to an empty repository is possible where policy names its branch, which
// becomes the default one.
func firstCommit(t *testing.T) {
	c := onGitea(t)
	for _, name := range []string{"newborn", "newborn-two", "newborn-three"} {
		c.repo(name, false, nil)
	}
	token := c.s.World.Writer.Token
	first := `,"branch":"trunk",` + aFile
	holds(t, c.writer(token, "newborn", ""), twice([]situation{
		{"a first commit to a branch that policy does not name", "commit_files", in("newborn", first), "branch_denied", []string{"empty", "default one", "branches.allow"}, nil},
		{"a branch of an empty repository", "create_branch", in("newborn", `,"branch":"agent/x"`), "not_found", []string{"empty", "commit_files"}, nil},
	}))
	named := "    branches: {allow: [trunk]}\n"
	d := c.writer(token, "newborn-two", named)
	holds(t, d, []situation{
		{"", "commit_files", strings.TrimSuffix(in("newborn-two", first), "}") + `,"dry_run":true}`, "", []string{`"becomes_default_branch":true`}, nil},
		{"", "commit_files", in("newborn-two", first), "", []string{`"became_default_branch":true`}, []string{`"note"`}},
		{"", "get_file_contents", in("newborn-two", `,"path":"docs/x.md"`), "", []string{"refs/heads/trunk"}, nil},
	})
	holds(t, c.writer(token, "newborn-three", named), []situation{
		{"a first commit that replaces something", "commit_files", in("newborn-three", `,"branch":"trunk","message":"x","files":[{"operation":"delete","path":"a","sha":"`+someToken+`"}]`), "conflict", []string{"empty"}, nil},
	})
}

// Histories that have nothing in common are said to, with what to call instead.
func noCommonHistory(t *testing.T) {
	c := onGitea(t)
	orphan := c.repo("two-roots", true, nil)
	c.push("two-roots", "commit refs/heads/other\ncommitter a <a@example.test> 1700000000 +0000\ndata 1\nx\nM 100644 inline other.txt\ndata 1\nx\n\n")
	var pull struct{ Number int64 }
	c.keeper(http.MethodPost, orphan+"/pulls", object{"title": "x", "head": "other", "base": "main"}, &pull)
	holds(t, c.reader(""), []situation{
		{"refs with no history in common", "compare_refs", in("two-roots", `,"base":"main","head":"other"`), "conflict", []string{"no commit in common", "list_commits"}, nil},
		{"a pull request with no history in common", "list_pull_request_commits", in("two-roots", fmt.Sprintf(`,"number":%d`, pull.Number)), "conflict", []string{"no commit in common", "get_pull_request"}, nil},
		{"a pull request with no history in common", "list_pull_request_files", in("two-roots", fmt.Sprintf(`,"number":%d`, pull.Number)), "conflict", []string{"no commit in common"}, nil},
		{"a pull request with no history in common", "get_pull_request_diff", in("two-roots", fmt.Sprintf(`,"number":%d`, pull.Number)), "conflict", []string{"no commit in common"}, nil},
	})
}
