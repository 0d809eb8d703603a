package tools

import (
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// An integer is one in every spelling that JSON has, and nothing else is.
func TestIntegersInAllSpellings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"1": 1, "1.0": 1, "1e0": 1, "1E0": 1, "10e-1": 1, "0.1e1": 1, "1.000": 1, "12.5e1": 125, "1e3": 1000, "-0": 0, "-0.0": 0, "0e999999999999": 0,
		"-1.0": -1, "9007199254740993.0": 9007199254740993, "1e400": math.MaxInt64, "-1e400": -math.MaxInt64, "99999999999999999999": math.MaxInt64,
		"1e99999999999999999999": math.MaxInt64,
	} {
		if n, ok := integer([]byte(text)); !ok || n != want {
			t.Errorf("%s is %d, %v", text, n, ok)
		}
	}
	for _, text := range []string{"1.5", "1e-1", "0.1", "1e-99999999999999999999", `"1"`, "true", "[]", "{}", "15e-1"} {
		if n, ok := integer([]byte(text)); ok {
			t.Errorf("%s is taken for %d", text, n)
		}
	}
}

func FuzzInteger(f *testing.F) {
	for _, seed := range []string{"1", "1.0", "1e0", "10e-1", "-0.0", "1e19", "9223372036854775807", "0.05e2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 30 || !json.Valid([]byte(text)) || strings.TrimSpace(text) != text {
			return
		}
		n, ok := integer([]byte(text))
		if strings.Trim(text, "0123456789-+.eE") != "" {
			if ok {
				t.Fatalf("%s is taken for %d", text, n)
			}
			return
		}
		if _, exponent, scaled := strings.Cut(strings.ToLower(text), "e"); scaled && len(strings.TrimLeft(exponent, "+-0")) > 3 {
			return
		}
		exact, _ := new(big.Rat).SetString(text)
		if exact.IsInt() != ok || ok && exact.Num().IsInt64() && exact.Num().Int64() != n {
			t.Fatalf("%s is %d, %v", text, n, ok)
		}
	})
}

// wrongWith is what is told of arguments, "" if they are taken.
func wrongWith(t *testing.T, tool, args string) string {
	t.Helper()
	i := slices.IndexFunc(All(), func(each Tool) bool { return each.Name == tool })
	if i < 0 {
		t.Fatalf("there is no %s", tool)
	}
	if _, err := All()[i].Prepare(json.RawMessage(args)); err != nil {
		return err.Error()
	}
	return ""
}

const inWebsite = `{"owner":"acme","repo":"website",`

// What is wrong with a call is told at once, each with the right form.
func TestAllProblemsInOneAnswer(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		tool, args string
		want       []string
	}{
		{"get_issue", `{}`, []string{"owner is required", "repo is required", "number is required"}},
		{"get_issue", `{"owner":"a b","repo":"acme/website","issue_number":"5","x":1}`, []string{
			"owner may hold only", "of acme/website owner is acme and repo is website", `number must be an integer of at least 1, without quotes: "number": 5`, `there is no argument "issue_number": number is meant`, `there is no argument "x": known are owner, repo, number`}},
		{"get_issue", inWebsite + `"number":"5"}`, []string{`number must be an integer of at least 1, without quotes: "number": 5`}},
		{"list_issues", inWebsite + `"labels":"bug","page":"2","limit":"x"}`, []string{
			`labels must be a list of strings, not one string: "labels": ["a", "b"]`, `page must be an integer of at least 1, without quotes: "page": 5`, "limit must be"}},
		{"list_issues", inWebsite + `"labels":"[\"bug\"]"}`, []string{`labels must be a list of strings, not one string`}},
		{"list_issues", inWebsite + `"milestone":3}`, []string{`milestone must be a string, in quotes`}},
		{"get_commit", inWebsite + `"sha":"main","diff":"true"}`, []string{"sha must be a commit id", "diff must be true or false, without quotes"}},
		{"commit_files", inWebsite + `"branch":"refs/heads/x","message":" ","files":{"path":"a"}}`, []string{
			"branch must be a short name", "message must not be blank", `files must be a list of objects, not one object: "files": [{"operation": "create", "path": "…"}]`}},
		{"commit_files", inWebsite + `"branch":"x","message":"m","files":[{"operation":"create","path":"a"},{"operation":"update","file_path":"b","content":1},{"path":"/c"}]}`, []string{
			`there is no argument "files[1].file_path": path is meant`, "files[1].content must be a string, in quotes", "files[2].operation is required", "files[2].path"}},
		{"commit_files", inWebsite + `"branch":"x","message":"m","files":[{"operation":"create","path":"a"},{"operation":"update","path":"b","content":""}]}`, []string{
			"files[0]: content is required to create", "files[1]: sha is required to update"}},
		{"create_issue", inWebsite + `"title":"","labels":["a","",3]}`, []string{"title must not be empty", "labels has an item, the one at 1, that must not be empty"}},
		{"create_milestone", inWebsite + `"title":"x","due_date":"next week"}`, []string{"due_date must be a date and time as in RFC 3339, like 2024-05-01T00:00:00Z, or a day in UTC, like 2024-05-01"}},
		{"dispatch_workflow", inWebsite + `"workflow":".gitea/workflows/a.yml","ref":"main","inputs":["a"]}`, []string{`inputs must be an object of at most 100 strings: "inputs": {"name": "value"}`, "workflow must be the name"}},
		{"update_issue", inWebsite + `"number":1,"labels":["a"],"clear":["labels","title"]}`, []string{"clear has an item, the one at 1, that must be one of body, labels, assignees, milestone, due_date"}},
		{"update_issue", inWebsite + `"number":1,"labels":["a"],"body":"b","clear":["labels","body"]}`, []string{"body is given, and is to be cleared; labels is given, and is to be cleared"}},
		{"update_issue", inWebsite + `"number":1,"title":"","labels":[],"body":"","milestone":"","assignees":null,"due_date":""}`, []string{"nothing is given that should be changed"}},
	} {
		told := wrongWith(t, row.tool, row.args)
		for _, want := range row.want {
			if !strings.Contains(told, want) {
				t.Errorf("%s %s\ntells %s\nand not %s", row.tool, row.args, told, want)
			}
		}
		if n := strings.Count(told, "; ") + 1; n > len(row.want) && !strings.Contains(row.want[0], "; ") {
			t.Errorf("%s %s tells %d problems: %s", row.tool, row.args, n, told)
		}
	}
	many := strings.TrimSuffix(strings.Repeat(`{"operation":"move"},`, 50), ",")
	if told := wrongWith(t, "commit_files", inWebsite+`"branch":"x","message":"m","files":[`+many+`]}`); len(told) > 2000 || !strings.HasSuffix(told, "; and 88 more") {
		t.Errorf("of many problems: %s", told)
	}
}

// For what need not be given, nothing is absence: null, "", [] and {}.
func TestEmptyOptionalIsAbsence(t *testing.T) {
	t.Parallel()
	for _, tool := range All() {
		if tool.arguments == nil {
			continue
		}
		for _, p := range parametersOf(tool.arguments) {
			empty := []string{`null`, `""`}
			switch p.base().Kind() {
			case reflect.Slice:
				empty = append(empty, `[]`, `[ ]`)
			case reflect.Map:
				empty = append(empty, `{}`)
			}
			for _, value := range empty {
				told := wrongWith(t, tool.Name, `{"`+p.name+`":`+value+`}`)
				about := strings.Contains("; "+told, "; "+p.name+" ")
				if p.required != about && !p.text.raw {
					t.Errorf("%s with %s: %s is told of: %s", tool.Name, p.name, value, told)
				}
				if strings.Contains(told, "leave it out") {
					t.Errorf("%s with %s: %s tells to leave out what is required", tool.Name, p.name, value)
				}
			}
		}
	}
}

// A day is one in UTC.
func TestDatesWithoutATimeAreDays(t *testing.T) {
	t.Parallel()
	args, _, err := decode[listCommitsArgs](json.RawMessage(inWebsite + `"since":"2024-05-01","until":"2024-05-01"}`))
	first, last := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC), time.Date(2024, 5, 1, 23, 59, 59, 0, time.UTC)
	if err != nil || !args.Since.Equal(first) || !args.Until.Equal(last) {
		t.Errorf("%v to %v, %v", args.Since, args.Until, err)
	}
	issue, _, err := decode[updateIssueArgs](json.RawMessage(inWebsite + `"number":1.0,"due_date":"2030-01-02"}`))
	if err != nil || issue.Number != 1 || issue.due.Format(time.RFC3339) != "2030-01-02T00:00:00Z" {
		t.Errorf("due %v, %v", issue.due, err)
	}
}

// A limit above the bound is the bound, and that is said.
func TestLimitAboveTheBoundIsTheBound(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"51", "100", "1e3", "1e400"} {
		args, remarks, err := decode[listIssuesArgs](json.RawMessage(inWebsite + `"limit":` + value + `}`))
		if err != nil || args.Limit != 50 || !slices.Equal(remarks, []string{"limit is at most 50, which is what was taken"}) {
			t.Errorf("%s: %d, %q, %v", value, args.Limit, remarks, err)
		}
	}
	if told := wrongWith(t, "list_issues", inWebsite+`"limit":0}`); told != "limit must be an integer from 1 to 50" {
		t.Error(told)
	}
}
