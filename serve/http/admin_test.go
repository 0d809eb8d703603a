package http

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aegis/gate"
	"aegis/internal/app"
	"aegis/internal/metrics"
	"aegis/sanitize"
	"aegis/tools"

	"github.com/rs/zerolog"
)

// operators serves an admin listener, and returns how to ask it.
func operators(t *testing.T, c AdminConfig) (ask func(path string, header ...string) (int, string)) {
	t.Helper()
	c.Logger = zerolog.Nop()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	admin := NewAdmin(c)
	go func() { ended <- admin.Serve(ctx, listener) }()
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		client.CloseIdleConnections()
	})
	return func(path string, header ...string) (int, string) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+listener.Addr().String()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(header); i += 2 {
			switch header[i] {
			case "Host":
				r.Host = header[i+1]
			case "method":
				r.Method = header[i+1]
			default:
				r.Header.Set(header[i], header[i+1])
			}
		}
		response, err := client.Do(r)
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		defer response.Body.Close()
		raw, err := io.ReadAll(response.Body)
		if err != nil {
			t.Error(err)
		}
		return response.StatusCode, string(raw)
	}
}

// What is not as it should be is told by its word, and nothing else is; a gauge says the same.
func TestReadyTellsWhatIsMissing(t *testing.T) {
	t.Parallel()
	observer := metrics.New(metrics.Known{})
	var parts []Part
	for i, word := range Words {
		parts = append(parts, Part{word, func(context.Context) bool {
			if i == 2 {
				panic("/etc/aegis/secret")
			}
			return i%2 == 0
		}})
	}
	ask := operators(t, AdminConfig{Observer: observer, Parts: parts})
	if status, said := ask(ReadyPath); status != http.StatusServiceUnavailable || said != "not ready: keys, audit_log, state, draining\n" {
		t.Errorf("%d %q", status, said)
	}
	if status, said := ask(HealthPath); status != http.StatusOK || said != "alive\n" {
		t.Errorf("%d %q", status, said)
	}
	_, said := ask(MetricsPath)
	for _, line := range []string{"aegis_policy_ok 1", "aegis_keys_ok 0", "aegis_audit_ok 0", "aegis_state_ok 0", "aegis_kill_switch 0"} {
		if !strings.Contains(said, "\n"+line+"\n") {
			t.Errorf("lacks %s", line)
		}
	}
	ask = operators(t, AdminConfig{Observer: observer})
	if status, said := ask(ReadyPath); status != http.StatusOK || said != "ready\n" {
		t.Errorf("%d %q", status, said)
	}
}

// A part that hangs hangs nobody, is looked at once at a time, and is missing for so long.
func TestAPartThatHangs(t *testing.T) {
	t.Parallel()
	release, looks := make(chan struct{}), atomic.Int64{}
	observer := metrics.New(metrics.Known{})
	ask := operators(t, AdminConfig{Observer: observer, Parts: []Part{
		{"state", func(context.Context) bool { looks.Add(1); <-release; return true }}, // whatever its context says
		{"policy", func(context.Context) bool { return true }},
	}})
	var all sync.WaitGroup
	began := time.Now()
	for i := range 20 {
		all.Go(func() {
			path, want := ReadyPath, "not ready: state\n"
			if i%2 == 0 {
				path, want = MetricsPath, "aegis_state_ok 0\n"
			}
			if _, said := ask(path); !strings.Contains(said, want) {
				t.Errorf("%s: %q", path, said)
			}
		})
	}
	all.Wait()
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("they took %s", took)
	}
	if looks.Load() != 1 {
		t.Errorf("%d look at once", looks.Load())
	}
	close(release)
	for range 1000 {
		if status, _ := ask(ReadyPath); status == http.StatusOK {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Error("it is still not ready")
}

// Over loopback it answers to loopback's names; it reads nothing, and has three addresses.
func TestWhatOperatorsMayAsk(t *testing.T) {
	t.Parallel()
	ask := operators(t, AdminConfig{Observer: metrics.New(metrics.Known{})})
	for want, all := range map[int][][]string{
		200: {{"Host", "localhost:9464"}, {"Host", "127.0.0.1"}, {"Host", "[::1]:1"}, {"method", "HEAD"}},
		403: {{"Host", "evil.example"}, {"Host", "127.0.0.1.evil.example"}, {"Host", "10.0.0.1"}, {"Host", "evil.example", "method", "POST"}},
		405: {{"method", "POST"}, {"method", "DELETE"}, {"method", "TRACE"}},
	} {
		for _, header := range all {
			for _, path := range []string{MetricsPath, HealthPath, ReadyPath} {
				if status, said := ask(path, header...); status != want || status != 200 && strings.Contains(said, "aegis_") {
					t.Errorf("%s %v: %d", path, header, status)
				}
			}
		}
	}
	for _, path := range []string{"/", "/mcp", "/debug/pprof/", "/metrics/", "/readyz/x"} {
		if status, said := ask(path); status != http.StatusNotFound || said != "not found\n" {
			t.Errorf("%s: %d %q", path, status, said)
		}
	}
}

// Who has jobs run by hand is asked below /jobs/ alone, by loopback's names, and where there is
// nobody there are no such paths.
func TestJobsAreOfWhoHasThem(t *testing.T) {
	t.Parallel()
	took := make(chan string, 9)
	jobs := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { took <- r.Method + " " + r.URL.Path })
	with, without := operators(t, AdminConfig{Observer: metrics.New(metrics.Known{}), Jobs: jobs}), operators(t, AdminConfig{Observer: metrics.New(metrics.Known{})})
	for _, c := range []struct {
		path   string
		header []string
		with   int
		other  int
	}{
		{"/jobs/run", []string{"method", "POST"}, 200, 405},
		{"/jobs/run", nil, 200, 404},
		{"/jobs/run", []string{"method", "POST", "Host", "evil.example"}, 403, 403},
		{"/jobs", []string{"method", "POST"}, 405, 405},
		{"/jobsrun", nil, 404, 404},
		{ReadyPath, []string{"method", "POST"}, 405, 405},
	} {
		if status, _ := with(c.path, c.header...); status != c.with {
			t.Errorf("%s %v: %d", c.path, c.header, status)
		}
		if status, _ := without(c.path, c.header...); status != c.other {
			t.Errorf("without jobs %s %v: %d", c.path, c.header, status)
		}
	}
	close(took)
	var all []string
	for each := range took {
		all = append(all, each)
	}
	if !slices.Equal(all, []string{"POST /jobs/run", "GET /jobs/run"}) {
		t.Errorf("%q", all)
	}
}

// Hostile names, keys, tools, paths, queries, rules and hosts are driven through all of it:
// what is counted is counted, and nothing of them is told.
func TestMetricsTellNothingOfACall(t *testing.T) {
	t.Parallel()
	rules := filepath.Join(t.TempDir(), "rules.toml")
	if err := os.WriteFile(rules, []byte("[[rules]]\nid = \"hostile-rule-of-acme\"\nregex = '''[Ww]ebsite'''\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, stage{
		proxy: "203.0.113.77", app: func(c *app.Config) { c.Gitleaks, c.Version = rules, "9.9.9" },
		config: func(c *Config) { c.MaxFailures, c.RateByKey, c.Limits.Body = 3, 100, 1<<16 },
		policy: "version: 1\nrepositories: {\"acme/hidden-by-rule\": {read: deny, reason: hostile reason}}\n",
	})
	ask := operators(t, AdminConfig{Observer: s.door.Metrics, Parts: []Part{{"policy", func(context.Context) bool { return s.door.Policies.Err() == nil }}}})
	s.hold("hostile-key-name")
	alice := []string{"Authorization", "Bearer " + keyOf("alice")}
	hostile := []string{"hostile-name", `x"} 1`, "../../etc/hostile", "10.11.12.13", "hostile\nname", "ghp_0123456789abcdefghijABCDEFGHIJ012345", "hidden-by-rule", "website"}
	for _, era := range eras {
		for _, key := range []string{"alice", "hostile-key-name"} {
			session := s.enter(keyOf(key), era, nil)
			s.ask(session, "get_me", nil)
			for _, word := range hostile {
				s.ask(session, "get_repository", map[string]any{"owner": "acme", "repo": word})
				s.ask(session, "get_file_contents", map[string]any{"owner": "acme", "repo": "website", "path": word, "ref": word})
				s.ask(session, "search_issues", map[string]any{"query": word})
				s.ask(session, "get_me", map[string]any{word: word})
			}
		}
	}
	for i, word := range hostile {
		s.request(http.MethodPost, s.url, modern(i, "tools/call", `{"name":"hostile-tool-`+string(rune('a'+i))+`","arguments":{}}`), append(alice, "Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", "tools/call", "Mcp-Name", "hostile-tool")...)
		s.request(http.MethodPost, s.url, "{}", "Authorization", "Bearer "+strings.ReplaceAll(word, "\n", ""))
		s.request(http.MethodPost, s.url, "{}", "Host", "hostile-host.example", "User-Agent", "hostile-agent")
		s.request("HOSTILE", strings.TrimSuffix(s.url, Path)+"/hostile-path", "{}", alice...)
	}
	s.request(http.MethodPost, s.url, strings.Repeat(" ", 1<<17), alice...)
	for range 120 {
		s.request(http.MethodPost, s.url, "{}", alice...)
	}
	_, said := ask(MetricsPath)
	for _, word := range []string{
		"hostile", "acme", "website", "hidden", "alice", "aegis_k", "203.0.113", "10.11.12", "127.0.0.1", "ghp_", "etc", "example", "reason of", s.token, s.folder, "tester", "visitor",
	} {
		if strings.Contains(strings.ReplaceAll(said, "aegis_keys_ok", ""), word) {
			t.Errorf("%s is told", word)
		}
	}
	closed := map[string][]string{
		"version": {"9.9.9"}, "code": nil, "tool": nil, "rule": append(sanitize.Rules(), "custom"),
		"outcome": {"ok", "asked", "refused", "failed", "cancelled"}, "method": {"GET"}, "status": {"2xx", "3xx", "4xx", "5xx", "error", "cancelled"},
		"reason": {"no_key", "malformed", "unknown", "not_in_force", "wrong_address"}, "result": {"loaded", "failed"},
		"limit": {"rate_key", "rate_address", "auth_throttled", "sessions", "pending", "bodies", "body", "slow_body", "connections", "hooks"},
	}
	for _, code := range gate.Codes() {
		closed["code"] = append(closed["code"], string(code))
	}
	for _, tool := range tools.All() {
		closed["tool"] = append(closed["tool"], tool.Name)
	}
	for _, found := range regexp.MustCompile(`([a-z_]+)="([^"]*)"`).FindAllStringSubmatch(said, -1) {
		if found[1] != "le" && found[1] != "go_version" && !slices.Contains(closed[found[1]], found[2]) {
			t.Errorf("%s is not in the closed set of %s", found[2], found[1])
		}
	}
	for _, counted := range []string{
		`aegis_calls_total{tool="get_me",outcome="ok"} 4`, `aegis_calls_total{tool="get_me",outcome="failed"} 32`, `aegis_auth_failures_total{reason="unknown"} `, `aegis_limits_total{limit="auth_throttled"} `,
		`aegis_limits_total{limit="body"} 1`, `aegis_limits_total{limit="rate_key"} `, `aegis_refusals_total{code="policy_denied"} `, `aegis_refusals_total{code="invalid_arguments"} `,
		`aegis_redactions_total{rule="custom"} `, `aegis_gitea_requests_total{method="GET",status="2xx"} `, `aegis_http_requests_total{status="4xx"} `, `aegis_sessions 2`, `aegis_policy_ok 1`,
	} {
		at := strings.Index(said, "\n"+counted)
		if at < 0 || strings.HasPrefix(said[at+1+len(counted):], "0\n") {
			t.Errorf("not counted: %s", counted)
		}
	}
	if t.Failed() {
		t.Log(said)
	}
}

// A server that drains says so.
func TestADrainingServerIsNotReady(t *testing.T) {
	t.Parallel()
	s := start(t, stage{})
	ask := operators(t, AdminConfig{Observer: s.door.Metrics, Parts: []Part{{"draining", func(context.Context) bool { return !s.server.Draining() }}}})
	if status, _ := ask(ReadyPath); status != http.StatusOK {
		t.Errorf("it is not ready: %d", status)
	}
	s.stop()
	s.eventually("it drains", func() bool { _, said := ask(ReadyPath); return said == "not ready: draining\n" })
}
