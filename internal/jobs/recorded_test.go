package jobs_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aegis/internal/jobs"
)

// recorded are the answers that a real Gitea's tools have given, by tool. Where what
// differs from run to run was replaced by a name, something of its kind stands in again.
func recorded(t *testing.T) map[string][]string {
	t.Helper()
	names, err := filepath.Glob("../recordtest/testdata/recorded/*.answers.txt")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	number, commit := regexp.MustCompile(`:N([,}\]])`), regexp.MustCompile(`"\{[^"}]*\}"`)
	all := make(map[string][]string)
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for section := range strings.SplitSeq("\n"+string(raw), "\n## ") {
			call, answer, _ := strings.Cut(section, "\n")
			tool, _, _ := strings.Cut(call, " ")
			object := ""
			for line := range strings.Lines(answer) {
				begin := " " // of a line that goes on
				if object == "" {
					begin = "{"
				}
				if !strings.HasPrefix(line, begin) {
					break
				}
				object += line
			}
			object = strings.ReplaceAll(object, `"NOW"`, `"2026-01-02T03:04:05Z"`)
			object = commit.ReplaceAllString(number.ReplaceAllString(object, ":7$1"), `"`+strings.Repeat("a", 40)+`"`)
			if json.Valid([]byte(object)) && !strings.Contains(call, "dry_run") {
				all[tool] = append(all[tool], object)
			}
		}
	}
	return all
}

// Each value that is said to be in a tool's answer is in a real one, and of its kind.
func TestValuesAreInRealAnswers(t *testing.T) {
	t.Parallel()
	answers := recorded(t)
	// What none of the recorded answers has.
	notRecorded := []string{
		"list_pull_requests closed_at", "list_pull_requests comments", "list_pull_requests due_date", "list_pull_requests merged_at",
		"get_pull_request closed_at", "get_pull_request comments", "get_pull_request due_date", "get_pull_request merged_at",
		"get_issue due_date", "list_issues due_date", "list_issue_comments updated_at",
	}
	for _, tool := range jobs.AnsweringTools() {
		if len(answers[tool]) == 0 {
			t.Errorf("no answer of %s is recorded", tool)
			continue
		}
		members, rows := jobs.ValuesOf(tool)
		for _, object := range answers[tool] {
			answer, err := jobs.ReadAnswer(tool, []byte(object), "")
			if err != nil {
				t.Errorf("%s: %v: %s", tool, err, object)
				continue
			}
			for name, kind := range members {
				if jobs.Reads(kind, answer.Members[name]) {
					delete(members, name)
				}
			}
			for _, row := range answer.Rows {
				for name, kind := range rows {
					if jobs.Reads(kind, row[name]) {
						delete(rows, name)
					}
				}
			}
		}
		for _, left := range []map[string]jobs.Kind{members, rows} {
			for name, kind := range left {
				if !slices.Contains(notRecorded, tool+" "+name) {
					t.Errorf("%s has no %s that is a %s", tool, name, kind)
				}
			}
		}
	}
}
