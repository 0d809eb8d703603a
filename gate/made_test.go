package gate

import (
	"strings"
	"testing"

	"aegis/forge"
)

// What a request made is named by Gitea's answer, and by nothing that somebody wrote.
func TestMade(t *testing.T) {
	t.Parallel()
	a, b := strings.Repeat("a", 40), strings.Repeat("b", 40)
	for _, c := range []struct{ request, answer, want string }{
		{"POST repos/o/r/issues", `{"id":99,"number":12,"title":"commit 1"}`, "issue 12"},
		{"PATCH repos/o/r/issues/12", `{"number":12}`, "issue 12"},
		{"PUT repos/o/r/issues/12/labels", `[{"id":1}]`, "labels of issue 12"},
		{"POST repos/o/r/issues/12/comments", `{"id":4}`, "comment 4"},
		{"PATCH repos/o/r/issues/comments/4", `{"id":4}`, "comment 4"},
		{"POST repos/o/r/labels", `{"id":5,"name":"x"}`, "label 5"},
		{"POST repos/o/r/milestones", `{"id":6}`, "milestone 6"},
		{"POST repos/o/r/branches", `{"name":"x","commit":{"id":"` + a + `"}}`, "branch at commit " + a},
		{"POST repos/o/r/contents", `{"commit":{"sha":"` + a + `","parents":[{"sha":"` + b + `"}]}}`, "commit " + a + ", parent " + b},
		{"POST repos/o/r/contents", `{"commit":{"sha":"not a commit"}}`, ""},
		{"POST repos/o/r/pulls", `{"number":7}`, "pull request 7"},
		{"PATCH repos/o/r/pulls/7", `{"number":7}`, "pull request 7"},
		{"POST repos/o/r/pulls/7/reviews", `{"id":8}`, "review 8"},
		{"POST repos/o/r/releases", `{"id":9}`, "release 9"},
		{"PATCH repos/o/r/releases/9", `{"id":9}`, "release 9"},
		{"POST repos/o/r/wiki/new", `{"title":"Home","last_commit":{"sha":"` + b + `"}}`, "wiki commit " + b},
		{"PATCH repos/o/r/wiki/page/Home", `{"last_commit":{"sha":"` + b + `"}}`, "wiki commit " + b},
		{"POST repos/o/r/actions/runs/3/rerun", ``, "run 3"},
		{"POST repos/o/r/actions/workflows/ci.yml/dispatches", ``, ""},
		{"POST repos/o/r/issues", `{"number":"12"}`, ""},
		{"POST repos/o/r/issues", `no JSON`, ""},
	} {
		method, path, _ := strings.Cut(c.request, " ")
		got := strings.Join(made(forge.Write{Method: method, Segments: strings.Split(path, "/")}, []byte(c.answer)), ", ")
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.request, got, c.want)
		}
	}
}
