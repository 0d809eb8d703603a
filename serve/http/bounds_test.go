package http

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// served reports that a new client is served, and how quickly.
func (s *stage) served(t *testing.T, while string) {
	t.Helper()
	for _, era := range eras {
		if a := s.once(keyOf("alice"), era, "get_me", nil); a.code != "" {
			t.Errorf("while %s: %s", while, a.text)
		}
	}
}

// raw opens a connection and says something on it.
func (s *stage) raw(says string) net.Conn {
	s.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(s.url, "http://"), Path))
	s.check(err)
	s.t.Cleanup(func() { _ = conn.Close() })
	_, _ = io.WriteString(conn, says)
	return conn
}

// Connections that say nothing, or slowly, take nothing from others, and go first when
// there are too many.
func TestWhoSaysNothingIsInNobodysWay(t *testing.T) {
	t.Parallel()
	s := start(t, stage{config: func(c *Config) { c.Limits.Connections, c.Limits.ReadHeader = 300, 2*time.Second }})
	var silent []net.Conn
	connections := 2000
	if testing.Short() {
		connections = 600
	}
	for i := range connections {
		says := ""
		if i%2 == 0 {
			says = "POST /mcp HTTP/1.1\r\nHost: localhost\r\n"
		}
		silent = append(silent, s.raw(says))
		if i%300 == 299 {
			s.served(t, fmt.Sprintf("%d connections say nothing", i+1))
		}
	}
	open := 0
	for _, conn := range silent {
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.Copy(io.Discard, conn); err != nil {
			open++
		}
	}
	if open > 0 {
		t.Errorf("%d connections were not closed", open)
	}
}

// A body that does not come takes no room, ends in time, and is in nobody's way; without
// a key it is not even waited for.
func TestSlowBodies(t *testing.T) {
	t.Parallel()
	s := start(t, stage{config: func(c *Config) { c.Limits.ReadBody, c.MaxFailures = 2*time.Second, 1000 }})
	head := "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nContent-Length: 8000000\r\n"
	var wg sync.WaitGroup
	for i := range 60 {
		key, want := "", "401"
		if i%2 == 0 {
			key, want = "Authorization: Bearer "+keyOf("alice")+"\r\n", "408"
		}
		conn := s.raw(head + key + "\r\n{")
		wg.Go(func() {
			_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
			line, err := bufio.NewReader(conn).ReadString('\n')
			if err != nil || !strings.Contains(line, want) {
				t.Errorf("%q %v, not %s", line, err, want)
			}
		})
	}
	s.served(t, "bodies are slow")
	wg.Wait()
	s.eventually("all room is given back", func() bool { return s.server.bodies.inUse() == 0 })
}

// What is larger than is taken is refused before it is read, or as soon as it is too
// large.
func TestOversized(t *testing.T) {
	t.Parallel()
	s := start(t, stage{config: func(c *Config) { c.Limits.Body, c.Limits.Bodies = 1<<20, 3<<20 }})
	key := []string{"Authorization", "Bearer " + keyOf("alice")}
	large := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_me","arguments":{"a":"` + strings.Repeat("a", 2<<20) + `"}}}`
	if response, body := s.request(http.MethodPost, s.url, large, key...); response.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("announced: %d %s", response.StatusCode, body)
	}
	conn := s.raw("POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + keyOf("alice") + "\r\nTransfer-Encoding: chunked\r\n\r\n")
	go func() {
		for range 40 {
			_, _ = fmt.Fprintf(conn, "%x\r\n%s\r\n", 64<<10, strings.Repeat("a", 64<<10))
		}
	}()
	line, _ := bufio.NewReader(conn).ReadString('\n')
	if !strings.Contains(line, "413") {
		t.Errorf("in chunks: %q", line)
	}
	conn = s.raw("GET /mcp HTTP/1.1\r\nHost: localhost\r\nX-Flood: " + strings.Repeat("a", 64<<10))
	if line, _ = bufio.NewReader(conn).ReadString('\n'); !strings.Contains(line, "431") {
		t.Errorf("a long header: %q", line)
	}
	conn = s.raw("GET /mcp HTTP/1.1\r\nHost: localhost\r\n" + strings.Repeat("X-Flood: a\r\n", 5000))
	if line, _ = bufio.NewReader(conn).ReadString('\n'); !strings.Contains(line, "431") {
		t.Errorf("many headers: %q", line)
	}
	s.served(t, "others send too much")
	if n := s.server.bodies.inUse(); n != 0 {
		t.Errorf("%d bytes of room are not given back", n)
	}
}

// Calls of the older protocol go on when their connection is gone. So they are bounded
// where they run, and end.
func TestWhoGoesAwayLeavesNoPile(t *testing.T) {
	t.Parallel()
	var running, most atomic.Int64
	s := start(t, stage{
		config: func(c *Config) { c.Limits.Requests, c.Longest, c.RateByKey = 20, 3*time.Second, 0 },
		forge: sampled(t, map[string]http.HandlerFunc{"/user": func(_ http.ResponseWriter, r *http.Request) {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			<-r.Context().Done()
		}}),
	})
	s.hold("bob")
	session := s.enter(keyOf("alice"), eras[0], nil)
	transport := &http.Transport{MaxIdleConnsPerHost: 100}
	defer transport.CloseIdleConnections()
	for i := range 200 {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		r, _ := http.NewRequestWithContext(ctx, http.MethodPost, s.url, strings.NewReader(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"get_me"}}`, 1000+i)))
		for name, value := range map[string]string{
			"Authorization": "Bearer " + keyOf("alice"), "Mcp-Session-Id": session.ID(), "Mcp-Protocol-Version": eras[0],
			"Accept": "application/json, text/event-stream", "Content-Type": "application/json",
		} {
			r.Header.Set(name, value)
		}
		if response, err := transport.RoundTrip(r); err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
		cancel()
		if n := s.server.requests.inUse(); n > 20 {
			t.Fatalf("%d requests run", n)
		}
	}
	if a := s.once(keyOf("bob"), eras[0], "list_repositories", nil); a.code != "" {
		t.Errorf("another key: %s", a.text)
	}
	s.eventually("what runs ends", func() bool { return s.server.requests.inUse() == 0 && running.Load() == 0 })
	if most.Load() > 16 {
		t.Errorf("%d calls ran at once", most.Load())
	}
}

// A call ends when its client gives it up: without a session it is its connection, and
// with one the client says so.
func TestACallEndsWhenItsClientGivesItUp(t *testing.T) {
	t.Parallel()
	for _, era := range eras {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			s, reached, gone, _ := stuck(t, nil)
			session := s.enter(keyOf("alice"), era, nil)
			ctx, cancel := context.WithCancel(t.Context())
			go func() { _, _ = session.CallTool(ctx, &mcp.CallToolParams{Name: "get_me"}) }()
			within(t, "the call reaches Gitea", reached)
			cancel()
			within(t, "the call ends", gone)
			s.eventually("the outcome is recorded", func() bool {
				all := s.entries()
				return all[len(all)-1]["kind"] == "outcome" && all[len(all)-1]["code"] == "timeout"
			})
			if a := s.ask(session, "list_repositories", nil); a.code != "" {
				t.Errorf("afterwards: %s", a.text)
			}
		})
	}
}

// A client that does not read what it is sent is given up.
func TestWhoDoesNotReadIsGivenUp(t *testing.T) {
	t.Parallel()
	s := start(t, stage{config: func(c *Config) { c.Limits.WriteChunk, c.RateByKey = time.Second, 0 }})
	before := runtime.NumGoroutine()
	for range 20 {
		conn := s.raw("")
		_ = conn.(*net.TCPConn).SetReadBuffer(1 << 10)
		body := modern(1, "tools/list", "")
		head := "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + keyOf("alice") + "\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n" +
			"Mcp-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\nContent-Length: " + fmt.Sprint(len(body)) + "\r\n\r\n"
		go func() {
			for range 500 {
				if _, err := io.WriteString(conn, head+body); err != nil {
					return
				}
			}
		}()
	}
	s.served(t, "others don't read")
	s.eventually("who does not read is given up", func() bool {
		return runtime.NumGoroutine() < before+40 && s.server.requests.inUse() == 0
	})
}

// Deadlines are for what is slow, and not for what is long: a stream stands, and a
// connection that was idle is as good as new.
func TestWhatIsLongIsNotSlow(t *testing.T) {
	t.Parallel()
	s := start(t, stage{config: func(c *Config) {
		c.Limits.ReadHeader, c.Limits.ReadBody, c.Limits.WriteChunk = 2*time.Second, 2*time.Second, 2*time.Second
	}})
	header := []string{"Authorization", "Bearer " + keyOf("alice"), "Mcp-Protocol-Version", eras[0]}
	begun, _ := s.request(http.MethodPost, s.url, hello, header...)
	header = append(header, "Mcp-Session-Id", begun.Header.Get("Mcp-Session-Id"))
	r, err := http.NewRequest(http.MethodGet, s.url, nil)
	s.check(err)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	r.Header.Set("Accept", "text/event-stream")
	stream, err := new(http.Transport).RoundTrip(r)
	s.check(err)
	defer stream.Body.Close()
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, stream.Body)
		ended <- err
	}()
	for range 2 {
		select {
		case err := <-ended:
			t.Fatalf("the stream has ended: %v", err)
		case <-time.After(2500 * time.Millisecond):
		}
		if response, body := s.request(http.MethodPost, s.url, `{"jsonrpc":"2.0","method":"notifications/initialized"}`, header...); response.StatusCode != http.StatusAccepted {
			t.Errorf("%d %s", response.StatusCode, body)
		}
	}
}
