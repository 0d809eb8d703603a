package writetest

import (
	"fmt"
	"strings"
	"testing"

	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

// TestNarrowerThanTheRepository: what of a public repository only few see does
// not come to be seen by all, and neither does what tells of it.
func TestNarrowerThanTheRepository(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	b := board{t, giteatest.StartNew(t)}
	s, board := b.s, "acme/noticeboard"
	at := "/repos/" + board
	b.house("/orgs/acme/repos", "acme", "calm", false) // with nothing in it that few see
	release := func(repo, tag string, draft bool) (id int64) {
		t.Helper()
		var made struct{ ID int64 }
		if err := s.As(s.World.Keeper.Token).Into(t.Context(), "POST", "/repos/"+repo+"/releases", map[string]any{
			"tag_name": tag, "name": "name " + tag, "body": "stored " + tag, "draft": draft, "target_commitish": "main",
		}, &made); err != nil {
			t.Fatal(err)
		}
		return made.ID
	}
	draft := release(board, "v-draft", true)
	release("acme/calm", "v-public", false)
	inside := release("acme/playground", "v-inside", true)
	pull := func(repo string) (number int64) {
		t.Helper()
		b.must("POST", "/repos/"+repo+"/contents", map[string]any{"branch": "main", "new_branch": "agent/pull", "message": "m", "files": []any{
			map[string]any{"operation": "create", "path": "new.txt", "content": "eA=="},
		}})
		var made struct{ Number int64 }
		if err := s.As(s.World.Keeper.Token).Into(t.Context(), "POST", "/repos/"+repo+"/pulls", map[string]any{"title": "t", "head": "agent/pull", "base": "main"}, &made); err != nil {
			t.Fatal(err)
		}
		return made.Number
	}
	reviewed, calm := pull(board), pull("acme/calm")
	if err := s.As(s.World.Writer.Token).Into(t.Context(), "POST", fmt.Sprintf("%s/pulls/%d/reviews", at, reviewed), map[string]any{
		"event": "PENDING", "body": "not yet", "comments": []any{map[string]any{"path": "new.txt", "new_position": 1, "body": "nor this"}},
	}, nil); err != nil {
		t.Fatal(err)
	}
	read := func(tool, arguments string) func(*testing.T, *gatetest.Door) {
		return func(t *testing.T, d *gatetest.Door) {
			if a := d.Ask(tool, arguments); a.IsError {
				t.Fatal(a.All)
			}
		}
	}
	ask := func(tool, arguments, code string) func(*testing.T, *gatetest.Door) {
		return func(t *testing.T, d *gatetest.Door) {
			if a := d.Ask(tool, arguments); string(a.Code) != code {
				t.Fatal(a.All)
			}
		}
	}
	for name, row := range map[string]struct {
		do    func(*testing.T, *gatetest.Door)
		flows bool
	}{
		"drafts in a list":              {read("list_releases", args(board, "")), false},
		"a draft by its tag":            {read("get_release", args(board, `,"tag":"v-draft"`)), false},
		"a review not submitted":        {read("list_pull_request_reviews", args(board, fmt.Sprintf(`,"number":%d`, reviewed))), false},
		"notifications":                 {read("list_notifications", `{}`), false},
		"a dry run on a draft":          {read("edit_release", args(board, fmt.Sprintf(`,"id":%d,"prerelease":true,"dry_run":true`, draft))), false},
		"a change of a draft":           {read("edit_release", args(board, fmt.Sprintf(`,"id":%d,"prerelease":true`, draft))), false},
		"a release of a draft's tag":    {ask("create_release", args(board, `,"tag":"v-draft"`), "conflict"), false},
		"a review beside a pending one": {ask("create_pull_request_review", args(board, fmt.Sprintf(`,"number":%d,"event":"comment","body":"x"`, reviewed)), "conflict"), false},
		"publishing a draft":            {ask("edit_release", args(board, fmt.Sprintf(`,"id":%d,"draft":false`, draft)), "flow_denied"), true},
		"publishing a draft's body":     {ask("edit_release", args(board, fmt.Sprintf(`,"id":%d,"draft":false,"title":"t"`, draft)), "flow_denied"), true},
		"publishing a draft's tag":      {ask("edit_release", args(board, fmt.Sprintf(`,"id":%d,"draft":false,"title":"t","body":"b"`, draft)), "flow_denied"), true},
		"publishing a draft where few":  {read("edit_release", args("acme/playground", fmt.Sprintf(`,"id":%d,"draft":false,"dry_run":true`, inside))), false}, // private, a reading
		"releases without drafts":       {read("list_releases", args("acme/calm", "")), true},
		"a release that all see":        {read("get_release", args("acme/calm", `,"tag":"v-public"`)), true},
		"reviews without pending ones":  {read("list_pull_request_reviews", args("acme/calm", fmt.Sprintf(`,"number":%d`, calm))), true},
		"a pull request with a pending": {read("get_pull_request", args(board, fmt.Sprintf(`,"number":%d`, reviewed))), true},
		"a list of names":               {read("list_repositories", `{}`), true},
		"who one is":                    {read("get_me", `{}`), true},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := b.session(t)
			row.do(t, d)
			a := d.Ask("create_comment", args(board, `,"number":1,"body":"x","dry_run":true`))
			if row.flows == a.IsError || a.IsError && a.Code != "flow_denied" {
				t.Error(a.All)
			}
		})
	}
	t.Run("a human is shown what is published", func(t *testing.T) {
		repo, err := canon.ParseFullName(board)
		if err != nil {
			t.Fatal(err)
		}
		d := gatetest.Open(t, gatetest.Config{
			URL: s.URL, Token: s.World.Writer.Token, Write: true, Repos: []canon.Repo{repo},
			Policy: strings.Replace(allowing, "automation: allow}", `automation: allow, branches: {allow: ["**"]}}`, 1) + "flow: {private_to_public: ask}\n",
		})
		shown := ""
		d.Human = func(message string) bool { shown = message; return true }
		if a := d.Ask("edit_release", args(board, fmt.Sprintf(`,"id":%d,"draft":false`, draft))); a.IsError {
			t.Fatal(a.All)
		}
		for _, part := range []string{"stored v-draft", "name v-draft", "what the draft of a release holds", "flow.private_to_public"} {
			if !strings.Contains(shown, part) {
				t.Errorf("%q is not shown:\n%s", part, shown)
			}
		}
	})
}
