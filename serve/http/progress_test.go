package http

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// A client that gives a token hears of its call before the answer, in either era, and
// nobody else does.
func TestProgressOverHTTP(t *testing.T) {
	t.Parallel()
	for _, era := range eras {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			s := start(t, stage{})
			s.hold("bob")
			var mu sync.Mutex
			heard := map[string][]*mcp.ProgressNotificationParams{}
			listening := func(name string) *mcp.ClientOptions {
				return &mcp.ClientOptions{ProgressNotificationHandler: func(_ context.Context, r *mcp.ProgressNotificationClientRequest) {
					mu.Lock()
					defer mu.Unlock()
					heard[name] = append(heard[name], r.Params)
				}}
			}
			alice, bob := s.enter(keyOf("alice"), era, listening("alice")), s.enter(keyOf("bob"), era, listening("bob"))
			search := &mcp.CallToolParams{Name: "search_code", Arguments: map[string]any{"owner": "acme", "repo": "website", "query": "e"}}
			result, err := bob.CallTool(t.Context(), search)
			s.check(err)
			if a := read(t, result); a.code != "" {
				t.Fatal(a.text)
			}
			asked := *search
			asked.SetProgressToken("of alice")
			result, err = alice.CallTool(t.Context(), &asked)
			s.check(err)
			if a := read(t, result); a.code != "" {
				t.Fatal(a.text)
			}
			s.eventually("the client hears of its call", func() bool {
				mu.Lock()
				defer mu.Unlock()
				return len(heard["alice"]) > 0
			})
			mu.Lock()
			defer mu.Unlock()
			if len(heard["bob"]) > 0 {
				t.Errorf("who did not ask is told: %v", heard["bob"])
			}
			for _, p := range heard["alice"] {
				if p.ProgressToken != "of alice" || p.Total != 100 || p.Message == "" {
					t.Errorf("%+v", p)
				}
			}
		})
	}
}

// stuck is a stage on which get_me waits in Gitea. reached says that it does; it goes on
// when release is called, or ends when the call does, which gone says.
func stuck(t *testing.T, config func(*Config)) (s *stage, reached, gone chan struct{}, release func()) {
	t.Helper()
	reached, gone = make(chan struct{}, 10), make(chan struct{}, 10)
	goOn := make(chan struct{})
	var once sync.Once
	s = start(t, stage{config: config, forge: sampled(t, map[string]http.HandlerFunc{"/user": func(w http.ResponseWriter, r *http.Request) {
		reached <- struct{}{}
		select {
		case <-goOn:
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"id":1,"login":"demo"}`))
		case <-r.Context().Done():
			gone <- struct{}{}
		}
	}})})
	release = func() { once.Do(func() { close(goOn) }) }
	t.Cleanup(release)
	return s, reached, gone, release
}

func within(t *testing.T, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(20 * time.Second):
		t.Fatalf("in vain: %s", what)
	}
}

// In the older era a client that gives a call up says so, and the call ends; the session
// goes on. Another key's word, and another session's of the same key, end nothing.
func TestACallWithASessionIsCancelledByItsClient(t *testing.T) {
	t.Parallel()
	s, reached, gone, release := stuck(t, nil)
	s.hold("bob")
	session, other, bob := s.enter(keyOf("alice"), eras[0], nil), s.enter(keyOf("alice"), eras[0], nil), s.enter(keyOf("bob"), eras[0], nil)
	cancelling := func(key, id string) (int, string) {
		header := []string{"Authorization", "Bearer " + keyOf(key), "Mcp-Session-Id", id, "Mcp-Protocol-Version", eras[0]}
		response, body := s.request(http.MethodPost, s.url, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":77}}`, header...)
		return response.StatusCode, body
	}
	ended := make(chan string, 1)
	go func() {
		_, body := s.request(http.MethodPost, s.url, `{"jsonrpc":"2.0","id":77,"method":"tools/call","params":{"name":"get_me","arguments":{}}}`,
			"Authorization", "Bearer "+keyOf("alice"), "Mcp-Session-Id", session.ID(), "Mcp-Protocol-Version", eras[0])
		ended <- body
	}()
	within(t, "the call reaches Gitea", reached)
	if status, _ := cancelling("bob", session.ID()); status != http.StatusNotFound {
		t.Errorf("another key's word on the session: %d", status)
	}
	_, _ = cancelling("alice", other.ID())
	_, _ = cancelling("bob", bob.ID())
	select {
	case <-gone:
		t.Fatal("somebody else has ended the call")
	case <-time.After(300 * time.Millisecond):
	}
	if status, body := cancelling("alice", session.ID()); status != http.StatusAccepted {
		t.Fatalf("%d %s", status, body)
	}
	within(t, "the call ends", gone)
	s.eventually("the outcome is recorded", func() bool {
		for _, e := range s.entries() {
			if e["kind"] == "outcome" && e["code"] == "timeout" && e["principal"] == "alice" {
				return true
			}
		}
		return false
	})
	release()
	if a := s.ask(session, "get_me", nil); a.code != "" {
		t.Errorf("afterwards: %s", a.text)
	}
	select {
	case body := <-ended:
		if strings.Contains(body, `"login"`) {
			t.Errorf("a cancelled call is answered: %s", body)
		}
	case <-time.After(20 * time.Second):
		t.Error("its request stands for good")
	}
}

// A server that ends lets what runs end, begins nothing new, and says which it was.
func TestDrainingLetsCallsEnd(t *testing.T) {
	t.Parallel()
	for _, era := range eras {
		for _, patient := range []bool{true, false} {
			t.Run(era+map[bool]string{true: " in time", false: " too late"}[patient], func(t *testing.T) {
				t.Parallel()
				s, reached, gone, release := stuck(t, func(c *Config) {
					if c.Drain = 500 * time.Millisecond; patient {
						c.Drain = 30 * time.Second
					}
				})
				session := s.enter(keyOf("alice"), era, nil)
				type outcome struct {
					result *mcp.CallToolResult
					err    error
				}
				ended, stopped := make(chan outcome, 1), make(chan struct{})
				go func() {
					result, err := session.CallTool(context.WithoutCancel(t.Context()), &mcp.CallToolParams{Name: "get_me"})
					ended <- outcome{result, err}
				}()
				within(t, "the call reaches Gitea", reached)
				go func() {
					defer close(stopped)
					s.stop()
				}()
				s.eventually("it drains", func() bool { return s.server.draining.Load() })
				if fresh, err := s.connect(keyOf("alice"), era, nil); err == nil {
					_ = fresh.Close()
					t.Error("somebody new is let in")
				}
				want := "timeout"
				if patient {
					want = ""
					release()
				} else {
					within(t, "the call is cancelled", gone)
				}
				within(t, "the server ends", stopped)
				select {
				case o := <-ended:
					if patient && (o.err != nil || read(t, o.result).code != "") {
						t.Errorf("what runs is not answered: %v %v", o.err, o.result)
					}
				case <-time.After(20 * time.Second):
					t.Error("the client waits for good")
				}
				all := s.entries()
				code, ends := "none", 0
				for _, e := range all {
					switch e["kind"] {
					case "outcome":
						code, _ = e["code"].(string)
					case "session_end":
						ends++
					}
				}
				if code != want || ends != 2 || all[len(all)-1]["kind"] != "session_end" {
					t.Errorf("outcome %q, %d ends, the last entry is %v", code, ends, all[len(all)-1])
				}
			})
		}
	}
}
