package http

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"aegis/gate/caller"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Keys with different tokens, policies and whitelists, interleaved on many connections:
// each sees its own account, its own files, its own refusals and its own questions, and in
// the log nothing of one is another's. One of them is always over its limit.
func TestI11_TwoKeysNeverMeet(t *testing.T) {
	t.Parallel()
	tokens := map[string]string{"alice": strings.Repeat("a", 39) + "1", "bob": strings.Repeat("b", 39) + "2", "carol": strings.Repeat("c", 39) + "3"}
	own := map[string]string{
		"bob":   "version: 1\npaths: {deny: [Makefile]}\nrepositories: {acme/website: {write: allow}}\n",
		"carol": "version: 1\nlimits: {calls_per_minute: 1}\n",
	}
	var posts atomic.Int64
	forge := sampled(t, map[string]http.HandlerFunc{
		"/user": func(w http.ResponseWriter, r *http.Request) {
			for name, token := range tokens {
				if strings.HasSuffix(r.Header.Get("Authorization"), token) {
					w.Header().Set("Content-Type", "application/json")
					_, _ = fmt.Fprintf(w, `{"id":1,"login":"gitea-of-%s"}`, name)
					return
				}
			}
			w.WriteHeader(http.StatusUnauthorized)
		},
		"/repos/acme/website/issues/1/comments": func(w http.ResponseWriter, r *http.Request) {
			posts.Add(1)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusCreated)
			_, _ = fmt.Fprint(w, `{"id":77}`)
		},
	})
	s, _ := writing(t, stage{forge: forge, policy: asks, config: func(c *Config) { c.RateByKey = 0 }})
	for name, token := range tokens {
		key := s.hold(name, website)
		key.Caller.Credential = token
		if name != "alice" {
			key.Caller.Writable = nil
		}
		if policy, ok := own[name]; ok {
			key.Caller.Policy = filepath.Join(t.TempDir(), "own.yaml")
			s.check(os.WriteFile(key.Caller.Policy, []byte(policy), 0o600))
		}
		s.keys.put(keyOf(name), key)
	}
	visits, at := 120, 8 // of four or five calls each
	if testing.Short() {
		visits = 24
	}
	var wg sync.WaitGroup
	var asked, limited atomic.Int64
	for name := range tokens {
		for worker := range at {
			session := s.enter(keyOf(name), eras[worker%2], askedAs(t, name, &asked))
			wg.Go(func() {
				for range visits / at {
					if name == "carol" {
						if a := s.ask(session, "get_me", nil); a.code == "rate_limited" {
							limited.Add(1)
						}
						continue
					}
					visit(s, session, name)
				}
			})
		}
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	if n := int64(visits / at * at); asked.Load() != n || posts.Load() != n || limited.Load() == 0 {
		t.Errorf("asked %d times, written %d times, want %d; %d over the limit", asked.Load(), posts.Load(), n, limited.Load())
	}
	sessions := make(map[string]string)
	for _, entry := range s.entries() {
		session, principal := fmt.Sprint(entry["session"]), fmt.Sprint(entry["principal"])
		if known, ok := sessions[session]; ok && known != principal {
			t.Fatalf("session %s is %s's and %s's", session, known, principal)
		}
		sessions[session] = principal
	}
	if len(sessions) != 4 { // with the server's own
		t.Errorf("%v", sessions)
	}
	raw := s.stderr.String() + fmt.Sprint(s.entries())
	for _, token := range tokens {
		if strings.Contains(raw, token) {
			t.Error("a token is written down")
		}
	}
}

// askedAs is a client whose human says yes to their own questions. Only alice is asked.
func askedAs(t *testing.T, name string, asked *atomic.Int64) *mcp.ClientOptions {
	return &mcp.ClientOptions{ElicitationHandler: func(_ context.Context, r *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
		asked.Add(1)
		if name != "alice" || !strings.Contains(r.Params.Message, "written by alice") {
			t.Errorf("%s is asked: %s", name, r.Params.Message)
		}
		return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"approve": true}}, nil
	}}
}

// visit makes a call of each sort and holds the answers to who asks.
func visit(s *stage, session *mcp.ClientSession, name string) {
	other := map[string]string{"alice": "bob", "bob": "alice"}[name]
	a := s.ask(session, "get_me", nil)
	if !strings.Contains(a.text, "gitea-of-"+name) || strings.Contains(a.text, "gitea-of-"+other) {
		s.t.Errorf("%s sees %s", name, a.text)
	}
	search := map[string]any{"owner": "acme", "repo": "website", "query": "e"}
	if a := s.ask(session, "search_code", search); a.code != "" || strings.Contains(a.text, "Makefile") != (name == "alice") {
		s.t.Errorf("%s finds %s", name, a.text)
	}
	want := "not_whitelisted"
	if name == "alice" { // who is on the whitelist, and has read nothing private
		want = ""
	} else if a := s.ask(session, "get_file_contents", private); a.code != "" {
		s.t.Errorf("%s: %s", name, a.text)
	}
	written := map[string]any{"owner": "acme", "repo": "website", "number": 1, "body": "written by " + name}
	if a := s.ask(session, "create_comment", written); a.code != want {
		s.t.Errorf("%s writes: %s", name, a.text)
	}
}

// A key whose attributes change is the same caller with another access: nothing of
// before is used, and nothing of what it was shown is forgotten.
func TestAChangedKeyIsAnotherAccess(t *testing.T) {
	t.Parallel()
	s, _ := writing(t, stage{})
	session := s.enter(keyOf("alice"), eras[0], nil)
	if a := s.ask(session, "get_file_contents", private); a.code != "" {
		t.Fatal(a.text)
	}
	key := Key{ID: "key:alice", Name: "alice", Caller: caller.Config{ID: "key:alice", Principal: "alice"}}
	s.keys.put(keyOf("alice"), key)
	if a := s.once(keyOf("alice"), eras[1], "get_file_contents", private); a.code == "" {
		t.Errorf("without a token: %s", a.text)
	}
	if _, err := session.ListTools(t.Context(), nil); err == nil {
		t.Error("the session of before goes on")
	}
}
