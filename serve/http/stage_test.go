package http

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"aegis/audit"
	"aegis/forge"
	"aegis/gate/caller"
	"aegis/internal/app"
	"aegis/internal/canon"
	"aegis/internal/giteatest"
	"aegis/internal/sampleforge"

	"github.com/rs/zerolog"
)

var eras = []string{"2025-11-25", "2026-07-28"}

// fakeKeys are keys of a test, by what is presented.
type fakeKeys struct {
	mu    sync.Mutex
	known map[string]Key
	gone  map[string]bool // by what is presented
}

func (k *fakeKeys) Verify(presented string) (Key, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key, ok := k.known[presented]
	key.Secret = presented
	return key, ok && !k.gone[presented]
}

func (k *fakeKeys) Now(id, secret string) (Key, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for presented, key := range k.known {
		if key.ID == id && (secret == "" || secret == presented) && !k.gone[presented] && (key.Expires.IsZero() || time.Now().Before(key.Expires)) {
			return key, true
		}
	}
	return Key{}, false
}

func (k *fakeKeys) put(presented string, key Key) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.known[presented] = key
	delete(k.gone, presented)
}

func (k *fakeKeys) revoke(presented string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.gone[presented] = true
}

// stage is a server over a forge, with its keys and its log.
type stage struct {
	config func(*Config)     // changes it before the server is made
	app    func(*app.Config) // the same
	forge  *giteatest.Proxy  // the sample forge if nil
	proxy  string            // what X-Forwarded-For to send, "" for none
	stderr *safeBuffer
	token  string
	folder string // of the log and the state
	policy string // "" is the built-in one

	lines  *sync.Map // of the clients' transports
	t      *testing.T
	keys   *fakeKeys
	server *Server
	door   *app.App
	url    string
	log    string
	stop   func()
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// Reset forgets what was written.
func (b *safeBuffer) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.b = bytes.Buffer{}
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// sampled is the sample forge, of which some paths below /api/v1 are answered by the
// test.
func sampled(t *testing.T, instead map[string]http.HandlerFunc) *giteatest.Proxy {
	t.Helper()
	forge, err := sampleforge.Start(os.DirFS("../../testdata/demo/forge"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = forge.Close() })
	target, err := url.Parse(forge.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = log.New(io.Discard, "", 0) // what was asked ahead is cancelled
	return giteatest.NewProxyTo(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if handler, ok := instead[strings.TrimPrefix(r.URL.Path, "/api/v1")]; ok {
			handler(w, r)
			return
		}
		if r.Header.Get("Authorization") != "" { // whoever's it is
			r.Header.Set("Authorization", "token "+sampleforge.DemoToken())
		}
		proxy.ServeHTTP(w, r)
	}))
}

// keyOf is a key of a test: its secret is as long as a real one.
func keyOf(name string) string { return "aegis_" + strings.Repeat("k", 33-len(name)) + name + "000000" }

// hold gives somebody a key, with the stage's token and whitelist.
func (s *stage) hold(name string, repos ...string) Key {
	s.t.Helper()
	key := Key{ID: "key:" + name, Name: name, Caller: caller.Config{ID: "key:" + name, Principal: name, Credential: s.token}}
	for _, repo := range repos {
		parsed, err := canon.ParseFullName(repo)
		s.check(err)
		key.Caller.Writable = append(key.Caller.Writable, parsed)
	}
	s.keys.put(keyOf(name), key)
	return key
}

func (s *stage) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// start serves. One key, of alice, is in force.
func start(t *testing.T, given stage) *stage {
	t.Helper()
	s := &given
	s.lines = new(sync.Map)
	t.Cleanup(s.hangUp)
	s.t, s.keys = t, &fakeKeys{known: make(map[string]Key), gone: make(map[string]bool)}
	if s.forge == nil {
		s.forge = sampled(t, nil)
	}
	if s.token == "" {
		s.token = sampleforge.DemoToken()
	}
	if s.folder == "" {
		s.folder = t.TempDir()
	}
	s.log, s.stderr = filepath.Join(s.folder, "state", "audit.jsonl"), new(safeBuffer)
	address, err := forge.ParseURL(s.forge.URL, false)
	s.check(err)
	logger := zerolog.New(s.stderr)
	config := app.Config{
		URL: address, Token: s.token, AuditLog: s.log, State: filepath.Join(s.folder, "state", "state.db"), Agent: "aegis/test", Logger: logger,
	}
	if s.policy != "" {
		config.PolicyFile = filepath.Join(s.folder, "policy.yaml")
		s.check(os.WriteFile(config.PolicyFile, []byte(s.policy), 0o600))
	}
	if s.app != nil {
		s.app(&config)
	}
	s.log = config.AuditLog
	s.door, err = app.Open(config)
	s.check(err)
	s.hold("alice")
	serving := Config{
		Version: "test", Door: s.door.Gate, Callers: s.door.Known, Keys: s.keys,
		Self: caller.New(caller.Config{ID: "server", Principal: "operator"}), Logger: logger, Drain: 5 * time.Second, Observer: s.door.Metrics,
	}
	if s.config != nil {
		s.config(&serving)
	}
	s.server = New(serving)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	s.check(err)
	s.url = "http://" + listener.Addr().String() + Path
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.server.Serve(ctx, listener) }()
	var once sync.Once
	s.stop = func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-ended:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(30 * time.Second):
				t.Error("the server does not end")
			}
			if err := s.door.Close(); err != nil {
				t.Error(err)
			}
			report, err := audit.Verify(context.Background(), s.log)
			if err != nil || report.Problem != nil {
				t.Errorf("the audit log does not verify: %v %v", err, report.Problem)
			}
		})
	}
	t.Cleanup(s.stop)
	return s
}

// entries reads the log.
func (s *stage) entries() (all []map[string]any) {
	s.t.Helper()
	raw, err := os.ReadFile(s.log)
	s.check(err)
	for line := range bytes.Lines(raw) {
		var entry map[string]any
		s.check(json.Unmarshal(line, &entry))
		all = append(all, entry)
	}
	return all
}

// eventually waits for something that is about to happen.
func (s *stage) eventually(what string, is func() bool) {
	s.t.Helper()
	for range 2000 {
		if is() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	s.t.Errorf("in vain: %s", what)
}

func prefix(text string) netip.Prefix { return netip.MustParsePrefix(text) }
