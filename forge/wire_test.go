package forge

import (
	"bufio"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestWaitingEndsWithTheCall(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"no answer": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"a body that trickles": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", jsonType)
			for r.Context().Err() == nil {
				_, _ = w.Write([]byte(" "))
				_ = http.NewResponseController(w).Flush()
				time.Sleep(5 * time.Millisecond)
			}
		},
		"a body that stops": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", jsonType)
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte("{"))
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(handler)
			defer server.Close()
			f := forgeAt(t, server.URL)

			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			begin := time.Now()
			_, err := wayTo(t, f).Client(ctx, Grant{CallID: "call"}).Me()
			wantKind(t, err, Timeout)
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("took %v", took)
			}

			ctx, stop := context.WithCancel(t.Context())
			time.AfterFunc(50*time.Millisecond, stop)
			_, err = wayTo(t, f).Client(ctx, Grant{CallID: "call"}).Me()
			wantKind(t, err, Canceled)
		})
	}
}

// The body of an error is not worth waiting for.
func TestAnErrorIsNotHeldUpByItsBody(t *testing.T) {
	t.Parallel()
	c := serving(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	begin := time.Now()
	_, _, err := c.GetMyUserInfo()
	wantKind(t, err, GiteaError)
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	t.Run("refused", func(t *testing.T) {
		t.Parallel()
		listener := listen(t)
		address := listener.Addr().String()
		listener.Close()
		_, _, err := granted(t, forgeAt(t, "http://"+address)).GetMyUserInfo()
		if e := wantKind(t, err, Unreachable); !strings.Contains(e.Message, "refused") || !strings.Contains(e.Message, address) {
			t.Errorf("message %q", e.Message)
		}
	})
	t.Run("a host name that does not exist", func(t *testing.T) {
		t.Parallel()
		_, _, err := granted(t, forgeAt(t, "https://gitea.invalid")).GetMyUserInfo()
		if e := wantKind(t, err, Unreachable); !strings.Contains(e.Message, "host name") || strings.Contains(e.Message, "lookup") {
			t.Errorf("message %q", e.Message)
		}
	})
	t.Run("closed without an answer", func(t *testing.T) {
		t.Parallel()
		c := serving(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		_, _, err := c.GetMyUserInfo()
		if e := wantKind(t, err, Unreachable); !strings.Contains(e.Message, "closed without an answer") {
			t.Errorf("message %q", e.Message)
		}
	})
	t.Run("not HTTP", func(t *testing.T) {
		t.Parallel()
		listener := listen(t)
		answerEach(listener, func(int) string { return "SSH-2.0-secret banner\r\n" })
		_, _, err := granted(t, forgeAt(t, "http://"+listener.Addr().String())).GetMyUserInfo()
		if e := wantKind(t, err, Unreachable); strings.Contains(e.Message, "SSH") || strings.Contains(e.Message, "malformed") {
			t.Errorf("message %q quotes the answer", e.Message)
		}
	})
	t.Run("http where https is spoken to", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(answering(`{}`))
		defer server.Close()
		_, _, err := granted(t, forgeAt(t, "https"+strings.TrimPrefix(server.URL, "http"))).GetMyUserInfo()
		if e := wantKind(t, err, Unreachable); !strings.Contains(e.Message, "does not speak TLS") {
			t.Errorf("message %q", e.Message)
		}
	})
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	quiet := log.New(io.Discard, "", 0)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 || r.Header.Get("Authorization") != "" {
			t.Errorf("%s, Authorization %q", r.Proto, r.Header.Get("Authorization"))
		}
		answering(`{"login":"me"}`)(w, r)
	}))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = quiet
	var connections atomic.Int32
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.StartTLS()
	defer server.Close()
	u, err := ParseURL(server.URL, false)
	if err != nil {
		t.Fatal(err)
	}

	_, _, err = anonymous(t, forgeAt(t, server.URL)).GetMyUserInfo()
	if e := wantKind(t, err, Unreachable); !strings.Contains(e.Message, "--ca-file") || !strings.Contains(e.Message, "GITEA_CA_FILE") {
		t.Errorf("message %q does not name the setting", e.Message)
	}

	file := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(file, block, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := New(Config{URL: u, CAFile: file})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	before := connections.Load()
	for range 5 {
		if _, _, err := anonymous(t, f).GetMyUserInfo(); err != nil {
			t.Fatal(err)
		}
	}
	if opened := connections.Load() - before; opened != 1 {
		t.Errorf("five requests opened %d connections", opened)
	}

	// The same certificate is not for this name.
	u.Host = strings.Replace(u.Host, "127.0.0.1", "localhost", 1)
	named, err := New(Config{URL: u, CAFile: file})
	if err != nil {
		t.Fatal(err)
	}
	defer named.Close()
	_, _, err = anonymous(t, named).GetMyUserInfo()
	if e := wantKind(t, err, Unreachable); !strings.Contains(e.Message, "host name") {
		t.Errorf("message %q", e.Message)
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	t.Parallel()
	f := forgeAt(t, "https://gitea.example.com")
	if config := f.wire.TLSClientConfig; config.MinVersion < 0x0303 || config.InsecureSkipVerify {
		t.Errorf("TLS configuration %+v", config)
	}
}

// A connection that Gitea dropped while it was idle is replaced once. Only
// reading is repeated, and only if no byte of an answer had come.
func TestADroppedConnectionIsRetriedOnce(t *testing.T) {
	t.Parallel()
	const whole = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
	t.Run("once", func(t *testing.T) {
		t.Parallel()
		listener := listen(t)
		// A connection answers one request and drops the next.
		requests := answerEach(listener, func(nth int) string {
			if nth == 1 {
				return whole
			}
			return ""
		})
		f := forgeAt(t, "http://"+listener.Addr().String())
		var ready sync.WaitGroup
		for range 4 { // four idle connections, all of which will drop
			ready.Go(func() {
				if _, _, err := granted(t, f).GetMyUserInfo(); err != nil {
					t.Error(err)
				}
			})
		}
		ready.Wait()
		before := requests.Load()
		if _, _, err := granted(t, f).GetMyUserInfo(); err != nil {
			t.Fatal(err)
		}
		if got := requests.Load() - before; got > 2 {
			t.Errorf("one request was sent %d times", got)
		}
	})
	t.Run("not when a fresh one drops", func(t *testing.T) {
		t.Parallel()
		listener := listen(t)
		requests := answerEach(listener, func(int) string { return "" })
		_, _, err := granted(t, forgeAt(t, "http://"+listener.Addr().String())).GetMyUserInfo()
		wantKind(t, err, Unreachable)
		if got := requests.Load(); got != 1 {
			t.Errorf("the request was sent %d times", got)
		}
	})
	t.Run("not after a part of the answer", func(t *testing.T) {
		t.Parallel()
		listener := listen(t)
		requests := answerEach(listener, func(nth int) string {
			if nth == 1 {
				return whole
			}
			return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n{"
		})
		f := forgeAt(t, "http://"+listener.Addr().String())
		if _, _, err := granted(t, f).GetMyUserInfo(); err != nil {
			t.Fatal(err)
		}
		_, _, err := granted(t, f).GetMyUserInfo()
		wantKind(t, err, GiteaError)
		if got := requests.Load(); got != 2 {
			t.Errorf("two requests were sent %d times", got)
		}
	})
}

// The environment is read once a process, so each case is a process.
func TestProxyIsHonoured(t *testing.T) {
	if scenario := os.Getenv("FORGE_TEST_PROXY"); scenario != "" {
		askThroughProxy(t, scenario)
		return
	}
	t.Parallel()
	var asked atomic.Value
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.Method + " " + r.RequestURI)
		if r.Method == http.MethodConnect || strings.HasSuffix(r.Host, ".refused") {
			w.Header().Set("X-Words", "of-the-proxy")
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		answering(`{"login":"me"}`)(w, r)
	}))
	defer proxy.Close()
	withPassword := strings.Replace(proxy.URL, "://", "://user:hunter2@", 1)

	for name, test := range map[string]struct{ url, proxy, noProxy, says, asked string }{
		"http":             {"http://gitea.example", withPassword, "", "ok", "GET http://gitea.example/api/v1/user"},
		"refused by proxy": {"http://gitea.refused", withPassword, "", "unreachable: The proxy (HTTP_PROXY, HTTPS_PROXY) wants credentials.", "GET http://gitea.refused/api/v1/user"},
		"https":            {"https://gitea.example", withPassword, "", "unreachable: The proxy (HTTPS_PROXY) wants credentials.", "CONNECT gitea.example:443"},
		"no proxy":         {"http://gitea.invalid", withPassword, "gitea.invalid", "unreachable: Gitea at gitea.invalid", ""},
		"proxy is down":    {"http://gitea.example", "http://user:hunter2@127.0.0.1:1", "", "unreachable: Gitea at gitea.example can't be reached: the proxy", ""},
		"CGI program":      {"http://gitea.example", withPassword, "", "unreachable: HTTP_PROXY is not used", ""},
	} {
		t.Run(name, func(t *testing.T) {
			asked.Store("")
			child := exec.Command(os.Args[0], "-test.run=^TestProxyIsHonoured$", "-test.v")
			child.Env = append(os.Environ(), "FORGE_TEST_PROXY="+test.url, "GORACE=atexit_sleep_ms=0",
				"REQUEST_METHOD="+map[bool]string{true: "GET"}[name == "CGI program"],
				"HTTP_PROXY="+test.proxy, "http_proxy="+test.proxy, "HTTPS_PROXY="+test.proxy, "https_proxy="+test.proxy,
				"NO_PROXY="+test.noProxy, "no_proxy="+test.noProxy)
			output, err := child.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
			if !strings.Contains(string(output), "said: "+test.says) || strings.Contains(string(output), "hunter2") {
				t.Errorf("want %q and no password in\n%s", test.says, output)
			}
			if got := asked.Load(); got != test.asked {
				t.Errorf("the proxy was asked %q, want %q", got, test.asked)
			}
		})
	}
}

func askThroughProxy(t *testing.T, address string) {
	u, err := ParseURL(address, true)
	if err != nil {
		t.Fatal(err)
	}
	f, err := New(Config{URL: u})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = granted(t, f).GetMyUserInfo()
	if err == nil {
		fmt.Println("said: ok")
		return
	}
	e := From(err)
	fmt.Printf("said: %s: %s\n(%v)\n", e.Kind, e.Message, err)
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	c := serving(t, answering(`{"id":1,"full_name":"acme/service"}`))
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			c.Allow(repo(t, "acme/other"))
			if _, err := c.Repository(repo(t, "acme/service")); err != nil {
				t.Error(err)
			}
			_ = c.LastStatus()
		})
	}
	all.Wait()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

// answerEach answers the nth request on each connection with what answer says,
// and ends a connection after a text that is not a whole answer. It counts the
// requests of all connections.
func answerEach(listener net.Listener, answer func(nth int) string) *atomic.Int32 {
	requests := new(atomic.Int32)
	serve := func(conn net.Conn) {
		defer conn.Close()
		reader := bufio.NewReader(conn)
		for nth := 1; ; nth++ {
			if _, err := http.ReadRequest(reader); err != nil {
				return
			}
			requests.Add(1)
			text := answer(nth)
			if _, err := io.WriteString(conn, text); err != nil || !strings.HasSuffix(text, "{}") {
				return
			}
		}
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(conn)
		}
	}()
	return requests
}

// As many calls as run at once need a connection each, and each the next time again.
func TestConnectionsOfManyCallsAreKept(t *testing.T) {
	t.Parallel()
	const calls, turns = 16, 4
	var opened atomic.Int32
	var arrived sync.WaitGroup
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived.Done()
		arrived.Wait() // all are on their way at the same time
		w.Header().Set("Content-Type", jsonType)
		_, _ = w.Write([]byte(`{"id":1,"login":"reader"}`))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	f := forgeAt(t, server.URL)
	for range turns {
		arrived.Add(calls)
		var running sync.WaitGroup
		for range calls {
			running.Go(func() {
				if _, err := wayTo(t, f).Client(t.Context(), Grant{CallID: "call"}).Me(); err != nil {
					t.Error(err)
				}
			})
		}
		running.Wait()
	}
	if n := opened.Load(); n != calls {
		t.Errorf("%d connections for %d turns of %d calls", n, turns, calls)
	}
}
