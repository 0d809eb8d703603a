package forge

import (
	"net/http"
	"strings"
	"testing"
)

// Of a member that is given twice only the one leaves that was judged.
func TestI5_WhatIsSentIsWhatWasJudged(t *testing.T) {
	t.Parallel()
	f := forgeAt(t, "http://localhost:1/git")
	for _, c := range []struct{ request, body, sent string }{
		{"POST /issues/7/comments", `{"body":1,"body":"b"}`, `{"body":"b"}`},
		{"POST /issues/7/comments", `{"body":"b","body":1}`, ``},
		{"POST /issues/7/comments", `{"\u0062ody":"b"}`, `{"body":"b"}`},
		{"POST /issues/7/comments", ` {"body" : "b"} ` + "\n", `{"body":"b"}`},
		{"POST /issues/7/comments", "{\"body\":\"a\xffb\"}", "{\"body\":\"a\ufffdb\"}"},
		{"POST /issues/7/comments", `{"body":"\ud800"}`, "{\"body\":\"\ufffd\"}"},
		{
			"POST /contents", `{"branch":"x","message":"m","files":[{"operation":"upload","operation":"create","path":"../x","path":"a","content":"YQ=="}]}`,
			`{"branch":"x","files":[{"content":"YQ==","operation":"create","path":"a"}],"message":"m"}`,
		},
		{"POST /contents", `{"branch":"x","message":"m","files":[{"operation":"create","operation":"upload","path":"a","content":"YQ=="}]}`, ``},
	} {
		a, ok := leaves(t, f, written(t, c.request, c.body))
		if ok != (c.sent != "") || string(a.body) != c.sent {
			t.Errorf("%s: %q is sent, want %q", c.body, a.body, c.sent)
		}
	}
}

// Values that Gitea would take, and which mean something else.
func TestI5_ValuesThatStayHere(t *testing.T) {
	t.Parallel()
	f := forgeAt(t, "http://localhost:1/git")
	file := func(members string) string {
		return `{"branch":"x","message":"m","files":[` + members + `]}`
	}
	for _, w := range []struct{ request, body string }{
		{"POST /issues", `{"title":""}`},
		{"POST /issues", `{"title":"a\nb"}`},
		{"POST /issues", `{"title":"` + strings.Repeat("a", 256) + `"}`},
		{"POST /issues", `{"title":"a","labels":[1,1]}`},
		{"POST /issues", `{"title":"a","labels":[0]}`},
		{"POST /issues", `{"title":"a","labels":["bug"]}`},
		{"POST /issues", `{"title":"a","assignees":["../x"]}`},
		{"POST /issues", `{"title":"a","milestone":0}`},
		{"PATCH /issues/7", `{"content_version":0,"state":"all"}`},
		{"PATCH /issues/7", `{"content_version":0,"state":"Closed"}`},
		{"PATCH /issues/7", `{"content_version":0,"unset_due_date":false}`},
		{"PATCH /issues/7", `{"title":"a"}`},
		{"POST /labels", `{"name":"a","color":"00aabb"}`},
		{"POST /labels", `{"name":"a","color":"#0ab"}`},
		{"POST /branches", `{"new_branch_name":"x","old_ref_name":"main"}`},
		{"POST /branches", `{"new_branch_name":"x","old_ref_name":"` + strings.ToUpper(testID) + `"}`},
		{"POST /branches", `{"new_branch_name":"refs/heads/x","old_ref_name":"` + testID + `"}`},
		{"POST /branches", `{"new_branch_name":"HEAD","old_ref_name":"` + testID + `"}`},
		{"POST /branches", `{"new_branch_name":"-x","old_ref_name":"` + testID + `"}`},
		{"POST /branches", `{"new_branch_name":"` + testID + `","old_ref_name":"` + testID + `"}`},
		{"POST /contents", `{"branch":"","message":"m","files":[{"operation":"create","path":"a","content":""}]}`},
		{"POST /contents", `{"message":"m","files":[{"operation":"create","path":"a","content":""}]}`},
		{"POST /contents", `{"branch":"refs/heads/x","message":"m","files":[{"operation":"create","path":"a","content":""}]}`},
		{"POST /contents", file(``)},
		{"POST /contents", file(`{"operation":"upload","path":"a","content":""}`)},
		{"POST /contents", file(`{"operation":"rename","path":"a","content":""}`)},
		{"POST /contents", file(`{"operation":"Create","path":"a","content":""}`)},
		{"POST /contents", file(`{"operation":"create","path":"a","content":"","sha":"` + testID + `"}`)},
		{"POST /contents", file(`{"operation":"update","path":"a","content":""}`)},
		{"POST /contents", file(`{"operation":"update","path":"a","content":"","sha":""}`)},
		{"POST /contents", file(`{"operation":"delete","path":"a"}`)},
		{"POST /contents", file(`{"operation":"delete","path":"a","sha":"` + testID + `","content":""}`)},
		{"POST /contents", file(`{"operation":"create","path":"./a","content":""}`)},
		{"POST /contents", file(`{"operation":"create","path":"a/../b","content":""}`)},
		{"POST /contents", file(`{"operation":"create","path":"/a","content":""}`)},
		{"POST /contents", file(`{"operation":"create","path":"a/","content":""}`)},
		{"POST /contents", file(`{"operation":"create","path":".git/hooks/x","content":""}`)},
		{"POST /contents", file(`{"operation":"create","path":"a/.GIT/x","content":""}`)},
		{"POST /contents", file(`{"operation":"create","path":"a\\b","content":""}`)},
		{"POST /contents", file(`{"operation":"create","path":"","content":""}`)},
		{"POST /contents", file(`{"operation":"create","path":"a","content":"YQ"}`)},
		{"POST /contents", file(`{"operation":"create","path":"a","content":"Y\nQ=="}`)},
		{"POST /contents", file(`{"operation":"create","path":"a","content":"YR=="}`)},
		{"POST /contents", file(`{"operation":"create","path":"a","content":"","from_path":"b"}`)},
		{"POST /contents", `{"branch":"x","message":"m","force_push":true,"new_branch":"main","files":[{"operation":"create","path":"a","content":""}]}`},
		{"POST /pulls", `{"title":"a","head":"acme:agent/x","base":"main"}`},
		{"POST /pulls", `{"title":"a","head":"refs/heads/x","base":"main"}`},
		{"POST /pulls", `{"title":"a","head":"Acme/service:x","base":"main"}`},
		{"POST /pulls", `{"title":"a","head":"acme/private:x","base":"main"}`}, // which the call may not read
		{"POST /pulls", `{"title":"a","head":"x","base":"refs/heads/main"}`},
		{"PATCH /pulls/7", `{"content_version":0,"base":"main"}`},
		{"POST /pulls/7/reviews", `{"event":"APPROVED","commit_id":"` + testID + `","body":"b"}`},
		{"POST /pulls/7/reviews", `{"event":"APPROVE","commit_id":"` + testID + `","body":"b"}`},
		{"POST /pulls/7/reviews", `{"event":"PENDING","commit_id":"` + testID + `","body":"b"}`},
		{"POST /pulls/7/reviews", `{"event":"","commit_id":"` + testID + `","body":"b"}`},
		{"POST /pulls/7/reviews", `{"event":"comment","commit_id":"` + testID + `","body":"b"}`},
		{"POST /pulls/7/reviews", `{"event":"COMMENT","commit_id":"main","body":"b"}`},
		{"POST /pulls/7/reviews", `{"event":"COMMENT","commit_id":"` + testID + `","comments":[{"path":"a","body":"b","new_position":1,"old_position":1}]}`},
		{"POST /pulls/7/reviews", `{"event":"COMMENT","commit_id":"` + testID + `","comments":[{"path":"a","body":"b","new_position":0}]}`},
		{"POST /releases", `{"tag_name":"refs/tags/v1","target_commitish":"` + testID + `"}`},
		{"POST /releases", `{"tag_name":"v1","target_commitish":"main"}`},
		{"POST /releases", `{"tag_name":"v1"}`},
		{"PATCH /releases/7", `{"tag_name":"v1"}`},
		{"PATCH /releases/7", `{"target_commitish":"` + testID + `"}`},
		{"PATCH /wiki/page/Home.md", `{"title":"Other","content_base64":"YQ=="}`},
		{"PATCH /wiki/page/Home.md", `{"content_base64":"YQ=="}`},
		{"PATCH /wiki/page/Home.md", `{"title":"","content_base64":"YQ=="}`},
		{"POST /actions/workflows/build.yml/dispatches", `{"ref":"main"}`},
		{"POST /actions/workflows/build.yml/dispatches", `{"ref":"refs/heads/main~1"}`},
		{"POST /actions/workflows/build.yml/dispatches", `{"ref":"refs/heads/main","inputs":{"a":1}}`},
		{"POST /actions/workflows/a%2Fb.yml/dispatches", `{"ref":"refs/heads/main"}`},
	} {
		if _, ok := leaves(t, f, written(t, w.request, w.body)); ok {
			t.Errorf("%s leaves with %s", w.request, w.body)
		}
	}
}

// Requests of which there is no rule: each with a body that a rule takes, and with
// none.
func TestI5_RequestsThatCannotBeExpressed(t *testing.T) {
	t.Parallel()
	f := forgeAt(t, "http://localhost:1/git")
	listed := make(map[string]bool)
	var paths []string
	for _, w := range writable {
		listed[w.request] = true
		_, path, _ := strings.Cut(w.request, " ")
		paths = append(paths, path)
	}
	for _, path := range append(paths,
		"", "/", "/pulls/7/merge", "/pulls/7/update", "/pulls/7/reviews/3", "/pulls/7/reviews/3/dismissals", "/pulls/7/requested_reviewers", "/branches/x", "/tags/x", "/tags",
		"/git/refs", "/git/refs/heads/x", "/contents/a", "/diffpatch", "/file-contents", "/forks", "/transfer", "/transfer/accept", "/hooks", "/hooks/git", "/keys", "/collaborators/x",
		"/teams/x", "/topics", "/topics/x", "/branch_protections", "/tag_protections", "/statuses/"+testID, "/mirror-sync", "/merge-upstream", "/push_mirrors", "/avatar",
		"/issues/7/lock", "/issues/7/pin", "/issues/7/times", "/issues/7/reactions", "/issues/7/assets", "/issues/7/deadline", "/issues/7/dependencies", "/issues/7/blocks",
		"/issues/7/subscriptions/x", "/issues/7/labels/1", "/labels/1", "/milestones/1", "/releases/7/assets", "/releases/tags/v1", "/subscription", "/notifications",
		"/wiki/page/a/b", "/wiki/revisions/Home", "/actions/workflows/build.yml/enable", "/actions/workflows/build.yml/disable", "/actions/runs/7", "/actions/runs/7/rerun-failed-jobs",
		"/actions/runs/7/jobs/3/rerun", "/actions/secrets/x", "/actions/variables/x", "/actions/runners/registration-token", "/issues/07", "/issues/+7", "/issues/-1", "/issues/0",
		"/issues/7/", "//issues", "/./issues", "/x/../issues", "/issues%2F7", "/Issues", "/issues/7?x=1", "/issues?token=x", "/issues#x", "/contents?force_push=true",
	) {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "post", "Patch", "MERGE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", ""} {
			request := method + " " + path
			if listed[request] {
				continue
			}
			for _, body := range []string{``, `{}`, `{"body":"b"}`, `{"title":"a"}`, writable[9].body} {
				req := written(t, "POST "+path, body)
				req.Method = method
				if method == "" { // which net/http takes for GET
					continue
				}
				if _, ok := leaves(t, f, req); ok {
					t.Errorf("%s leaves with %q", request, body)
				}
			}
		}
	}
	for _, address := range []string{
		"/repos/acme/other", "/repos/Acme/service", "/repos/acme/Service", "/repos/acme/service.git", "/repos/acme%2Fservice", "/repos/issues/search", "/user/repos", "/orgs/acme", "/admin/users", "/user", "/orgs",
	} {
		for _, w := range writable {
			method, path, _ := strings.Cut(w.request, " ")
			for _, below := range []string{path, ""} {
				req, err := http.NewRequest(method, "http://localhost:1/git/api/v1"+address+below, strings.NewReader(w.body))
				if err != nil {
					continue
				}
				if _, ok := leaves(t, f, req); ok {
					t.Errorf("%s %s leaves", method, address+below)
				}
			}
		}
	}
}
