package clienttest

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// writing is a policy under which comments may be written to acme/website.
const writing = "version: 1\nrepositories: {acme/website: {write: allow}}\n"

// news are what clients say of what happens here: of a stream that broke, and of the answer
// to a call that they have given up.
var news = []string{"terminated", "fetch failed", "disconnected", "unknown message ID"}

// What befalls calls and connections: one says how far it is, one is given up, every
// connection breaks, the same key connects once more. What a call was shown on one
// connection counts on every other.
func TestClientsInTroubleOverHTTP(t *testing.T) {
	t.Parallel()
	program := setup(t)
	for _, library := range libraries {
		t.Run(library.name, func(t *testing.T) {
			t.Parallel()
			sample, posts := writableForge(t)
			reached, gone := make(chan struct{}), make(chan struct{})
			forge := besides(t, sample, "/api/v1/user", func(_ http.ResponseWriter, r *http.Request) {
				close(reached)
				<-r.Context().Done()
				close(gone)
			})
			s := serveHTTP(t, program, forge, writing, "WRITE_MODE=true", "WRITE_REPOSITORY_WHITELIST=acme/website")
			line := newLine(t, s.url)
			steps := http.NewServeMux()
			steps.HandleFunc("/reached", func(http.ResponseWriter, *http.Request) { <-reached })
			steps.HandleFunc("/cut", func(http.ResponseWriter, *http.Request) { line.cut() })
			director := httptest.NewServer(steps)
			t.Cleanup(director.Close)
			seen := play(t, program, library.script, library.negotiate, plan{
				URL: line.url, Key: s.key,
				Calls:    []call{{"get_file_contents", arguments{"owner": "acme", "repo": "service", "path": "README.md"}}}, // which is private
				Progress: &call{"search_code", arguments{"owner": "acme", "repo": "website", "query": "e"}},
				Cancel:   &call{"get_me", arguments{}}, Reached: director.URL + "/reached",
				Cut:   director.URL + "/cut",
				Again: &call{"create_comment", arguments{"owner": "acme", "repo": "website", "number": 1, "body": "hello"}},
			})
			if seen.Told == nil || seen.Told.Result == nil || seen.Told.Result.IsError || len(seen.Progress) == 0 {
				t.Errorf("a call that says how far it is: %+v, %+v", seen.Told, seen.Progress)
			}
			for _, step := range seen.Progress {
				if step.Total != 100 || step.Message == "" {
					t.Errorf("progress %+v", step)
				}
			}
			if seen.Cancelled == nil || seen.Cancelled.Error == nil {
				t.Errorf("a call that was given up: %+v", seen.Cancelled)
			}
			select {
			case <-gone:
			case <-time.After(runTimeout):
				t.Error("a call that was given up goes on")
			}
			if len(seen.After) != 3 {
				t.Fatalf("%d calls afterwards", len(seen.After))
			}
			for i, o := range seen.After {
				t.Run([]string{"after it", "after a cut", "after another connection"}[i], func(t *testing.T) { checkFile(t, o.Result) })
			}
			if seen.Again == nil {
				t.Fatal("the key does not connect again")
			}
			checkRefused(t, seen.Again.Result, "flow_denied")
			if n := posts.Load(); n != 0 {
				t.Errorf("%d comments were written", n)
			}
			for _, e := range seen.Errors {
				if !slices.ContainsFunc(news, func(known string) bool { return strings.Contains(e, known) }) {
					t.Errorf("the client could not read: %s", e)
				}
			}
		})
	}
}

// besides is a forge of which one path is answered by the test.
func besides(t *testing.T, forge, path string, handle http.HandlerFunc) string {
	t.Helper()
	pass := proxyTo(t, forge)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == path {
			handle(w, r)
			return
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// line carries connections to a server, until they are cut.
type line struct {
	url, to string

	mu  sync.Mutex
	all []net.Conn
}

func newLine(t *testing.T, url string) *line {
	t.Helper()
	address, path, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{url: "http://" + listener.Addr().String() + "/" + path, to: address}
	t.Cleanup(func() {
		_ = listener.Close()
		l.cut()
	})
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			l.carry(conn)
		}
	}()
	return l
}

// carry carries one connection.
func (l *line) carry(conn net.Conn) {
	server, err := net.Dial("tcp", l.to)
	if err != nil {
		_ = conn.Close()
		return
	}
	l.mu.Lock()
	l.all = append(l.all, conn, server)
	l.mu.Unlock()
	for from, to := range map[net.Conn]net.Conn{conn: server, server: conn} {
		go func() {
			_, _ = io.Copy(to, from)
			_ = to.Close()
		}()
	}
}

// cut breaks all that there are.
func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range l.all {
		_ = conn.Close()
	}
	l.all = nil
}
