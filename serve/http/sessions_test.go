package http

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A key has so many sessions; another key has its own.
func TestSessionsAreBounded(t *testing.T) {
	t.Parallel()
	s := start(t, stage{config: func(c *Config) { c.Limits.Sessions, c.Limits.AllSessions, c.RateByKey = 5, 8, 0 }})
	s.hold("bob")
	var wg sync.WaitGroup
	var opened, refused atomic.Int64
	for range 50 {
		wg.Go(func() {
			response, body := s.request(http.MethodPost, s.url, hello, "Authorization", "Bearer "+keyOf("alice"))
			switch response.StatusCode {
			case http.StatusOK:
				opened.Add(1)
			case http.StatusServiceUnavailable:
				refused.Add(1)
			default:
				t.Errorf("%d %s", response.StatusCode, body)
			}
		})
	}
	wg.Wait()
	if n := opened.Load(); n == 0 || n > 5 || n+refused.Load() != 50 {
		t.Errorf("%d sessions were opened, %d refused", n, refused.Load())
	}
	last := ""
	for range 10 {
		response, _ := s.request(http.MethodPost, s.url, hello, "Authorization", "Bearer "+keyOf("bob"))
		if id := response.Header.Get("Mcp-Session-Id"); id != "" {
			last = id
		}
	}
	if all := s.server.tenant(s.hold("alice")).sessions() + s.server.tenant(s.hold("bob")).sessions(); all > 8 || last == "" {
		t.Errorf("%d sessions in all", all)
	}
	if a := s.once(keyOf("bob"), eras[1], "get_me", nil); a.code != "" {
		t.Errorf("without a session: %s", a.text)
	}
	s.request(http.MethodDelete, s.url, "", "Authorization", "Bearer "+keyOf("bob"), "Mcp-Session-Id", last)
	if response, body := s.request(http.MethodPost, s.url, hello, "Authorization", "Bearer "+keyOf("bob")); response.StatusCode != http.StatusOK {
		t.Errorf("after one was closed: %d %s", response.StatusCode, body)
	}
}

// Sessions that clients have left behind go for new ones, the oldest first. Where somebody
// is, by an open stream or a call, stays.
func TestAbandonedSessionsMakePlace(t *testing.T) {
	t.Parallel()
	s, reached, _, release := stuck(t, func(c *Config) { c.Limits.Sessions, c.Limits.Abandoned = 4, 300*time.Millisecond })
	here := s.enter(keyOf("alice"), eras[0], nil) // which has a stream
	header := []string{"Authorization", "Bearer " + keyOf("alice"), "Mcp-Protocol-Version", eras[0]}
	open := func() string {
		response, body := s.request(http.MethodPost, s.url, hello, header...)
		id := response.Header.Get("Mcp-Session-Id")
		if id == "" {
			t.Logf("%d %s", response.StatusCode, body)
		}
		return id
	}
	known := func(id string) bool {
		response, _ := s.request(http.MethodPost, s.url, `{"jsonrpc":"2.0","id":5,"method":"ping"}`, append(header, "Mcp-Session-Id", id)...)
		return response.StatusCode == http.StatusOK
	}
	first, second, busy := open(), open(), open()
	if open() != "" {
		t.Error("a session that was just opened is taken for one that was left behind")
	}
	go s.request(http.MethodPost, s.url, `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"get_me"}}`, append(header, "Mcp-Session-Id", busy)...)
	within(t, "the call reaches Gitea", reached)
	time.Sleep(400 * time.Millisecond)
	if !known(second) {
		t.Fatal("a session goes before it has to")
	}
	if open() == "" {
		t.Fatal("there is no place for a new session")
	}
	if known(first) || !known(second) || !known(busy) {
		t.Error("another one went than the oldest")
	}
	if open() != "" {
		t.Error("a session went in which somebody is")
	}
	release()
	if a := s.ask(here, "list_repositories", nil); a.code != "" {
		t.Errorf("the session with a stream: %s", a.text)
	}
}
