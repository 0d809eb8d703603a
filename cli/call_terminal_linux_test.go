package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aegis/internal/sampleforge"

	"golang.org/x/sys/unix"
)

// A person at a terminal is asked, and what they type decides.
func TestAegisCallAsksOnTheTerminal(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		typed    string
		terminal bool // else stderr is none
		status   int
		answer   string
		posts    int64
	}{
		"yes":                     {"yes\n", true, exitOK, `"comment_id":77`, 1},
		"no":                      {"no\n", true, exitDenied, `"approval_declined"`, 0},
		"an end of input":         {"\x04", true, exitDenied, `"approval_declined"`, 0},
		"nothing":                 {"", true, exitDenied, `"approval_declined"`, 0},
		"yes, but not a terminal": {"yes\n", false, exitDenied, `"approval_unavailable"`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, posts := commentable(t)
			folder := t.TempDir()
			policy := filepath.Join(folder, "policy.yaml")
			if err := os.WriteFile(policy, []byte("version: 1\nrepositories: {acme/website: {write: allow, approve: [create_comment]}}\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			person, tty := openTerminal(t)
			shown := person.watch(row.typed)
			var stdout, other bytes.Buffer
			variables := map[string]string{
				"GITEA_URL": address, "GITEA_TOKEN": sampleforge.DemoToken(), "POLICY_FILE_PATH": policy,
				"AUDIT_LOG_PATH": filepath.Join(folder, "audit.jsonl"), "AEGIS_APPROVAL_TIMEOUT": "2s", "XDG_STATE_HOME": folder,
			}
			env := environment{
				args: []string{"call", "create_comment", "--write", "--write-repo", "acme/website", "--args", `{"owner":"acme","repo":"website","number":1,"body":"hello"}`},
				lookup: func(name string) (string, bool) {
					value, ok := variables[name]
					return value, ok
				},
				stdin: tty, stdout: &stdout, stderr: tty,
			}
			if !row.terminal {
				env.stderr = &other
			}
			if status := run(context.Background(), env); status != row.status {
				t.Errorf("exit status %d; want %d", status, row.status)
			}
			if !strings.Contains(stdout.String(), row.answer) || posts.Load() != row.posts {
				t.Errorf("got %s, %d requests", &stdout, posts.Load())
			}
			if got := shown(); row.terminal != strings.Contains(got, "| body: hello") {
				t.Errorf("the terminal shows %q", got)
			}
		})
	}
}

// person is the other end of a terminal.
type person struct {
	t    *testing.T
	file *os.File
}

// openTerminal opens a terminal with a person at it.
func openTerminal(t *testing.T) (person, *os.File) {
	t.Helper()
	file, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	if err := unix.IoctlSetPointerInt(int(file.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(file.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tty.Close() })
	return person{t, file}, tty
}

// watch reads what the terminal shows and types something when it is asked. It
// returns what gives what was shown so far.
func (p person) watch(typed string) func() string {
	var mu sync.Mutex
	var seen strings.Builder
	go func() {
		answered := false
		piece := make([]byte, 4096)
		for {
			n, err := p.file.Read(piece)
			mu.Lock()
			seen.Write(piece[:n])
			ask := !answered && strings.Contains(seen.String(), "Type yes")
			mu.Unlock()
			if ask {
				answered = true
				_, _ = io.WriteString(p.file, typed)
			}
			if err != nil {
				return
			}
		}
	}()
	return func() string {
		time.Sleep(50 * time.Millisecond) // what was written is on its way
		mu.Lock()
		defer mu.Unlock()
		return seen.String()
	}
}

// commentable is the sample forge, on which an issue takes comments. They are
// counted and kept nowhere.
func commentable(t *testing.T) (address string, posts *atomic.Int64) {
	t.Helper()
	forge, err := sampleforge.Start(os.DirFS("../testdata/demo/forge"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = forge.Close() })
	target, err := url.Parse(forge.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy, posts := httputil.NewSingleHostReverseProxy(target), new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			proxy.ServeHTTP(w, r)
			return
		}
		posts.Add(1)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"id":77}`)
	}))
	t.Cleanup(server.Close)
	return server.URL, posts
}
