package forge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
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
