package poisontest

import (
	"fmt"
	"strings"
	"testing"
)

// strangers: where policy says so, the poisoned text alone ends all writing, in
// private places too, whatever it asks for.
func (w *stage) strangers(t *testing.T) {
	board := `"owner":"acme","repo":"noticeboard"`
	at := func(more string, args ...any) string { return "{" + board + fmt.Sprintf(more, args...) + "}" }
	deny := strings.Replace(guarded, "private_to_public: deny", "private_to_public: allow, untrusted_to_write: deny", 1)
	pull := w.proposal.pull
	for _, row := range []struct{ name, tool, args string }{
		{"issue", "get_issue", at(`,"number":%d`, w.order)},
		{"titles", "list_issues", at("")},
		{"comment", "list_issue_comments", at(`,"number":%d`, pull)},
		{"pull request", "get_pull_request", at(`,"number":%d`, pull)},
		{"titles of pull requests", "list_pull_requests", at("")},
		{"diff", "get_pull_request_diff", at(`,"number":%d`, pull)},
		{"names of changed files", "list_pull_request_files", at(`,"number":%d`, pull)},
		{"commit messages", "list_pull_request_commits", at(`,"number":%d`, pull)},
		{"review", "list_pull_request_reviews", at(`,"number":%d`, pull)},
		{"commit by its id", "get_commit", at(`,"sha":%q`, w.proposal.commit)},
		{"file at a commit by its id", "get_file_contents", at(`,"path":"fix.txt","ref":%q`, w.proposal.commit)},
		{"comparison", "compare_refs", at(`,"base":"main","head":"outsider:main"`)},
		{"search", "search_issues", `{"query":"agent-obeys","owner":"acme"}`},
		{"notification", "list_notifications", `{}`},
		{"job log", "get_job_log", fmt.Sprintf(`{"owner":"outsider","repo":"lure","job_id":%d}`, w.lure.job)},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			m := w.sit(t, settings{policy: deny})
			if s := m.call(row.tool, row.args); s.failed {
				t.Fatal(s.text)
			}
			for _, repo := range []string{"noticeboard", "playground"} {
				m.call("create_comment", `{"owner":"acme","repo":"`+repo+`","number":1,"body":"Done."}`)
			}
			m.call("create_branch", `{"owner":"acme","repo":"sandbox","branch":"agent/stranger"}`)
			m.stopped("flow_denied", byStranger, row.tool+" read ")
		})
	}
}
