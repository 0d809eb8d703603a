package gate_test

import (
	"context"
	"testing"

	"aegis/gate"
	"aegis/internal/gatetest"
	"aegis/tools"

	gitea "aegis/forge/gitea"
)

// What came from another repository is held to that one's rules on paths, too.
func TestI6_AJoinedRepositorysPathsCount(t *testing.T) {
	t.Parallel()
	pull := &gitea.PullRequest{Head: &gitea.PRBranchInfo{Repository: &gitea.Repository{ID: 9, FullName: "other/app"}}}
	tool := toy("get_repository", gate.Repository(repo(t, "acme/app")), func(_ context.Context, v *gate.Visit) (*gate.Result, error) {
		if !v.JoinHead(v.Repo(), pull) {
			return nil, gate.Refuse(gate.PolicyDenied, "hidden")
		}
		diff := "diff --git a/open b/open\nold mode 1\nnew mode 2\ndiff --git a/mine b/mine\nold mode 1\nnew mode 2\ndiff --git a/theirs b/theirs\nold mode 1\nnew mode 2\n"
		rows := gate.Files(v, []string{"open", "mine", "theirs"}, func(s string) []string { return []string{s} })
		return &gate.Result{Fields: record{"rows": rows}, Diff: &gate.Diff{Body: diff}}, nil
	})
	for policy, hidden := range map[string]float64{
		"version: 1\n": 0,
		"version: 1\nrepositories:\n  \"acme/app\": {paths: {deny: [mine]}}\n  \"other/*\": {paths: {deny: [theirs]}}\n": 4,
	} {
		door := gatetest.Open(t, gatetest.Config{URL: newFake(nil).proxy(t).URL, Policy: policy, Tools: []tools.Tool{tool}})
		answer := door.Ask("get_repository", `{}`)
		if answer.IsError || hidden == 0 && answer.Fields["withheld"] != nil || hidden > 0 && answer.Fields["withheld"] != hidden {
			t.Errorf("%q: %s %s", policy, answer.Object, answer.Text)
		}
	}
	door := gatetest.Open(t, gatetest.Config{URL: newFake(nil).proxy(t).URL, Policy: "version: 1\nrepositories:\n  \"other/*\": {read: deny}\n", Tools: []tools.Tool{tool}})
	want(t, door.Ask("get_repository", `{}`), gate.PolicyDenied)
}
