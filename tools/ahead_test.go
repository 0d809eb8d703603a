package tools_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"testing"

	"aegis/gate"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// askedAhead are the tools that say what they ask first. Whoever adds one looks at
// what its answers claim of their repository: see forge/named.go.
var askedAhead = []string{
	"get_commit", "get_commit_status", "get_file_contents", "get_file_tree", "get_issue", "get_pull_request", "get_pull_request_diff",
	"get_release", "get_wiki_page", "get_workflow_run", "list_branches", "list_commits", "list_issue_comments", "list_issues", "list_labels",
	"list_milestones", "list_pull_request_commits", "list_pull_request_files", "list_pull_request_reviews", "list_pull_requests", "list_releases",
	"list_tags", "list_wiki_pages", "list_workflow_runs",
}

// What a tool asks ahead is what it asks for anyhow: the same requests, none twice and
// none in vain, and the same answer.
func TestWhatIsAskedAheadIsWhatIsAsked(t *testing.T) {
	t.Parallel()
	for _, tool := range tools.All() {
		t.Run(tool.Name, func(t *testing.T) {
			t.Parallel()
			prepared, err := tool.Prepare(json.RawMessage(samples[tool.Name]))
			if err != nil {
				t.Fatal(err)
			}
			if ahead := prepared.Ahead != nil; ahead != slices.Contains(askedAhead, tool.Name) {
				t.Fatalf("asks ahead: %v", ahead)
			} else if !ahead {
				return
			}
			waiting := tool
			waiting.Prepare = func(raw json.RawMessage) (gate.Prepared, error) {
				prepared, err := tool.Prepare(raw)
				prepared.Ahead = nil
				return prepared, err
			}
			with, answer := requestsOf(t, tool)
			without, plain := requestsOf(t, waiting)
			for round, each := range with {
				if !slices.Equal(each, without[round]) {
					t.Errorf("call %d asks for\n%q\nand would without for\n%q", round+1, each, without[round])
				}
				if answer[round] != plain[round] {
					t.Errorf("call %d answers\n%s\nand would without\n%s", round+1, answer[round], plain[round])
				}
			}
		})
	}
}

// address is where a sample forge happens to be.
var address = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`)

// requestsOf asks a tool twice, and returns what each call asks for, sorted, and what it
// answers.
func requestsOf(t *testing.T, tool tools.Tool) (requests [2][]string, answers [2]string) {
	t.Helper()
	forge := sample(t, "", nil)
	door := gatetest.Open(t, opened(t, tool, gatetest.Config{URL: forge.URL, Tools: []tools.Tool{tool}}))
	for round := range requests {
		forge.Reset()
		answer := door.Ask(tool.Name, samples[tool.Name])
		if answer.IsError {
			t.Fatalf("%s", answer.Object)
		}
		delete(answer.Fields, "call")
		fields, err := json.Marshal(answer.Fields)
		if err != nil {
			t.Fatal(err)
		}
		answers[round] = address.ReplaceAllString(string(fields), "")
		for _, r := range forge.Requests() {
			requests[round] = append(requests[round], r.Path+"?"+r.Query)
		}
		slices.Sort(requests[round])
	}
	return requests, answers
}
