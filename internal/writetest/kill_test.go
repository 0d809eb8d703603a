package writetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"aegis/internal/giteatest"
	"aegis/tools"
)

// program is the compiled aegis, made on first use.
var program struct {
	once         sync.Once
	folder, path string
	err          error
}

func TestMain(m *testing.M) {
	status := m.Run()
	if program.folder != "" {
		_ = os.RemoveAll(program.folder)
	}
	os.Exit(status)
}

func aegis(t *testing.T) string {
	t.Helper()
	program.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
		defer cancel()
		if program.folder, program.err = os.MkdirTemp("", "aegis-writetest-"); program.err != nil {
			return
		}
		program.path = filepath.Join(program.folder, "aegis")
		if runtime.GOOS == "windows" {
			program.path += ".exe"
		}
		var out []byte
		if out, program.err = exec.CommandContext(ctx, "go", "build", "-o", program.path, "aegis").CombinedOutput(); program.err != nil {
			program.err = fmt.Errorf("%w\n%s", program.err, out)
		}
	})
	if program.err != nil {
		t.Fatal(program.err)
	}
	return program.path
}

// TestKilledAtEveryStepOfEveryWrite kills the process, without a warning, while
// Gitea is about to get a request of each call that changes something: the first, the last
// before the first write, and each from there on. What was
// on its way lands. The log must say which calls may have: those whose last
// request was announced, and no others; and nothing is sent a second time.
func TestKilledAtEveryStepOfEveryWrite(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("needs a Gitea of its own")
	}
	s := giteatest.StartNew(t)
	for _, tool := range tools.All() {
		if tool.Hints.ReadOnly {
			continue
		}
		t.Run(tool.Name, func(t *testing.T) {
			calm := runKilled(t, prepare(t, s, tool.Name), -1)
			if calm.status != 0 || !strings.Contains(calm.unfinished, "none") {
				t.Fatalf("left alone: status %d\n%s\n%s", calm.status, calm.output, calm.unfinished)
			}
			first := calm.firstWrite()
			var ready *prepared // until something is changed in it
			for k := range calm.requests {
				if k > 0 && k < first-1 {
					continue // as the first and the last of those that only ask
				}
				t.Run(fmt.Sprintf("request %d of %d", k, len(calm.requests)), func(t *testing.T) {
					if ready == nil {
						ready = prepare(t, s, tool.Name)
					}
					killed := runKilled(t, ready, k)
					if killed.writes() > 0 {
						ready = nil
					}
					switch listed := !strings.Contains(killed.unfinished, "none"); {
					case listed != (k >= first):
						t.Errorf("killed at request %d, the first that changes something being %d, the log says:\n%s", k, first, killed.unfinished)
					case listed && (!strings.Contains(killed.unfinished, tool.Name) || !strings.Contains(killed.unfinished, killed.repo)):
						t.Errorf("what is unfinished is not named: %s", killed.unfinished)
					}
					if n := killed.writes(); n > calm.writes() || k < first && n > 0 {
						t.Errorf("%d requests that change something", n)
					}
				})
			}
		})
	}
}

type killed struct {
	repo       string
	status     int
	output     string
	requests   []giteatest.Request
	unfinished string // what aegis audit show --unfinished prints
}

func (k killed) firstWrite() int {
	for i, request := range k.requests {
		if request.Method != http.MethodGet {
			return i
		}
	}
	return len(k.requests)
}

func (k killed) writes() (n int) {
	for _, request := range k.requests {
		if request.Method != http.MethodGet {
			n++
		}
	}
	return n
}

// prepared is a call, and the repository that it is for.
type prepared struct {
	server     *giteatest.Server
	repo, tool string
	args       string
}

func prepare(t *testing.T, s *giteatest.Server, tool string) *prepared {
	t.Helper()
	r := &track{t: t, s: s, name: fmt.Sprintf("acme/killed-%d", pushed.Add(1)), keeper: s.As(s.World.Keeper.Token)}
	r.build()
	owner, short, _ := strings.Cut(r.name, "/")
	return &prepared{s, r.name, tool, `{"owner":"` + owner + `","repo":"` + short + `",` + calls[tool](r) + `}`}
}

// runKilled makes a call in a process of its own and kills that at request at.
func runKilled(t *testing.T, r *prepared, at int) killed {
	t.Helper()
	s := r.server
	folder := t.TempDir()
	policy := filepath.Join(folder, "policy.yaml")
	if err := os.WriteFile(policy, []byte(allowing), 0o600); err != nil {
		t.Fatal(err)
	}
	proxy := s.Proxy(t)
	run := func(args ...string) (*exec.Cmd, *bytes.Buffer) {
		cmd, out := exec.CommandContext(t.Context(), aegis(t), args...), new(bytes.Buffer)
		cmd.Env = append(os.Environ(), "HOME="+folder, "XDG_STATE_HOME="+folder, "XDG_CONFIG_HOME="+folder, "GITEA_URL="+proxy.URL,
			"GITEA_TOKEN="+s.World.Writer.Token, "POLICY_FILE_PATH="+policy, "WRITE_REPOSITORY_WHITELIST="+r.repo)
		cmd.Stdout, cmd.Stderr = out, out
		return cmd, out
	}
	call, out := run("call", r.tool, "--write", "--args", r.args)
	target, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	forge := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(target)
		p.Out.URL.RawQuery = p.In.URL.RawQuery
	}}
	var mu sync.Mutex
	count, started := 0, make(chan struct{})
	proxy.Rewrite = func(*http.Request) http.Handler {
		<-started
		mu.Lock()
		defer mu.Unlock()
		count++
		if count-1 != at {
			return nil
		}
		_ = call.Process.Kill()
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			forge.ServeHTTP(w, r.WithContext(context.WithoutCancel(r.Context()))) // what was on its way arrives
		})
	}
	proxy.Reset() // from now on the hook is there for who asks
	result := killed{repo: r.repo}
	if err := call.Start(); err != nil {
		t.Fatal(err)
	}
	close(started)
	var exit *exec.ExitError
	if err := call.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	result.status, result.output = call.ProcessState.ExitCode(), out.String()
	verify, verified := run("audit", "verify")
	if err := verify.Run(); err != nil {
		t.Errorf("the log does not verify: %s", verified)
	}
	show, shown := run("audit", "show", "--unfinished")
	_ = show.Run()
	result.requests, result.unfinished = proxy.Requests(), shown.String()
	return result
}
