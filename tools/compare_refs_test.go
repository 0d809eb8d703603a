package tools_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

// comparing serves acme/app with the branches base and topic, and the commits
// between them, newest first.
func comparing(t *testing.T, commits ...string) *gatetest.Door {
	t.Helper()
	ids := map[string]string{"base": strings.Repeat("b", 40), "topic": fmt.Sprintf("%040x", 1)}
	answers := map[string]string{
		"": `{"id":7,"full_name":"acme/app","name":"app","default_branch":"base","owner":{"login":"acme","visibility":"public"}}`,
		"/compare/" + ids["base"] + "..." + ids["topic"]: `{"commits":[` + strings.Join(commits, ",") + `]}`,
	}
	for name, id := range ids {
		answers["/branches/"+name] = fmt.Sprintf(`{"name":%q,"commit":{"id":%q}}`, name, id)
	}
	forge := giteatest.NewProxyTo(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers[strings.TrimPrefix(r.URL.Path, "/api/v1/repos/acme/app")]
		w.Header().Set("Content-Type", "application/json")
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			answer = `{"message":"not found","url":"","errors":null}`
		}
		_, _ = w.Write([]byte(answer))
	}))
	return gatetest.Open(t, gatetest.Config{URL: forge.URL})
}

// compared is the nth commit, counted from 1, that does something to files:
// +path adds, ~path modifies, -path removes.
func compared(n int, files ...string) string {
	var rows []string
	for _, file := range files {
		status := map[byte]string{'+': "added", '~': "modified", '-': "removed"}[file[0]]
		rows = append(rows, fmt.Sprintf(`{"filename":%q,"status":%q}`, file[1:], status))
	}
	return fmt.Sprintf(`{"sha":"%040x","commit":{"message":"commit %d"},"files":[%s]}`, n, n, strings.Join(rows, ","))
}

const comparedArgs = `{"owner":"acme","repo":"app","base":"base","head":"topic","limit":50,"page":%d}`

// What commits did to a file, one after the other, is one change.
func TestComparedFiles(t *testing.T) {
	t.Parallel()
	answer := comparing(t,
		compared(1, "~new", "-old", "-brief", "+back", "~same"),
		compared(2, "~same", "+brief", "-back", "~new"),
		compared(3, "+new", "+../x", "+.git/config"),
	).Ask("compare_refs", fmt.Sprintf(comparedArgs, 1))
	if answer.IsError {
		t.Fatalf("%s", answer.Object)
	}
	var got []string
	for _, file := range answer.Fields["files"].([]any) {
		got = append(got, fmt.Sprint(file.(map[string]any)["path"], " ", file.(map[string]any)["status"]))
	}
	if want := "back modified, brief removed, new added, old removed, same modified"; strings.Join(got, ", ") != want {
		t.Errorf("files are %q, want %q", strings.Join(got, ", "), want)
	}
	if answer.Fields["withheld"] != 2.0 {
		t.Errorf("paths that are not canonical: %s", answer.Object)
	}
}

// A comparison lists 250 commits on its pages, and says that there are more.
func TestI10_LongComparisonsSaySo(t *testing.T) {
	t.Parallel()
	var commits []string
	for n := range 300 {
		commits = append(commits, compared(n+1))
	}
	door := comparing(t, commits...)
	total, more := 0, true
	for page := 1; more && page < 10; page++ {
		answer := door.Ask("compare_refs", fmt.Sprintf(comparedArgs, page))
		if answer.Fields["total_commits"] != 300.0 || answer.Fields["commits_at_most"] != 250.0 {
			t.Fatalf("%.400s", answer.Object)
		}
		total += len(answer.Items())
		more = answer.Fields["has_more"].(bool)
	}
	if total != 250 || more {
		t.Errorf("%d commits on all pages, more: %v", total, more)
	}
}
