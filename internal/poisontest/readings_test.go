package poisontest

import (
	"fmt"
	"strings"
	"testing"

	"aegis/tools"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// reading is a call that looks at what is private.
type reading struct{ name, tool, args string }

// everyReading looks at it by each tool.
func (w *stage) everyReading() []reading {
	v := w.vault
	at := func(more string, args ...any) string {
		return `{"owner":"acme","repo":"vault"` + fmt.Sprintf(more, args...) + "}"
	}
	return []reading{
		{"", "get_repository", at("")},
		{"", "get_file_tree", at("")},
		{"", "get_file_contents", at(`,"path":"plan.txt"`)},
		{"a symlink", "get_file_contents", `{"owner":"acme","repo":"service-a","path":"link-to-readme"}`},
		{"beyond its end", "get_file_contents", at(`,"path":"plan.txt","start_line":9`)},
		{"", "search_code", at(`,"query":"codename"`)},
		{"nothing found", "search_code", at(`,"query":"nowhere"`)},
		{"", "list_branches", at("")},
		{"nothing found", "list_branches", at(`,"query":"nowhere"`)},
		{"", "list_tags", at("")},
		{"", "list_commits", at("")},
		{"", "get_commit", at(`,"sha":%q`, v.commit)},
		{"", "compare_refs", at(`,"base":"main","head":%q`, v.branch)},
		{"a fork that fewer see", "compare_refs", `{"owner":"acme","repo":"noticeboard","base":"main","head":"cellar:main"}`},
		{"", "get_commit_status", at(`,"ref":"main"`)},
		{"", "list_issues", at("")},
		{"nothing found", "list_issues", at(`,"query":"nowhere"`)},
		{"", "get_issue", at(`,"number":%d`, v.issue)},
		{"", "list_issue_comments", at(`,"number":%d`, v.issue)},
		{"", "search_issues", `{"query":"harrowmere"}`},
		{"nothing found", "search_issues", `{"query":"harrowmoor"}`},
		{"nothing found there", "search_issues", `{"query":"harrowmoor","owner":"acme"}`},
		{"", "list_labels", at("")},
		{"", "list_milestones", at("")},
		{"", "list_pull_requests", at("")},
		{"", "get_pull_request", at(`,"number":%d`, v.pull)},
		{"", "list_pull_request_commits", at(`,"number":%d`, v.pull)},
		{"", "list_pull_request_files", at(`,"number":%d`, v.pull)},
		{"", "list_pull_request_reviews", at(`,"number":%d`, v.pull)},
		{"", "get_pull_request_diff", at(`,"number":%d`, v.pull)},
		{"", "list_releases", at("")},
		{"", "get_release", at(`,"tag":%q`, v.tag)},
		{"", "list_wiki_pages", at("")},
		{"", "get_wiki_page", at(`,"name":"Home"`)},
		{"", "list_workflow_runs", at("")},
		{"", "get_workflow_run", at(`,"run_id":%d`, v.run)},
		{"", "get_job_log", at(`,"job_id":%d`, v.job)},
		{"beyond its end", "get_job_log", at(`,"job_id":%d,"start_line":99`, v.job)},
		{"", "list_notifications", `{}`},
		{"", "list_organizations", `{}`},
		{"", "search_users", `{"query":"writer"}`},
		{"drafts", "list_releases", `{"owner":"acme","repo":"openboard"}`},
		{"a draft", "get_release", `{"owner":"acme","repo":"openboard","tag":"v-next"}`},
		{"seen by few", "get_issue", fmt.Sprintf(`{"owner":"guild","repo":"annals","number":%d}`, w.annals.issue)},
		{"seen by few", "get_file_contents", `{"owner":"guild","repo":"annals","path":"plan.txt"}`},
	}
}

// readings: there is no way to look at what is private, or to ask a question that
// is answered from it, after which the session may still speak in public.
func (w *stage) readings(t *testing.T) {
	v := w.vault
	seen := map[string]bool{"get_me": true, "list_repositories": true, "list_packages": true} // names, and what nobody has published here
	for _, row := range w.everyReading() {
		seen[row.tool] = true
	}
	for _, tool := range tools.All() {
		if tool.Hints.ReadOnly && !seen[tool.Name] {
			t.Errorf("nobody reads by %s", tool.Name)
		}
	}
	for _, row := range w.everyReading() {
		t.Run(strings.TrimSuffix(row.tool+", "+row.name, ", "), func(t *testing.T) {
			t.Parallel()
			m := w.sit(t, settings{})
			m.call(row.tool, row.args)
			m.call("create_comment", `{"owner":"acme","repo":"noticeboard","number":1,"body":"Done."}`)
			m.stopped("flow_denied", byReading, row.tool+" read ")
		})
	}
	silent := func(name string, ask func(m *model) error) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := w.sit(t, settings{})
			if err := ask(m); err != nil {
				t.Fatal(err)
			}
			m.call("create_comment", `{"owner":"acme","repo":"noticeboard","number":1,"body":"Done."}`)
			m.stopped("flow_denied", byReading, " read acme/vault")
		})
	}
	for _, uri := range []string{"gitea://acme/vault/file/plan.txt", fmt.Sprintf("gitea://acme/vault/issue/%d", v.issue), fmt.Sprintf("gitea://acme/vault/pull/%d", v.pull), "gitea://acme/vault/commit/" + v.commit} {
		silent("resource "+strings.Split(uri, "/")[4], func(m *model) error {
			result, err := m.mcp.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: uri})
			if err == nil {
				var all string
				for _, content := range result.Contents {
					all += content.Text
				}
				if !strings.Contains(all, privateName) {
					t.Errorf("%s: %s", uri, all)
				}
			}
			return err
		})
	}
	for argument, value := range map[string]string{"ref": "code", "path": "pl"} {
		silent("completion of a "+argument, func(m *model) error {
			result, err := m.mcp.Complete(t.Context(), &mcp.CompleteParams{
				Ref:      &mcp.CompleteReference{Type: "ref/resource", URI: "gitea://{owner}/{repo}/file/{+path}{?ref}"},
				Argument: mcp.CompleteParamsArgument{Name: argument, Value: value},
				Context:  &mcp.CompleteContext{Arguments: map[string]string{"owner": "acme", "repo": "vault"}},
			})
			if err == nil && len(result.Completion.Values) == 0 {
				t.Errorf("%s: nothing", argument)
			}
			return err
		})
	}
	// Lists of repositories do not mark, and hold nothing but names.
	t.Run("names", func(t *testing.T) {
		t.Parallel()
		m := w.sit(t, settings{})
		for tool, args := range map[string]string{
			"get_me": "{}", "list_repositories": `{"owner":"acme"}`, "list_organizations": "{}", "search_users": `{"query":"writer"}`,
		} {
			if s := m.call(tool, args); s.failed || strings.Contains(s.text, "quillfrost") {
				t.Errorf("%s: %s", tool, s.text)
			}
		}
		for _, guess := range []string{"quillfrost", "codename/" + privateName} {
			if s := m.call("list_repositories", `{"query":"`+guess+`"}`); s.failed || strings.Contains(s.text, "vault") {
				t.Errorf("a description is found: %s", s.text)
			}
		}
	})
}
