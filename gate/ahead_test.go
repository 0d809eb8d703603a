package gate_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aegis/gate"
	"aegis/internal/gatetest"
)

const (
	issuePath = "/repos/acme/app/issues/1"
	issueOne  = `{"owner":"acme","repo":"app","number":1}`
)

func issueRecord() record {
	return record{"number": 1, "title": "canary", "body": "canary", "repository": record{"id": 7, "full_name": "acme/app"}}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, `{"message":"","url":""}`, code) }
}

// outcome is the last entry of the log.
func outcome(door *gatetest.Door) gatetest.Entry {
	all := door.Entries()
	return all[len(all)-1]
}

// What the record says wins, whatever was asked ahead and comes of it, and is what the
// log has the status of.
func TestI4_TheRecordDecidesBeforeWhatWasAskedAhead(t *testing.T) {
	t.Parallel()
	moved := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "/api/v1/repos/acme/hr-people")
		w.WriteHeader(http.StatusMovedPermanently)
	})
	for name, c := range map[string]struct {
		record any
		code   gate.Code
		status float64
	}{
		"not there":      {status(404), gate.NotFound, 404},
		"moved":          {moved, gate.Moved, 301},
		"another name":   {repository("acme/hr-people"), gate.Moved, 200},
		"no token":       {status(401), gate.GiteaUnauthorized, 401},
		"fork of denied": {repository("acme/app", forkOf(repository("acme/hr-people"))), gate.PolicyDenied, 200},
	} {
		for said, issue := range map[string]any{"answered": issueRecord(), "failed": status(500), "missing": status(404)} {
			t.Run(name+", "+said, func(t *testing.T) {
				t.Parallel()
				came := make(chan struct{})
				var once sync.Once
				fake := newFake(record{issuePath: issue})
				door := gatetest.Open(t, gatetest.Config{URL: fake.proxy(t).URL, Policy: denyHR})
				door.Ask("get_repository", inApp) // which it meets
				fake.mu.Lock()
				fake.records["/repos/acme/app"] = c.record
				fake.mu.Unlock()
				fake.before = func(r *http.Request) {
					if strings.HasSuffix(r.URL.Path, "/issues/1") {
						once.Do(func() { close(came) })
						return
					}
					<-came // the record is last
				}
				answer := door.Ask("get_issue", issueOne)
				want(t, answer, c.code)
				if strings.Contains(answer.All, "canary") {
					t.Errorf("what was asked ahead shows: %s", answer.All)
				}
				if got := outcome(door)["gitea_status"]; got != c.status {
					t.Errorf("the log has status %v", got)
				}
			})
		}
	}
}

// Nothing is under way any more when the outcome is recorded, however the call ends.
func TestI2_WhatWasAskedAheadEndsBeforeTheOutcome(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		record any
		code   gate.Code
	}{
		"refused":   {status(404), gate.NotFound},
		"timed out": {http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), gate.Timeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var running atomic.Int32
			asked := make(chan struct{})
			fake := newFake(record{"/repos/acme/app": c.record, issuePath: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				running.Add(1)
				close(asked)
				<-r.Context().Done() // until the client is gone
				running.Add(-1)
			})})
			fake.before = func(r *http.Request) {
				if !strings.HasSuffix(r.URL.Path, "/issues/1") {
					<-asked
				}
			}
			proxy := fake.proxy(t)
			door := gatetest.Open(t, gatetest.Config{URL: proxy.URL, Timeout: 3 * time.Second})
			want(t, door.Ask("get_issue", issueOne), c.code)
			for range 2000 { // the server takes a moment to see it
				if running.Load() == 0 {
					break
				}
				time.Sleep(time.Millisecond)
			}
			if running.Load() != 0 || len(proxy.Requests()) != 2 {
				t.Errorf("%d requests run, of %d", running.Load(), len(proxy.Requests()))
			}
		})
	}
}

// Nothing is asked ahead before the decision, nor for what a human has to say yes to.
func TestI2_NothingIsAskedAheadOfADecision(t *testing.T) {
	t.Parallel()
	forge := newFake(record{issuePath: issueRecord()}).proxy(t)
	door := gatetest.Open(t, gatetest.Config{URL: forge.URL, Policy: "version: 1\nrepositories:\n  \"acme/app\": {read: deny}\n"})
	want(t, door.Ask("get_issue", issueOne), gate.PolicyDenied)
	untouched(t, forge)
	door = gatetest.Open(t, gatetest.Config{URL: forge.URL, Policy: "version: 1\napprove: [get_issue]\n"})
	door.Human = func(string) bool { return false }
	want(t, door.Ask("get_issue", issueOne), gate.ApprovalDeclined)
	for _, r := range forge.Requests() {
		if strings.HasSuffix(r.Path, "/issues/1") {
			t.Error("it was asked for before a human said yes")
		}
	}
}

// Where policy hides repositories nothing is asked of one before its record was seen: it
// may be a fork of what is hidden.
func TestI6_NothingIsAskedAheadOfAForkThatWasNotMet(t *testing.T) {
	t.Parallel()
	forge := newFake(record{
		"/repos/acme/app": repository("acme/app", forkOf(repository("acme/hr-people"))), issuePath: issueRecord(),
	}).proxy(t)
	door := gatetest.Open(t, gatetest.Config{URL: forge.URL, Policy: denyHR})
	for range 2 {
		want(t, door.Ask("get_issue", issueOne), gate.PolicyDenied)
		want(t, door.Ask("list_commits", inApp), gate.PolicyDenied)
	}
	for _, r := range forge.Requests() {
		if strings.HasPrefix(r.Path, "/api/v1/repos/acme/app/") {
			t.Errorf("%s was asked for", r.Path)
		}
	}
}

// An id that may be a tree's is asked about, and nothing is read at it before.
func TestI4_NothingIsReadAheadAtAnIDThatMayBeATree(t *testing.T) {
	t.Parallel()
	tree := strings.Repeat("d", 40)
	forge := newFake(nil).proxy(t)
	door := gatetest.Open(t, gatetest.Config{URL: forge.URL})
	for range 2 {
		for _, tool := range []string{"get_file_tree", "list_commits"} {
			want(t, door.Ask(tool, record{"owner": "acme", "repo": "app", "ref": tree}), gate.NotFound)
		}
	}
	for _, r := range forge.Requests() {
		if strings.Contains(r.Path, "/git/trees/") || strings.HasSuffix(r.Path, "/commits") && !strings.Contains(r.Query, "not=") {
			t.Errorf("%s?%s was asked for", r.Path, r.Query)
		}
	}
}

// heads is a forge whose default branch moves, and that tells of which commit a list
// is.
func heads(t *testing.T, branch string) (fake *fake, move func(to string)) {
	t.Helper()
	fake = newFake(record{
		"/repos/acme/app": repository("acme/app", record{"default_branch": branch}),
		"/repos/acme/app/commits": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode([]record{{"sha": r.URL.Query().Get("sha"), "commit": record{"message": "x"}}})
		}),
	})
	move = func(to string) {
		fake.mu.Lock()
		defer fake.mu.Unlock()
		fake.records["/repos/acme/app/branches/"+branch] = record{"name": branch, "commit": record{"id": to}}
	}
	return fake, move
}

// A commit that a branch led to before is a guess: what the branch leads to now is read,
// and what was asked for in vain is dropped. Another caller does not profit.
func TestAGuessedHeadIsNotTrusted(t *testing.T) {
	t.Parallel()
	old, moved := strings.Repeat("a", 40), strings.Repeat("b", 40)
	for _, branch := range []string{"main", "trunk"} {
		fake, move := heads(t, branch)
		forge := fake.proxy(t)
		door := gatetest.Open(t, gatetest.Config{URL: forge.URL})
		for _, step := range []struct {
			head string
			asks int // for lists of commits
			anew bool
		}{{old, 1, false}, {old, 1, false}, {moved, 2, false}, {moved, 1, false}, {old, 1, true}} {
			move(step.head)
			forge.Reset()
			if step.anew {
				door.Anew()
			}
			answer := door.Ask("list_commits", inApp)
			if answer.IsError || answer.Fields["commit"] != step.head || answer.Items()[0]["sha"] != step.head {
				t.Fatalf("%s at %s: %s", branch, step.head, answer.Object)
			}
			asks := 0
			for _, r := range forge.Requests() {
				if strings.HasSuffix(r.Path, "/commits") {
					asks++
				}
			}
			if asks > step.asks {
				t.Errorf("%s: %d lists of commits were asked for, want %d", branch, asks, step.asks)
			}
		}
	}
}

// The name is given to another repository between the two answers, in either order.
func TestI4_ANameExchangedWhileBothAreAskedIsNoticed(t *testing.T) {
	t.Parallel()
	for name, last := range map[string]string{"the record last": "/repos/acme/app", "the issue last": issuePath} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := issueRecord()
			other["repository"] = record{"id": 8, "full_name": "acme/app"}
			came := make(chan struct{})
			fake := newFake(record{issuePath: other})
			fake.before = func(r *http.Request) {
				if strings.TrimPrefix(r.URL.Path, "/api/v1") == last {
					<-came
				} else {
					close(came)
				}
			}
			door := gatetest.Open(t, gatetest.Config{URL: fake.proxy(t).URL})
			answer := door.Ask("get_issue", issueOne)
			if !answer.IsError || answer.Code != gate.Moved || strings.Contains(answer.All, "canary") {
				t.Errorf("%s", answer.Object)
			}
		})
	}
}

// What a commit's id begins with is no name that leads to it: what it was once found by
// may be hidden by now. So nothing is read at it before that is known.
func TestI4_NothingIsReadAheadAtWhatAnIDBeginsWith(t *testing.T) {
	t.Parallel()
	commit := strings.Repeat("5a", 20)
	file := record{
		"path": "x", "type": "file", "encoding": "base64", "content": base64.StdEncoding.EncodeToString([]byte("x\n")), "sha": commit, "size": 2,
		"html_url": "http://gitea.example/acme/app/src/commit/" + commit + "/x",
	}
	found := record{"sha": commit, "html_url": "http://gitea.example/acme/app/commit/" + commit}
	head := repository("bob/app", record{"id": 99})
	pull := record{
		"number": 3, "html_url": "http://gitea.example/acme/app/pulls/3", "user": record{"login": "bob"},
		"head": record{"ref": "x", "sha": commit, "repo": head, "repo_id": 99}, "base": record{"ref": "main", "repo": repository("acme/app")},
	}
	forge := newFake(record{
		"/repos/acme/app/git/commits/" + commit[:10]: found, "/repos/acme/app/git/commits/" + commit: found, "/repos/acme/app/contents/x": file,
		"/repos/acme/app/git/refs": []record{{"ref": "refs/pull/3/head", "object": record{"sha": commit, "type": "commit"}}}, "/repos/acme/app/pulls/3": pull,
		"/repos/bob/app":          head,
		"/repos/acme/app/commits": []record{{"sha": commit}},
	}).proxy(t)
	door := gatetest.Open(t, gatetest.Config{URL: forge.URL, Policy: "version: 1\n"})
	ask := func() gatetest.Answer {
		return door.Ask("get_file_contents", record{"owner": "acme", "repo": "app", "ref": commit[:10], "path": "x"})
	}
	if a := ask(); a.IsError {
		t.Fatalf("%s", a.Object)
	}
	if err := os.WriteFile(door.Policy, []byte("version: 1\nrepositories: {\"bob/app\": {read: deny}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	forge.Reset()
	want(t, ask(), gate.NotFound)
	for _, r := range forge.Requests() {
		if strings.Contains(r.Path, "/contents/") {
			t.Errorf("%s was asked for", r.Path)
		}
	}
}
