package jobs_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"aegis/internal/canon"
	"aegis/internal/jobs"
)

const everyForm = `version: 1
webhooks:
  - {repositories: ["acme/*"], secret_file: /s}
jobs:
  all:
    on: {webhook: workflow_run, action: [failure], repositories: ["acme/*"]}
    credential_file: /t
    steps:
      - {id: run, call: get_workflow_run, with: {run_id: "${event.run_id}"}, where: {conclusion: [failure]}}
      - {id: log, call: get_job_log, with: {job_id: "${steps.run.first.id}"}}
      - id: table
        for_each: {tool: list_pull_requests, with: {repository: acme/other}, where: {author_standing: stranger, draft: false, created_after: 12h, comments_max: 3}}
        do:
          - row: ["${item.number}", "${item.author}"]
      - call: create_issue
        with: {title: "Run ${event.run_id}", labels: [ci], body: "${rows.table}\n"}
        unless: {tool: list_issues, where: {own: true, labels_any: [ci]}}
`

// Each form of a step, of a value and of a filter is told.
func TestJobsAreDescribed(t *testing.T) {
	t.Parallel()
	source := strings.Replace(everyForm, `"${rows.table}\n"`, `"${rows.table}"`, 1)
	f, err := jobs.Parse("jobs.yaml", []byte(source), catalog())
	if err != nil {
		t.Fatal(err)
	}
	const want = `Waits for: the event workflow_run failure.
In the repositories: acme/*.
As the principal job:all, with the access token in /t.
At most 20 writes a run and 12 runs an hour.
It does, in this order:
  1. get_workflow_run {run_id: ${event.run_id}} where conclusion: [failure], as run
  2. get_job_log {job_id: ${steps.run.first.id}}, as log
  3. for each row of list_pull_requests {repository: "acme/other"} where created_after: 12h, author_standing: stranger, draft: false, comments_max: 3, at most 50, as table:
      1. a row of [${item.number}, ${item.author}]
  4. create_issue {title: "Run ${event.run_id}", labels: ["ci"], body: ${rows.table}}
     unless there is a row of list_issues where labels_any: [ci], own: true
`
	if got := f.Jobs[0].Describe(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	other, _ := canon.ParseFullName("acme/other")
	for i, want := range []jobs.Need{
		{Tool: "get_workflow_run", Own: true}, {Tool: "get_job_log", Own: true}, {Tool: "list_pull_requests", Repository: other},
		{Tool: "list_issues", Own: true}, {Tool: "create_issue", Own: true},
	} {
		if got := f.Jobs[0].Needs(); len(got) != 5 || got[i] != want {
			t.Errorf("%d: %+v", i, got)
		}
	}
}

// Whatever can stand in a filter is told as it is written.
func TestFiltersAreDescribedAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for tool, filters := range map[string][]string{
		"list_issues": {
			"updated_before: 60d", "updated_after: 90m", "created_before: 12h", "state: [open, closed]", "labels_any: [a, b]", "labels_all: [c]",
			"labels_none: [d]", "authors: [ann]", "authors_none: [bob]", "author_standing: writer", "own: false", "comments_min: 2",
		},
		"get_file_tree": {"type: [file]", `paths_any: [docs/**]`, "paths_none: [a/b]"},
	} {
		for _, filter := range filters {
			source := "version: 1\njobs:\n  a:\n    on: {schedule: 0 3 * * *}\n    credential_file: /t\n    repositories: [a/b]\n    steps:\n" +
				"      - for_each: {tool: " + tool + ", where: {" + filter + "}}\n        do: [{call: get_repository}]\n"
			source = strings.Replace(source, "0 3 * * *", `"0 3 * * *"`, 1)
			source = regexp.MustCompile(`\[([^\]"]*\*[^\]"]*)\]}}`).ReplaceAllString(source, `["$1"]}}`)
			f, err := jobs.Parse("jobs.yaml", []byte(source), catalog())
			if err != nil {
				t.Errorf("%s: %v", filter, err)
				continue
			}
			if got := f.Jobs[0].Describe(); !strings.Contains(got, " where "+filter+", at most 50:") {
				t.Errorf("%s is told as\n%s", filter, got)
			}
		}
	}
}

// The jobs of the documentation can be described.
func TestExamplesAreDescribed(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, example := range regexp.MustCompile("(?s)```yaml jobs\n(.*?)```").FindAllSubmatch(raw, -1) {
		f, err := jobs.Parse("jobs.md", example[1], catalog())
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range f.Jobs {
			if text := j.Describe(); strings.Contains(text, "%!") || !strings.Contains(text, j.Principal()) || len(j.Needs()) == 0 {
				t.Errorf("%s\n%+v", text, j.Needs())
			}
		}
	}
}
