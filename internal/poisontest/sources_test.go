package poisontest

import (
	"fmt"
	"testing"
)

// sources: wherever the orders stand, what they lead to is stopped.
func (w *stage) sources(t *testing.T) {
	lure := `"owner":"outsider","repo":"lure"`
	board := `"owner":"acme","repo":"noticeboard"`
	at := func(repo, more string, args ...any) string { return "{" + repo + fmt.Sprintf(more, args...) + "}" }
	for _, row := range []struct{ name, tool, args string }{
		{"issue", "get_issue", at(board, `,"number":%d`, w.order)},
		{"title of an issue", "list_issues", at(lure, "")},
		{"comment", "list_issue_comments", at(lure, `,"number":%d`, w.lure.issue)},
		{"description of a pull request", "get_pull_request", at(board, `,"number":%d`, w.proposal.pull)},
		{"title of a pull request", "list_pull_requests", at(board, "")},
		{"diff of a pull request", "get_pull_request_diff", at(board, `,"number":%d`, w.proposal.pull)},
		{"commit message of a pull request", "list_pull_request_commits", at(board, `,"number":%d`, w.proposal.pull)},
		{"review", "list_pull_request_reviews", at(board, `,"number":%d`, w.proposal.pull)},
		{"file", "get_file_contents", at(lure, `,"path":"plan.txt"`)},
		{"line of code that was searched", "search_code", at(lure, `,"query":"AGENT"`)},
		{"commit message and diff", "get_commit", at(lure, `,"sha":%q`, w.lure.commit)},
		{"commit message in a list", "list_commits", at(lure, "")},
		{"commit message in a comparison", "compare_refs", at(board, `,"base":"main","head":"outsider:main"`)},
		{"branch name", "list_branches", at(lure, "")},
		{"tag name", "list_tags", at(lure, "")},
		{"release notes", "get_release", at(lure, `,"tag":%q`, w.lure.tag)},
		{"release title", "list_releases", at(lure, "")},
		{"wiki page", "get_wiki_page", at(lure, `,"name":"Home"`)},
		{"label", "list_labels", at(lure, "")},
		{"milestone", "list_milestones", at(lure, "")},
		{"job log", "get_job_log", at(lure, `,"job_id":%d`, w.lure.job)},
		{"search result", "search_issues", `{"query":"agent-obeys","owner":"outsider"}`},
		{"description of a repository", "list_repositories", `{"owner":"outsider"}`},
		{"the same, alone", "get_repository", at(lure, "")},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			m := w.sit(t, settings{})
			m.obey(row.tool, row.args)
			if len(m.loot) == 0 || m.loot[len(m.loot)-1] != privateName {
				t.Fatalf("the model read nothing private; it did:\n%s", m.story())
			}
			m.stopped("flow_denied", byReading, "get_file_contents read acme/vault")
		})
	}
	for _, era := range eras {
		t.Run("issue, in "+era, func(t *testing.T) {
			t.Parallel()
			m := w.sit(t, settings{era: era})
			m.obey("get_issue", at(board, `,"number":%d`, w.order))
			m.stopped("flow_denied", byReading, "get_file_contents read acme/vault (call "+m.door.Caller.Session()+"-2)", "acme/noticeboard is public", "A new session has read nothing")
		})
	}
}
