package errortest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"aegis/internal/gatetest"
)

// Not there, turned off, empty and not asked rightly are several things, and none of them has
// to do with a token.
func notThere(t *testing.T) {
	c := onGitea(t)
	c.repo("units-off", true, object{"has_issues": false, "has_pull_requests": false, "has_wiki": false, "has_releases": false, "has_actions": false, "has_packages": false})
	c.repo("elsewhere", true, object{
		"has_issues": true, "external_tracker": object{"external_tracker_url": "https://tracker.example/", "external_tracker_format": "https://tracker.example/{index}", "external_tracker_style": "numeric"},
		"has_wiki": true, "external_wiki": object{"external_wiki_url": "https://wiki.example/"},
	})
	plain := c.repo("plain", true, nil)
	c.repo("nothing-yet", false, nil)
	var issue, pull struct{ Number int64 }
	c.keeper(http.MethodPost, plain+"/issues", object{"title": "An issue"}, &issue)
	c.keeper(http.MethodPost, plain+"/branches", object{"new_branch_name": "topic", "old_ref_name": "main"}, nil)
	c.keeper(http.MethodPost, plain+"/contents", object{"branch": "topic", "message": "x", "files": []object{{"operation": "create", "path": "x.txt", "content": []byte("x\n")}}}, nil)
	c.keeper(http.MethodPost, plain+"/pulls", object{"title": "A pull request", "head": "topic", "base": "main"}, &pull)
	d := c.reader("")

	off := func(unit string, calls ...string) (rows []situation) {
		for _, call := range calls {
			tool, more, _ := strings.Cut(call, " ")
			rows = append(rows, situation{unit + " turned off", tool, in("units-off", more), "not_found", []string{"turned off"}, []string{"token"}})
		}
		return rows
	}
	holds(t, d, off("issues", "list_issues", `get_issue ,"number":1`, `list_issue_comments ,"number":1`))
	holds(t, d, off("pull requests", "list_pull_requests", `get_pull_request ,"number":1`, `get_pull_request_diff ,"number":1`,
		`list_pull_request_commits ,"number":1`, `list_pull_request_files ,"number":1`, `list_pull_request_reviews ,"number":1`))
	holds(t, d, off("the wiki", "list_wiki_pages", `get_wiki_page ,"name":"Home"`))
	holds(t, d, off("releases", "list_releases", `get_release ,"tag":"latest"`, `get_release ,"tag":"v1"`))
	holds(t, d, off("actions", "list_workflow_runs", `get_workflow_run ,"run_id":1`, `get_job_log ,"job_id":1`))

	no := []string{"token", "turned off", "scope"}
	holds(t, d, []situation{
		{"issues kept elsewhere", "list_issues", in("elsewhere", ""), "not_found", []string{"outside Gitea"}, no},
		{"issues kept elsewhere", "get_issue", in("elsewhere", `,"number":1`), "not_found", []string{"outside Gitea"}, no},
		{"a wiki kept elsewhere", "list_wiki_pages", in("elsewhere", ""), "not_found", []string{"outside Gitea"}, no},
		{"a wiki kept elsewhere", "get_wiki_page", in("elsewhere", `,"name":"Home"`), "not_found", []string{"outside Gitea"}, no},

		{"", "list_wiki_pages", in("plain", ""), "", []string{`"items":[]`}, no},
		{"", "list_releases", in("plain", ""), "", []string{`"items":[]`}, no},
		{"", "list_commits", in("nothing-yet", ""), "", []string{`"items":[]`, "empty_repository"}, no},
		{"", "get_file_tree", in("nothing-yet", ""), "", []string{`"items":[]`, "empty_repository"}, no},
		{"", "search_code", in("nothing-yet", `,"query":"x"`), "", []string{`"items":[]`, "empty_repository"}, no},
		{"", "list_branches", in("nothing-yet", ""), "", []string{`"items":[]`}, no},
		{"", "list_tags", in("nothing-yet", ""), "", []string{`"items":[]`}, no},

		{"a file in an empty repository", "get_file_contents", in("nothing-yet", `,"path":"README.md"`), "not_found", []string{"empty"}, no},
		{"a ref of an empty repository", "list_commits", in("nothing-yet", `,"ref":"main"`), "not_found", []string{"empty"}, no},
		{"no release yet", "get_release", in("plain", `,"tag":"latest"`), "not_found", []string{"no release yet", "list_releases"}, no},
		{"a tag without a release", "get_release", in("plain", `,"tag":"v9"`), "not_found", []string{"no such release"}, no},
		{"a page of an empty wiki", "get_wiki_page", in("plain", `,"name":"Home"`), "not_found", []string{"nothing in the wiki"}, no},
		{"a missing file", "get_file_contents", in("plain", `,"path":"no/such.txt"`), "not_found", []string{"nothing at this path", "get_file_tree"}, no},
		{"a missing folder", "get_file_tree", in("plain", `,"path":"no/such"`), "not_found", []string{"nothing at this path"}, no},
		{"a missing ref", "list_commits", in("plain", `,"ref":"no-such"`), "not_found", []string{"no such branch, tag or commit"}, no},
		{"a missing issue", "get_issue", in("plain", `,"number":99`), "not_found", []string{"with this number"}, no},
		{"a missing issue", "list_issue_comments", in("plain", `,"number":99`), "not_found", []string{"with this number"}, no},
		{"an issue that is a pull request", "get_issue", in("plain", fmt.Sprintf(`,"number":%d`, pull.Number)), "not_found", []string{"get_pull_request"}, no},
		{"a pull request that is an issue", "get_pull_request", in("plain", fmt.Sprintf(`,"number":%d`, issue.Number)), "not_found", []string{"get_issue"}, no},
		{"a missing pull request", "get_pull_request_diff", in("plain", `,"number":99`), "not_found", []string{"no pull request"}, no},
		{"a missing pull request", "list_pull_request_commits", in("plain", `,"number":99`), "not_found", []string{"no pull request"}, no},
		{"a missing run", "get_workflow_run", in("plain", `,"run_id":99`), "not_found", []string{"no workflow run"}, no},
		{"a missing job, or another repository's", "get_job_log", in("plain", `,"job_id":99`), "not_found", []string{"job"}, no},
		{"a repository that is not there", "get_repository", in("no-such", ""), "not_found", []string{"may see"}, nil},
		{"an owner who is not there", "list_repositories", `{"owner":"no-such"}`, "not_found", []string{"no user or organisation"}, nil},
	})
}

// A token that lacks something is told what, by the row of what was asked.
func tokens(t *testing.T) {
	c := onGitea(t)
	plain := c.repo("scoped", true, nil)
	c.keeper(http.MethodPost, plain+"/issues", object{"title": "An issue"}, nil)
	scoped := func(scopes ...string) string {
		var made struct {
			SHA1 string `json:"sha1"`
		}
		w := c.s.World.Writer
		if err := c.s.WithPassword(t.Context(), w, http.MethodPost, "/users/"+w.Name+"/tokens", object{"name": strings.Join(scopes, "-"), "scopes": scopes}, &made); err != nil {
			t.Fatal(err)
		}
		return made.SHA1
	}
	only := func(scopes ...string) *gatetest.Door {
		return gatetest.Open(t, gatetest.Config{URL: c.s.URL, Token: scoped(scopes...)})
	}
	holds(t, only("read:repository"), []situation{
		{"a token without a scope", "get_me", `{}`, "gitea_forbidden", []string{"read:user"}, nil},
		{"a token without a scope", "list_issues", in("scoped", ""), "gitea_forbidden", []string{"read:issue"}, nil},
		{"a token without a scope", "list_labels", in("scoped", ""), "gitea_forbidden", []string{"read:issue"}, nil},
		{"a token without a scope", "list_notifications", `{}`, "gitea_forbidden", []string{"read:notification"}, nil},
		{"a token without a scope", "search_users", `{"query":"x"}`, "gitea_forbidden", []string{"read:user"}, nil},
		{"a token without a scope", "search_issues", `{"query":"x"}`, "gitea_forbidden", []string{"read:issue"}, nil},
		{"a token without a scope", "list_packages", `{"owner":"acme"}`, "gitea_forbidden", []string{"read:package"}, nil},
		{"a token without a scope", "list_repositories", `{"owner":"acme"}`, "gitea_forbidden", []string{"read:user", "read:repository"}, nil},
	})
	holds(t, only("read:issue", "read:user"), []situation{{"a token without a scope", "get_repository", in("scoped", ""), "gitea_forbidden", []string{"read:repository"}, nil}})
	read := scoped("read:repository", "read:issue", "read:user")
	holds(t, c.writer(read, "scoped", ""), []situation{
		{"a token that only reads", "create_issue", in("scoped", `,"title":"x"`), "gitea_forbidden", []string{"write:issue"}, nil},
		{"a token that only reads", "create_branch", in("scoped", `,"branch":"agent/x"`), "gitea_forbidden", []string{"write:repository"}, nil},
	})
	holds(t, gatetest.Open(t, gatetest.Config{URL: c.s.URL, Token: c.s.World.ReaderPublicOnly}), []situation{
		{"a token for what is public", "get_repository", in("scoped", ""), "gitea_forbidden", []string{"limited to what is public"}, nil},
	})
	holds(t, gatetest.Open(t, gatetest.Config{URL: c.s.URL, Token: someToken}), []situation{{"a token that Gitea does not know", "get_me", `{}`, "gitea_unauthorized", []string{"GITEA_TOKEN"}, nil}})
	holds(t, gatetest.Open(t, gatetest.Config{URL: c.s.URL}), []situation{
		{"no token", "list_notifications", `{}`, "gitea_unauthorized", []string{"only with a token"}, nil},
		{"a private repository without a token", "get_repository", in("scoped", ""), "not_found", []string{"may see"}, nil},
	})
	stranger := func(name string, settings object) string {
		c.keeper(http.MethodPost, "/admin/users", object{"username": name, "email": name + "@example.test", "password": "a long Password 1", "must_change_password": false}, nil)
		var made struct {
			SHA1 string `json:"sha1"`
		}
		as := c.s.World.Writer
		as.Name, as.Password = name, "a long Password 1"
		if err := c.s.WithPassword(t.Context(), as, http.MethodPost, "/users/"+name+"/tokens", object{"name": "x", "scopes": []string{"all"}}, &made); err != nil {
			t.Fatal(err)
		}
		settings["login_name"], settings["source_id"] = name, 0
		c.keeper(http.MethodPatch, "/admin/users/"+name, settings, nil)
		return made.SHA1
	}
	for _, row := range []struct {
		name, user string
		settings   object
		says       string
	}{
		{"a user who has to change the password", "late-one", object{"must_change_password": true}, "has to change the password"},
		{"a user who may not sign in", "barred-one", object{"prohibit_login": true}, "may not sign in"},
	} {
		d := gatetest.Open(t, gatetest.Config{URL: c.s.URL, Token: stranger(row.user, row.settings)})
		holds(t, d, []situation{{row.name, "get_me", `{}`, "gitea_forbidden", []string{row.says}, []string{"scope"}}})
		holds(t, d, []situation{{row.name, "list_repositories", `{}`, "gitea_forbidden", []string{row.says}, []string{"scope"}}})
	}
}
