package automation_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aegis/audit"
	"aegis/internal/app"
	"aegis/internal/automation"
	"aegis/internal/boardtest"
	"aegis/internal/canon"
	"aegis/internal/sampleforge"

	"github.com/rs/zerolog"
)

const (
	patience = time.Minute // for anything that should take a moment, on a busy machine
	secret   = "the secret of all of acme, which is long enough"
	// letting lets jobs comment where everybody sees it, and where few do.
	letting = `version: 1
repositories:
  acme/website: {write: allow, automation: allow}
  acme/service: {write: allow, automation: allow}
`
	// thanks comments on an issue that was opened.
	thanks = `
  thanks:
    on: {webhook: issues, action: [opened], repositories: ["acme/*"]}
    credential_file: TOKEN
    steps:
      - call: create_comment
        with: {number: "${event.number}", body: "Thank you."}
`
)

// stage is a folder with all that jobs need, in front of a forge.
type stage struct {
	t      testing.TB
	forge  *boardtest.Board
	folder string
	config app.Config
	logs   *logs
}

// logs are safe to read while they are written.
type logs struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *logs) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(text)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// newStage makes one with a file of jobs. TOKEN in it stands for a file with an access token.
func newStage(t testing.TB, jobs string) *stage {
	t.Helper()
	s := &stage{t: t, forge: boardtest.New(t), folder: filepath.Join(t.TempDir(), "etc"), logs: new(logs)}
	if err := os.Mkdir(s.folder, 0o700); err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(s.forge.URL)
	if err != nil {
		t.Fatal(err)
	}
	s.write("token", sampleforge.DemoToken()+"\n")
	s.write("secret", secret+"\n")
	s.write("policy.yaml", letting)
	s.writeJobs(jobs)
	s.config = app.Config{
		URL: address, PolicyFile: s.path("policy.yaml"), AuditLog: s.path("audit.jsonl"), KillSwitch: s.path("STOP"), State: s.path("state.db"), Write: true,
		WriteRepos: []canon.Repo{repo(t, "acme/website"), repo(t, "acme/service")}, Timeout: patience, Agent: "aegis/test", Logger: zerolog.New(s.logs),
	}
	return s
}

func repo(t testing.TB, name string) canon.Repo {
	t.Helper()
	r, err := canon.ParseFullName(name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (s *stage) path(name string) string { return filepath.Join(s.folder, name) }

func (s *stage) write(name, text string) {
	s.t.Helper()
	// Replaced as a whole, with another inode: readers notice.
	if err := os.WriteFile(s.path(name)+".new", []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(s.path(name)+".new", s.path(name)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) writeJobs(jobs string) {
	s.t.Helper()
	s.write("jobs.yaml", strings.ReplaceAll("version: 1\nwebhooks:\n  - {repositories: [\"acme/*\"], secret_file: SECRET}\njobs:"+jobs, "SECRET", s.path("secret"))+"")
	raw, err := os.ReadFile(s.path("jobs.yaml"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.write("jobs.yaml", strings.ReplaceAll(string(raw), "TOKEN", s.path("token")))
}

// process is a process with its jobs.
type process struct {
	*automation.Automation
	s    *stage
	app  *app.App
	stop context.CancelFunc
	over chan struct{}
}

// open opens a process whose jobs do not run yet.
func (s *stage) open() *process {
	s.t.Helper()
	opened, err := app.Open(s.config)
	if err != nil {
		s.t.Fatal(err)
	}
	a, err := opened.Automation(s.path("jobs.yaml"), 5*time.Second, func(string) error { return nil })
	if err != nil {
		s.t.Fatal(err)
	}
	p := &process{Automation: a, s: s, app: opened}
	p.Retrying(20 * time.Millisecond)
	p.Looking(20 * time.Millisecond)
	s.t.Cleanup(p.end)
	return p
}

// start opens a process whose jobs run.
func (s *stage) start() *process {
	s.t.Helper()
	p := s.open()
	p.run()
	return p
}

func (p *process) run() {
	ctx, cancel := context.WithCancel(context.Background())
	p.stop, p.over = cancel, make(chan struct{})
	go func() {
		defer close(p.over)
		if err := p.Run(ctx); err != nil {
			p.s.t.Errorf("run: %v", err)
		}
	}()
}

// end ends it as SIGTERM does.
func (p *process) end() {
	if p.stop != nil {
		p.stop()
		<-p.over
		p.stop = nil
	}
	if p.app != nil {
		if err := p.app.Close(); err != nil {
			p.s.t.Error(err)
		}
		p.app = nil
	}
}

// deliver delivers a webhook, signed with the secret.
func (p *process) deliver(event, body string) int {
	p.s.t.Helper()
	return p.deliverWith(event, body, secret)
}

// deliverWith delivers a webhook, signed with a key.
func (p *process) deliverWith(event, body, key string) int {
	p.s.t.Helper()
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(body))
	r := httptest.NewRequest(http.MethodPost, "/hooks/gitea", io.NopCloser(strings.NewReader(body)))
	r.Header = http.Header{
		"Content-Type": {"application/json"}, "X-Gitea-Event": {event}, "X-Gitea-Delivery": {"f6266f16-1bf3-46a5-9ea4-602e06ead473"},
		"X-Gitea-Signature": {hex.EncodeToString(mac.Sum(nil))},
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w.Code
}

// opened is the body of a delivery about an issue that was opened.
func opened(repo string, number int, by string) string {
	return fmt.Sprintf(`{"action":"opened","number":%d,"issue":{"number":%d,"title":"Ignore all that was said","body":"@everyone","created_at":%q,"user":{"login":%q}},"repository":{"full_name":%q},"sender":{"login":%q},"commit_id":""}`,
		number, number, time.Now().UTC().Format(time.RFC3339), by, repo, by)
}

// becomes waits until the comments that were written are those, and no others.
func (s *stage) becomes(want ...string) {
	s.t.Helper()
	slices.Sort(want)
	var got []string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if got = s.forge.Written(); len(got) >= len(want) {
			break
		}
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		s.t.Fatalf("written: %q, want %q\n%s", got, want, s.logs)
	}
}

// says waits until the log has a line with all of these.
func (s *stage) says(words ...string) string {
	s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		for line := range strings.Lines(s.logs.String()) {
			if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(line, word) }) {
				return line
			}
		}
	}
	s.t.Fatalf("the log has no line with %q:\n%s", words, s.logs)
	return ""
}

// replaced is a file's text with another word in it.
func replaced(text, word, with string) string { return strings.ReplaceAll(text, word, with) }

// forces waits until the jobs in force have a schedule, or none if it is "".
func (p *process) forces(schedule string) {
	p.s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if all := p.InForce(); schedule == "" && all == nil || schedule != "" && slices.Contains(all, schedule+" UTC") {
			return
		}
	}
	p.s.t.Fatalf("%q is not in force\n%s", schedule, p.s.logs)
}

// idle waits until nothing waits or runs.
func (p *process) idle() {
	p.s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if tasks, err := p.Tasks(); err == nil && len(tasks) == 0 {
			return
		}
	}
	p.s.t.Fatalf("something still waits\n%s", p.s.logs)
}

// verified is the audit log, which is good.
func (s *stage) verified() string {
	s.t.Helper()
	report, err := audit.Verify(context.Background(), s.path("audit.jsonl"))
	if err != nil || report.Problem != nil {
		s.t.Errorf("the audit log: %v %v", err, report.Problem)
	}
	raw, err := os.ReadFile(s.path("audit.jsonl"))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(raw)
}
