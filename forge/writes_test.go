package forge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"aegis/internal/canon"
)

// writable is a request that may leave, for each rule one at least; each member of
// a rule's body is in one of them. Paths are below a repository's.
var writable = []struct{ request, body string }{
	{"POST /issues", `{"title":"a","body":"b","labels":[1,2],"assignees":["dana"],"milestone":3}`},
	{"PATCH /issues/7", `{"content_version":0,"title":"a","body":"b","state":"closed","assignees":[],"milestone":0,"due_date":"2030-01-01T00:00:00Z"}`},
	{"PATCH /issues/7", `{"content_version":5,"unset_due_date":true,"state":"open"}`},
	{"PUT /issues/7/labels", `{"labels":[]}`},
	{"POST /issues/7/comments", `{"body":"b"}`},
	{"PATCH /issues/comments/9", `{"body":"b"}`},
	{"POST /labels", `{"name":"bug","color":"#00aaBB","description":"d"}`},
	{"POST /milestones", `{"title":"v1","description":"d","due_on":"2030-01-01T00:00:00+02:00"}`},
	{"POST /branches", `{"new_branch_name":"agent/x","old_ref_name":"` + testID + `"}`},
	{"POST /contents", `{"branch":"agent/x","message":"m","files":[{"operation":"create","path":"a/b","content":"YQ=="},` +
		`{"operation":"update","path":"c","content":"","sha":"` + testID + `"},{"operation":"delete","path":"d","sha":"` + testID + `"}]}`},
	{"POST /pulls", `{"title":"a","head":"agent/x","base":"main","body":"b","labels":[1],"assignees":["dana"],"milestone":3}`},
	{"PATCH /pulls/7", `{"content_version":0,"title":"a","body":"b","state":"open","labels":[],"assignees":["dana"],"milestone":3}`},
	{"POST /pulls/7/reviews", `{"event":"COMMENT","commit_id":"` + testID + `","body":"b","comments":[{"path":"a/b","body":"c","new_position":1},{"path":"a/b","body":"c","old_position":2}]}`},
	{"POST /releases", `{"tag_name":"v1","target_commitish":"` + testID + `","name":"n","body":"b","draft":true,"prerelease":false}`},
	{"PATCH /releases/7", `{"name":"n","body":"b","draft":false,"prerelease":true}`},
	{"POST /wiki/new", `{"title":"Two Words","content_base64":"YQ==","message":"m"}`},
	{"PATCH /wiki/page/Home.md", `{"title":"Home","content_base64":"YQ==","message":"m"}`},
	{"POST /actions/workflows/build.yml/dispatches", `{"ref":"refs/heads/main","inputs":{"level":"low"}}`},
	{"POST /actions/runs/7/rerun", `{}`},
}

// written makes a request below acme/service.
func written(t testing.TB, request, body string) *http.Request {
	t.Helper()
	method, path, _ := strings.Cut(request, " ")
	req, err := http.NewRequest(method, "http://localhost:1/git/api/v1/repos/acme/service"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// leaves returns what of a request would leave, and whether it would.
func leaves(t testing.TB, f *Forge, req *http.Request) (admitted, bool) {
	t.Helper()
	only := repo(t, "acme/service")
	fork := repo(t, "dana/service")
	a, refusal := f.admit(req, scope{granted: func(r canon.Repo) bool { return r == only }, readable: func(r canon.Repo) bool { return r == only || r == fork }})
	if refusal != nil && refusal.Kind != Refused {
		t.Errorf("%s %s: kind %q", req.Method, req.URL, refusal.Kind)
	}
	return a, refusal == nil
}

// Each rule has a request that it lets out, as it is; and each of its members is
// in one.
func TestI5_WhatMayBeWritten(t *testing.T) {
	t.Parallel()
	f := forgeAt(t, "http://localhost:1/git")
	seen := make([]map[string]bool, len(egressWrites))
	for _, w := range writable {
		a, ok := leaves(t, f, written(t, w.request, w.body))
		if !ok {
			t.Errorf("%s %s does not leave", w.request, w.body)
			continue
		}
		var given, sent any
		if json.Unmarshal([]byte(w.body), &given) != nil || json.Unmarshal(a.body, &sent) != nil || !reflect.DeepEqual(given, sent) {
			t.Errorf("%s: %s is sent as %s", w.request, w.body, a.body)
		}
		method, path, _ := strings.Cut(w.request, " ")
		segments := strings.Split("repos/acme/service"+path, "/")
		matching := 0
		for i, r := range egressWrites {
			if !r.matchMethod(method) || !r.matchPath(segments, scope{granted: func(canon.Repo) bool { return true }}) {
				continue
			}
			matching++
			if seen[i] == nil {
				seen[i] = make(map[string]bool)
			}
			for name := range given.(map[string]any) {
				seen[i][name] = true
			}
		}
		if matching != 1 {
			t.Errorf("%s is of %d rules", w.request, matching)
		}
	}
	for i, r := range egressWrites {
		for name := range r.body {
			if !seen[i][strings.TrimSuffix(name, "!")] {
				t.Errorf("%s %s: no sample has %s", r.methods, strings.Join(r.pattern, "/"), name)
			}
		}
		if seen[i] == nil {
			t.Errorf("%s %s has no sample", r.methods, strings.Join(r.pattern, "/"))
		}
	}
}

// dangerous are members that Gitea's requests have and ours must not: wherever one
// is put, the request stays here.
var dangerous = []string{
	"force_push", "new_branch", "author", "committer", "dates", "signoff", "from_path", "last_commit_sha", "branch_name", "old_branch_name",
	"ref", "closed", "assignee", "base", "head", "draft", "tag_name", "tag_message", "target_commitish", "target", "reviewers", "team_reviewers",
	"allow_maintainer_edit", "merge_message_field", "Do", "delete_branch_after_merge", "exclusive", "is_archived", "state", "due_date", "due_on",
	"unset_due_date", "content_version", "operation", "sha", "content", "path", "event", "commit_id", "comments", "files", "inputs",
	"original_author", "created", "owner", "name", "private", "", " ", "title ", "__proto__", "!", "title!", "body!",
}

// otherCases are spellings of a name that Go's encoding/json, and so Gitea, takes
// for it.
func otherCases(name string) []string {
	var all []string
	for _, spelled := range []string{
		strings.ToUpper(name), strings.ToUpper(name[:1]) + name[1:], strings.Replace(name, "s", "\u017f", 1), strings.Replace(name, "k", "\u212a", 1),
		name[:len(name)-1] + strings.ToUpper(name[len(name)-1:]),
	} {
		if spelled != name {
			all = append(all, spelled)
		}
	}
	return all
}

// mutate calls each with every variant of a JSON value that has to stay here,
// and what was done to it. known are the members that may be added.
func mutate(value any, known map[string]bool, root bool, each func(what string, variant any)) {
	switch v := value.(type) {
	case map[string]any:
		changed := func(change func(map[string]any)) any {
			c := maps.Clone(v)
			change(c)
			return c
		}
		names := slices.Sorted(maps.Keys(v))
		for _, name := range dangerous {
			if _, there := v[name]; there || root && known[name] {
				continue
			}
			for _, more := range []any{true, "x", json.Number("1"), nil, []any{}, testID, "YQ=="} {
				each("with "+name, changed(func(c map[string]any) { c[name] = more }))
			}
		}
		for _, name := range names {
			for _, other := range otherCases(name) {
				each("with "+other+" besides "+name, changed(func(c map[string]any) { c[other] = v[name] }))
				each("with "+other+" for "+name, changed(func(c map[string]any) { delete(c, name); c[other] = v[name] }))
			}
			if !root || known[name+"!"] {
				each("without "+name, changed(func(c map[string]any) { delete(c, name) }))
			}
			mutate(v[name], nil, false, func(what string, variant any) {
				each(name+": "+what, changed(func(c map[string]any) { c[name] = variant }))
			})
		}
		for _, other := range []any{nil, []any{}, []any{v}, "x", json.Number("1"), true} {
			each(fmt.Sprintf("%v for an object", other), other)
		}
	case []any:
		for i := range v {
			mutate(v[i], nil, false, func(what string, variant any) {
				c := slices.Clone(v)
				c[i] = variant
				each(fmt.Sprintf("[%d]: %s", i, what), c)
			})
		}
		for _, other := range []any{nil, map[string]any{}, "x", json.Number("1"), true, []any{nil}, []any{[]any{}}, []any{map[string]any{}}, []any{true}} {
			each(fmt.Sprintf("%v for a list", other), other)
		}
		long := make([]any, 101)
		for i := range long {
			long[i] = json.Number(fmt.Sprint(i + 1))
			if len(v) > 0 {
				long[i] = v[0]
			}
		}
		each("101 items", long)
	case string:
		for _, other := range []any{nil, json.Number("1"), true, []any{}, []any{v}, map[string]any{}, v + "\x00", strings.Repeat("YQab", 256<<10)} {
			each(fmt.Sprintf("%.20v for a text", other), other)
		}
	case json.Number:
		for _, other := range []any{
			nil, string(v), true, []any{}, map[string]any{}, json.Number("-1"), json.Number("1.5"), json.Number("1.0"), json.Number("1e0"), json.Number("-0"),
			json.Number("9007199254740992"), json.Number("99999999999999999999"),
		} {
			each(fmt.Sprintf("%v for a number", other), other)
		}
	case bool:
		for _, other := range []any{nil, json.Number("1"), "true", []any{}, map[string]any{}} {
			each(fmt.Sprintf("%v for a truth", other), other)
		}
	}
}

// Whatever is done to the body of a request that may leave, it stays here: by a
// member more, or in another case, or left out, or with another kind of value, at
// any depth.
func TestI5_NothingElseMayBeWritten(t *testing.T) {
	t.Parallel()
	f := forgeAt(t, "http://localhost:1/git")
	total := 0
	for _, w := range writable {
		decoder := json.NewDecoder(strings.NewReader(w.body))
		decoder.UseNumber()
		var body any
		if err := decoder.Decode(&body); err != nil {
			t.Fatal(err)
		}
		method, path, _ := strings.Cut(w.request, " ")
		known := make(map[string]bool)
		for _, r := range egressWrites {
			if r.matchMethod(method) && r.matchPath(strings.Split("repos/acme/service"+path, "/"), scope{granted: func(canon.Repo) bool { return true }}) {
				for name := range r.body {
					known[name], known[strings.TrimSuffix(name, "!")] = true, true
				}
			}
		}
		if strings.HasSuffix(w.request, "/dispatches") { // whose inputs may have any name
			inputs := body.(map[string]any)["inputs"]
			delete(body.(map[string]any), "inputs")
			mutate(inputs.(map[string]any)["level"], nil, false, func(what string, variant any) {
				raw, _ := json.Marshal(map[string]any{"ref": "refs/heads/main", "inputs": map[string]any{"level": variant}})
				if _, ok := leaves(t, f, written(t, w.request, string(raw))); ok {
					t.Errorf("%s leaves with inputs: %s", w.request, what)
				}
			})
		}
		mutate(body, known, true, func(what string, variant any) {
			total++
			raw, err := json.Marshal(variant)
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := leaves(t, f, written(t, w.request, string(raw))); ok {
				t.Errorf("%s leaves, %s: %.300s", w.request, what, raw)
			}
		})
		for what, raw := range map[string]string{
			"nothing": ``, "no JSON": `x`, "two values": w.body + w.body, "a comma": strings.TrimSuffix(w.body, "}") + `,}`, "a mark before": "\ufeff" + w.body,
			"half": w.body[:len(w.body)-1], "too long": strings.TrimSuffix(w.body, "}") + strings.Repeat(" ", maxBody) + "}",
		} {
			if _, ok := leaves(t, f, written(t, w.request, raw)); ok {
				t.Errorf("%s leaves with %s", w.request, what)
			}
		}
	}
	if total < 2000 {
		t.Errorf("only %d variants were tried", total)
	}
}

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

// writing is a forge that says yes to everything and keeps what it was told, and
// a client for it.
func writing(t *testing.T, mayBeWritten []canon.Repo, grant Grant) (c *Client, got func() []string) {
	t.Helper()
	var mu sync.Mutex
	var requests []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		requests = append(requests, r.Method+" "+r.URL.RequestURI()+" "+string(body))
		mu.Unlock()
		w.Header().Set("Content-Type", jsonType)
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(server.Close)
	address, err := ParseURL(server.URL, false)
	if err != nil {
		t.Fatal(err)
	}
	f, err := New(Config{URL: address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return wayTo(t, f, mayBeWritten...).Client(t.Context(), grant), func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(requests)
	}
}

func sendable(request, body string) Write {
	method, path, _ := strings.Cut(request, " ")
	return Write{Method: method, Segments: strings.Split("repos/acme/service"+path, "/"), Body: json.RawMessage(body)}
}

// Both have to agree: the forge, which knows what anybody may write to, and the
// call's grant.
func TestI5_WithoutBothKeysNothingIsSent(t *testing.T) {
	t.Parallel()
	service, other := repo(t, "acme/service"), repo(t, "acme/other")
	both := []canon.Repo{service, other}
	for name, c := range map[string]struct {
		writable []canon.Repo
		grant    Grant
		sent     bool
	}{
		"both":                          {both[:1], Grant{CallID: "c", Write: service, Repos: both}, true},
		"both, without a grant to read": {both[:1], Grant{CallID: "c", Write: service}, true},
		"no write mode":                 {nil, Grant{CallID: "c", Write: service, Repos: both}, false},
		"another on the list":           {both[1:], Grant{CallID: "c", Write: service, Repos: both}, false},
		"a grant to read":               {both, Grant{CallID: "c", Repos: both}, false},
		"a grant for another":           {both, Grant{CallID: "c", Write: other, Repos: both}, false},
		"no grant":                      {both, Grant{CallID: "c"}, false},
		"no call":                       {both, Grant{Write: service, Repos: both}, false},
		"an empty repository":           {[]canon.Repo{{}}, Grant{CallID: "c", Repos: both}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, got := writing(t, c.writable, c.grant)
			client.Allow(service) // to read
			for i, w := range writable {
				_, err := client.Send(sendable(w.request, w.body))
				if c.sent {
					if err != nil || len(got()) != i+1 || !strings.HasPrefix(got()[i], strings.Replace(w.request, " ", " /api/v1/repos/acme/service", 1)+" {") {
						t.Errorf("%s: %v, %q", w.request, err, got())
					}
				} else if wantKind(t, err, Refused); len(got()) > 0 {
					t.Fatalf("%s: %q", w.request, got())
				}
			}
		})
	}
}

// listedWrites is the list once more, written without the matcher under test.
var listedWrites = regexp.MustCompile(`^(` +
	`POST /(issues|issues/\d+/comments|labels|milestones|branches|contents|pulls|pulls/\d+/reviews|releases|wiki/new|actions/workflows/[^/]+/dispatches|actions/runs/\d+/rerun)|` +
	`PATCH /(issues/\d+|issues/comments/\d+|pulls/\d+|releases/\d+|wiki/page/[^/]+)|` +
	`PUT /issues/\d+/labels` +
	`) (\{.*\})$`)

// Every method that the SDK has is called with all that it takes to write: what
// leaves is on the list.
func TestI5_OnlyListedWritesLeave(t *testing.T) {
	t.Parallel()
	service := repo(t, "acme/service")
	client, got := writing(t, []canon.Repo{service}, Grant{CallID: "c", Write: service, Repos: []canon.Repo{service}})
	asks := withSDK(t, client).sdk
	kind := reflect.TypeOf(asks)
	for i := range kind.NumMethod() {
		method := kind.Method(i)
		for n, filling := range [][]string{{"acme", "service", testID, "README.md"}, {"acme", "service", "main", "a/b"}, {"acme", "service", "x", testID}, {"acme", "other", "main", "x"}} {
			func() {
				defer func() { _ = recover() }() // some of the SDK's methods don't take zero arguments
				method.Func.Call(arguments(reflect.ValueOf(asks), method.Type, filling, n%2 == 1))
			}()
		}
	}
	writes := 0
	for _, request := range got() {
		if strings.HasPrefix(request, "GET ") || strings.HasPrefix(request, "HEAD ") {
			continue
		}
		writes++
		below := strings.Replace(request, " /api/v1/repos/acme/service", " ", 1)
		match := listedWrites.FindStringSubmatch(below)
		if below == request || match == nil {
			t.Errorf("sent %s", request)
			continue
		}
		for _, name := range dangerous[:12] {
			if bytes.Contains([]byte(match[len(match)-1]), []byte(`"`+name+`"`)) {
				t.Errorf("sent %s", request)
			}
		}
	}
	if writes == 0 {
		t.Error("nothing was sent at all: this shows nothing")
	}
}

// FuzzWrite holds the list against bodies that nobody thought of: what leaves is
// one object, has the members of its rule alone, each once, and is let out again
// as it is.
func FuzzWrite(f *testing.F) {
	for i, w := range writable {
		f.Add(uint8(i), w.body)
	}
	forge := forgeAt(f, "http://localhost:1/git")
	f.Fuzz(func(t *testing.T, which uint8, body string) {
		w := writable[int(which)%len(writable)]
		a, ok := leaves(t, forge, written(t, w.request, body))
		if !ok {
			return
		}
		again, ok := leaves(t, forge, written(t, w.request, string(a.body)))
		if !ok || !bytes.Equal(again.body, a.body) {
			t.Errorf("%s: %q does not leave again", w.request, a.body)
		}
		for _, name := range []string{"force_push", "new_branch", "from_path", "author", "committer", "allow_maintainer_edit", "reviewers", "signoff"} {
			var sent map[string]any
			if err := json.Unmarshal(a.body, &sent); err != nil {
				t.Fatal(err)
			}
			for given := range sent {
				if strings.EqualFold(given, name) {
					t.Errorf("%s: %q has %s", w.request, a.body, given)
				}
			}
		}
	})
}
