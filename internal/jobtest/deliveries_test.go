package jobtest

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"aegis/internal/giteatest"
	"aegis/internal/jobs/hook"
)

// What people do, and what is made of what Gitea delivers then: the event by its header and by what it
// is told as, with its values. Branches and commits go by names of the test.
func TestWhatGiteaDelivers(t *testing.T) {
	t.Parallel()
	s := giteatest.Start(t)
	into := newSink(t)
	w := newWorkshop(t, s, "delivering", true)
	if err := s.Deliver(t.Context(), "/repos/"+w.name, giteatest.Hook{Address: into.address, Secret: secret}); err != nil {
		t.Fatal(err)
	}
	commits := map[string]string{} // names by commit ids
	var want []string
	for _, each := range slices.Concat(aboutIssues(w), aboutPulls(w, commits), aboutRefs(w, commits), aboutRuns(w, commits)) {
		each.do()
		want = append(want, each.delivers...)
	}
	w.settle()

	var got []string
	all := into.take(w.name)
	for _, d := range all {
		got = append(got, told(t, d, commits))
	}
	slices.Sort(want)
	slices.Sort(got)
	for _, line := range without(want, got) {
		t.Errorf("not delivered: %s", line)
	}
	for _, line := range without(got, want) {
		t.Errorf("delivered:     %s", line)
	}
	if *update && !t.Failed() {
		record(t, all)
	}
}

// deed is something that people do, and what it delivers.
type deed struct {
	do       func()
	delivers []string
}

// told writes a delivery as a line.
func told(t *testing.T, d delivered, commits map[string]string) string {
	t.Helper()
	line := d.header.Get("X-Gitea-Event") + ": "
	got, err := d.receive(t, time.Now())
	if err != nil {
		var refusal *hook.Refusal
		if !errors.As(err, &refusal) {
			t.Errorf("%v", err)
		}
		return line + err.Error()
	}
	e := got.Event
	if e.At.IsZero() && slices.Contains(dated, e.Kind+" "+e.Action) {
		t.Errorf("no time: %+v", e)
	}
	line += strings.TrimSpace(e.Kind+" "+e.Action) + " by " + e.Sender.String()
	if e.Number > 0 {
		line += fmt.Sprintf(" #%d", e.Number)
	}
	if e.RunID > 0 {
		line += " run"
	}
	for _, value := range []string{e.Label, strings.TrimPrefix(e.Ref.String(), "refs/"), cmp.Or(commits[e.SHA], e.SHA)} {
		if value != "" {
			line += " " + value
		}
	}
	return line
}

// dated are the events that Gitea says the time of. Of a run that is cancelled it says no time of its
// status.
var dated = []string{
	"issues opened", "issue_comment created", "pull_request opened", "status success", "workflow_run success", "workflow_run failure",
}

// without returns the lines of some that others have not, counted.
func without(some, others []string) (left []string) {
	others = slices.Clone(others)
	for _, line := range some {
		if i := slices.Index(others, line); i >= 0 {
			others = slices.Delete(others, i, i+1)
			continue
		}
		left = append(left, line)
	}
	return left
}

func aboutIssues(w *workshop) []deed {
	keeper, writer := w.s.World.Keeper, w.s.World.Writer
	var bug, ui, v1, comment made
	issue := "/issues/1"
	set := func(body object) func() { return func() { w.patch(writer, issue, body) } }
	return []deed{
		{func() {
			bug = w.post(keeper, "/labels", object{"name": "bug", "color": "#aa0000"})
			ui = w.post(keeper, "/labels", object{"name": "ui", "color": "#00aa00"})
			v1 = w.post(keeper, "/milestones", object{"title": "v1"})
		}, nil},
		{func() { w.post(writer, "/issues", object{"title": "It is slow", "body": "Very."}) }, []string{"issues: issues opened by writer #1"}},
		{func() { w.label(writer, issue, bug) }, []string{"issues: issues label_updated by writer #1"}},
		{func() { w.label(writer, issue, bug, ui) }, []string{"issues: issues label_updated by writer #1"}},
		{func() { w.remove(writer, at(issue+"/labels", ui.ID)) }, []string{"issues: issues label_updated by writer #1"}},
		{func() { w.remove(writer, issue+"/labels") }, []string{"issues: issues label_cleared by writer #1"}},
		{set(object{"title": "It is very slow"}), []string{"issues: issues edited by writer #1"}},
		{set(object{"body": "Indeed."}), []string{"issues: issues edited by writer #1"}},
		{set(object{"assignees": []string{"colleague"}}), []string{"issues: issues assigned by writer #1"}},
		{set(object{"assignees": []string{}}), []string{"issues: issues unassigned by writer #1"}},
		{func() { w.patch(writer, issue, object{"milestone": v1.ID}) }, []string{"issues: issues milestoned by writer #1"}},
		{set(object{"milestone": 0}), []string{"issues: issues demilestoned by writer #1"}},
		{func() { comment = w.post(writer, issue+"/comments", object{"body": "Same here."}) }, []string{"issue_comment: issue_comment created by writer #1"}},
		{func() { w.patch(writer, at("/issues/comments", comment.ID), object{"body": "No."}) }, []string{"issue_comment: issue_comment edited by writer #1"}},
		{func() { w.remove(writer, at("/issues/comments", comment.ID)) }, []string{"issue_comment: issue_comment deleted by writer #1"}},
		{set(object{"state": "closed"}), []string{"issues: issues closed by writer #1"}},
		{set(object{"state": "open"}), []string{"issues: issues reopened by writer #1"}},
		{func() { w.remove(keeper, issue) }, []string{"issues: issues deleted by keeper #1"}},
	}
}

func aboutPulls(w *workshop, commits map[string]string) []deed {
	keeper, writer, colleague := w.s.World.Keeper, w.s.World.Writer, w.s.World.Colleague
	pull, review := "/issues/2", "/pulls/2/reviews"
	reviewers := object{"reviewers": []string{"colleague"}}
	var bug made
	set := func(body object, action string) deed {
		return deed{func() { w.patch(writer, pull, body) }, []string{"pull_request: pull_request " + action + " by writer #2 heads/main second"}}
	}
	commit := func(name string) func() {
		return func() { commits[w.commit(writer, "topic", name+".txt", "text\n")] = name; w.settle() }
	}
	return []deed{
		{commit("first"), []string{"create: create branch by writer heads/topic first", "push: push by writer heads/topic first"}},
		{func() {
			bug = w.post(keeper, "/labels", object{"name": "bug, too", "color": "#aa0000"})
			w.post(writer, "/pulls", object{"title": "A file", "head": "topic", "base": "main", "body": "It is new."})
		}, []string{"pull_request: pull_request opened by writer #2 heads/main first"}},
		{commit("second"), []string{"push: push by writer heads/topic second", "pull_request: pull_request synchronized by writer #2 heads/main second"}},
		{func() { w.label(writer, pull, bug) }, []string{"pull_request: pull_request label_updated by writer #2 heads/main second"}},
		{func() { w.remove(writer, pull+"/labels") }, []string{"pull_request: pull_request label_cleared by writer #2 heads/main second"}},
		{func() { w.post(writer, pull+"/comments", object{"body": "Look."}) }, []string{"issue_comment: issue_comment created by writer #2"}},
		{func() { w.do(writer, http.MethodPost, "/pulls/2/requested_reviewers", reviewers, nil) },
			[]string{"pull_request: pull_request review_requested by writer #2 heads/main second"}},
		{func() { w.do(writer, http.MethodDelete, "/pulls/2/requested_reviewers", reviewers, nil) },
			[]string{"pull_request: pull_request review_request_removed by writer #2 heads/main second"}},
		{func() { w.post(colleague, review, object{"event": "COMMENT", "body": "Hm."}) },
			[]string{"pull_request_comment: pull_request_review commented by colleague #2 heads/main second"}},
		{func() { w.post(colleague, review, object{"event": "REQUEST_CHANGES", "body": "No."}) },
			[]string{"pull_request_rejected: pull_request_review rejected by colleague #2 heads/main second"}},
		{func() { w.post(colleague, review, object{"event": "APPROVED", "body": "Yes."}) },
			[]string{"pull_request_approved: pull_request_review approved by colleague #2 heads/main second"}},
		set(object{"title": "Some files"}, "edited"), set(object{"assignees": []string{"colleague"}}, "assigned"), set(object{"assignees": []string{}}, "unassigned"),
		{func() {
			w.patch(writer, pull, object{"milestone": w.post(keeper, "/milestones", object{"title": "v2"}).ID})
		},
			[]string{"pull_request: pull_request milestoned by writer #2 heads/main second"}},
		set(object{"milestone": 0}, "demilestoned"), set(object{"state": "closed"}, "closed"), set(object{"state": "open"}, "reopened"),
	}
}

func aboutRefs(w *workshop, commits map[string]string) []deed {
	writer := w.s.World.Writer
	var release made
	deeds := []deed{
		{func() {
			w.post(writer, "/branches", object{"new_branch_name": "old/one", "old_ref_name": "topic"})
			w.settle()
		},
			[]string{"create: create branch by writer heads/old/one second", "push: push by writer heads/old/one second"}},
		{func() { w.remove(writer, "/branches/old/one") }, []string{"delete: unsupported"}},
		{func() {
			release = w.post(writer, "/releases", object{"tag_name": "v1", "target_commitish": "topic", "name": "One"})
			w.settle()
		}, []string{
			"create: create tag by writer tags/v1 second", "push: push by writer tags/v1 second", "release: release published by writer tags/v1",
		}},
		{func() { w.patch(writer, at("/releases", release.ID), object{"name": "Once"}) }, []string{"release: release updated by writer tags/v1"}},
		{func() { w.remove(writer, at("/releases", release.ID)) }, []string{"release: release deleted by writer tags/v1"}},
		{func() {
			w.do(writer, http.MethodPost, "/wiki/new", object{"title": "Home", "content_base64": "SGVsbG8K"}, nil)
		}, []string{"wiki: unsupported"}},
	}
	for _, state := range []string{"pending", "success", "error", "failure", "warning", "skipped"} {
		deeds = append(deeds, deed{func() {
			for sha, name := range commits {
				if name == "first" {
					w.post(writer, "/statuses/"+sha, object{"state": state, "context": "by hand", "description": "said so"})
				}
			}
		}, []string{"status: status " + state + " by writer first"}})
	}
	return deeds
}
