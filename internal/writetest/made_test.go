package writetest

import (
	"fmt"
	"strings"
	"testing"

	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
)

// madeBy has for every tool that changes something what the log calls what it made, without
// numbers and ids. Gitea does not say which run a dispatch has started.
var madeBy = map[string]string{
	"create_issue":               "issue",
	"update_issue":               "issue, labels of issue",
	"create_comment":             "comment",
	"edit_comment":               "comment",
	"create_label":               "label",
	"create_milestone":           "milestone",
	"create_branch":              "branch at commit",
	"commit_files":               "commit, parent",
	"create_pull_request":        "pull request",
	"update_pull_request":        "pull request",
	"create_pull_request_review": "review",
	"create_release":             "release",
	"edit_release":               "release",
	"write_wiki_page":            "wiki commit",
	"dispatch_workflow":          "",
	"rerun_workflow":             "run",
}

// The log names what Gitea holds of each write, and Gitea has that.
func TestOutcomesNameWhatGiteaHolds(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	s := giteatest.StartNew(t)
	for tool := range calls {
		t.Run(tool, func(t *testing.T) {
			want, known := madeBy[tool]
			if !known {
				t.Fatal("nobody has said what it makes")
			}
			r := &track{t: t, s: s, name: fmt.Sprintf("acme/made-%d", pushed.Add(1)), keeper: s.As(s.World.Keeper.Token)}
			r.build()
			name, err := canon.ParseFullName(r.name)
			if err != nil {
				t.Fatal(err)
			}
			d := gatetest.Open(t, gatetest.Config{URL: s.URL, Token: s.World.Writer.Token, Policy: allowing, Write: true, Repos: []canon.Repo{name}})
			answer := d.Ask(tool, args(r.name, ","+calls[tool](r)))
			if answer.IsError {
				t.Fatal(answer.All)
			}
			entries := d.Entries()
			outcome := entries[len(entries)-1]
			all, _ := outcome["made"].([]any)
			var kinds []string
			for _, one := range all {
				text, _ := one.(string)
				at := strings.LastIndexByte(text, ' ')
				kind, id := text[:max(at, 0)], text[at+1:]
				kinds = append(kinds, kind)
				r.has(kind, id, all)
			}
			if got := strings.Join(kinds, ", "); got != want || outcome["kind"] != "outcome" || outcome["written"] == nil {
				t.Errorf("made %q, not %q: %v", got, want, outcome)
			}
			if raw := answer.All; len(all) > 0 && !said(raw, all) {
				t.Errorf("the answer has none of %v: %s", all, raw)
			}
		})
	}
}

// said reports whether an answer has the id of something that was made.
func said(answer string, made []any) bool {
	for _, one := range made {
		text, _ := one.(string)
		if strings.Contains(answer, text[strings.LastIndexByte(text, ' ')+1:]) {
			return true
		}
	}
	return false
}

// has looks whether Gitea holds what the log says it does.
func (r *track) has(kind, id string, made []any) {
	r.t.Helper()
	at := map[string]string{
		"issue": "/issues/%s", "labels of issue": "/issues/%s/labels", "comment": "/issues/comments/%s", "label": "/labels/%s",
		"milestone": "/milestones/%s", "commit": "/git/commits/%s", "parent": "/git/commits/%s", "pull request": "/pulls/%s",
		"review": "/pulls/2/reviews/%s", "release": "/releases/%s", "run": "/actions/runs/%s", "branch at commit": "/git/commits/%s",
		"wiki commit": "/wiki/revisions/Home",
	}[kind]
	if at == "" {
		r.t.Errorf("nobody knows what a %q is", kind)
		return
	}
	if strings.Contains(at, "%s") {
		at = fmt.Sprintf(at, id)
	}
	var found map[string]any
	if kind == "labels of issue" {
		var labels []map[string]any
		if r.must("GET", "/repos/"+r.name+at, nil, &labels); len(labels) == 0 {
			r.t.Errorf("%s: there are none", at)
		}
		return
	}
	r.must("GET", "/repos/"+r.name+at, nil, &found)
	switch kind {
	case "commit": // of the branch that was written to, on what the log calls its parent
		var branch struct{ Commit struct{ ID string } }
		r.must("GET", "/repos/"+r.name+"/branches/agent/x", nil, &branch)
		parents := fmt.Sprint(found["parents"])
		if branch.Commit.ID != id || len(made) != 2 || !strings.Contains(parents, strings.TrimPrefix(fmt.Sprint(made[1]), "parent ")) {
			r.t.Errorf("the branch is at %s: %v, %s", branch.Commit.ID, made, parents)
		}
	case "branch at commit":
		var branch struct{ Commit struct{ ID string } }
		if r.must("GET", "/repos/"+r.name+"/branches/agent/y", nil, &branch); branch.Commit.ID != id {
			r.t.Errorf("the branch is at %s, not %s", branch.Commit.ID, id)
		}
	case "wiki commit":
		if !strings.Contains(fmt.Sprint(found), id) {
			r.t.Errorf("the page has no commit %s: %v", id, found)
		}
	}
}
