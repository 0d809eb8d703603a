package http

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"aegis/gate/caller"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Two keys with different access, interleaved on many connections: each sees its own
// account and its own refusals, and in the log nothing of one is the other's.
func TestI11_TwoKeysNeverMeet(t *testing.T) {
	t.Parallel()
	tokens := map[string]string{"alice": strings.Repeat("a", 39) + "1", "bob": strings.Repeat("b", 39) + "2"}
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
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusCreated)
			_, _ = fmt.Fprint(w, `{"id":77}`)
		},
	})
	s, _ := writing(t, stage{forge: forge, config: func(c *Config) { c.RateByKey = 0 }})
	for name, token := range tokens {
		key := s.hold(name, website)
		key.Caller.Credential = token
		if name == "bob" {
			key.Caller.Writable = nil
		}
		s.keys.put(keyOf(name), key)
	}
	each, at := 500, 8
	if testing.Short() {
		each = 80
	}
	var wg sync.WaitGroup
	for name := range tokens {
		for worker := range at {
			session := s.enter(keyOf(name), eras[worker%2], nil)
			wg.Go(func() {
				for range each / at {
					visit(s, session, name)
				}
			})
		}
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	sessions := make(map[string]string)
	for _, entry := range s.entries() {
		session, principal := fmt.Sprint(entry["session"]), fmt.Sprint(entry["principal"])
		if known, ok := sessions[session]; ok && known != principal {
			t.Fatalf("session %s is %s's and %s's", session, known, principal)
		}
		sessions[session] = principal
	}
	if len(sessions) != 3 { // with the server's own
		t.Errorf("%v", sessions)
	}
	raw := s.stderr.String() + fmt.Sprint(s.entries())
	for _, token := range tokens {
		if strings.Contains(raw, token) {
			t.Error("a token is written down")
		}
	}
}

// visit makes a call of each sort and holds the answers to who asks.
func visit(s *stage, session *mcp.ClientSession, name string) {
	other := map[string]string{"alice": "bob", "bob": "alice"}[name]
	a := s.ask(session, "get_me", nil)
	if !strings.Contains(a.text, "gitea-of-"+name) || strings.Contains(a.text, "gitea-of-"+other) {
		s.t.Errorf("%s sees %s", name, a.text)
	}
	want := "not_whitelisted"
	if name == "alice" { // who is on the whitelist, and has read nothing private
		want = ""
	} else if a := s.ask(session, "get_file_contents", private); a.code != "" {
		s.t.Errorf("%s: %s", name, a.text)
	}
	if a := s.ask(session, "create_comment", comment); a.code != want {
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
