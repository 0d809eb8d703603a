package jobtest

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aegis/internal/giteatest"
)

// stage is what runs jobs, in front of a real Gitea. Every request that it makes is seen.
type stage struct {
	t     *testing.T
	proxy *giteatest.Proxy
	home  string // the folder of its files
	hooks string // where it takes webhooks
	mcp   string // and calls
	cmd   *exec.Cmd
	gone  chan struct{}

	mu  sync.Mutex
	log []map[string]any // what it has logged on stderr
}

// setting is what a stage works with.
type setting struct {
	jobs   string // jobs.yaml
	policy string
	writes []string // the write whitelist
	bot    giteatest.User
	more   map[string]string // files beside it
}

// newStage starts a process that serves, and runs jobs.
func newStage(t *testing.T, s *giteatest.Server, c setting) *stage {
	t.Helper()
	st := &stage{t: t, proxy: s.Proxy(t), home: t.TempDir(), gone: make(chan struct{})}
	st.file("hook.secret", secret)
	st.file("bot.token", c.bot.Token)
	st.file("policy.yaml", c.policy)
	st.file("jobs.yaml", strings.ReplaceAll(c.jobs, "/etc/aegis/", filepath.ToSlash(st.home)+"/"))
	for name, content := range c.more {
		st.file(name, content)
	}
	st.start(c)
	return st
}

// file writes a file of the operator's.
func (st *stage) file(name, content string) {
	st.t.Helper()
	if err := os.WriteFile(filepath.Join(st.home, name), []byte(content), 0o600); err != nil {
		st.t.Fatal(err)
	}
}

// env is the environment of a process of the stage's.
func (st *stage) env(c setting) []string {
	in := func(name string) string { return filepath.Join(st.home, name) }
	all := []string{"PATH=" + os.Getenv("PATH"), "SystemRoot=" + os.Getenv("SystemRoot")}
	for name, value := range map[string]string{
		"HOME": st.home, "XDG_STATE_HOME": st.home, "XDG_CONFIG_HOME": st.home, "GITEA_URL": st.proxy.URL, "GITEA_TOKEN": c.bot.Token, "POLICY_FILE_PATH": in("policy.yaml"),
		"AUDIT_LOG_PATH": in("audit.jsonl"), "AEGIS_STATE": in("state.db"), "AEGIS_JOBS_FILE": in("jobs.yaml"), "AUTOMATION_ENABLED": "true",
		"AEGIS_LISTEN": "127.0.0.1:0", "AEGIS_ADMIN_LISTEN": "127.0.0.1:0", "WRITE_MODE": "true", "WRITE_REPOSITORY_WHITELIST": strings.Join(c.writes, ","),
	} {
		all = append(all, name+"="+value)
	}
	return all
}

// command is a command in the same settings.
func (st *stage) command(c setting, args ...string) *exec.Cmd {
	st.t.Helper()
	cmd := exec.Command(aegis(st.t), args...)
	cmd.Env = st.env(c)
	return cmd
}

// start starts a process, and returns when it serves.
func (st *stage) start(c setting) {
	st.t.Helper()
	st.cmd = st.command(c, "serve", "--no-auth")
	out, err := st.cmd.StderrPipe()
	if err != nil {
		st.t.Fatal(err)
	}
	if err := st.cmd.Start(); err != nil {
		st.t.Fatal(err)
	}
	go func() {
		defer close(st.gone)
		st.read(out)
		_ = st.cmd.Wait()
	}()
	st.t.Cleanup(func() {
		_ = st.cmd.Process.Kill()
		<-st.gone
	})
	for until := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		for _, line := range st.logged(nil) {
			if at, _ := line["listen"].(string); at != "" {
				st.hooks, st.mcp = "http://"+at+"/hooks/gitea", "http://"+at+"/mcp"
				return
			}
		}
		if time.Now().After(until) || st.ended() {
			st.t.Fatalf("the server does not start: %s", st.all())
		}
	}
}

// ended reports whether the process is gone.
func (st *stage) ended() bool {
	select {
	case <-st.gone:
		return true
	default:
		return false
	}
}

// readyFor is a ready job, and its policy, for a repository: it writes instead of planning.
func readyFor(t *testing.T, s *giteatest.Server, repo string, names ...string) setting {
	t.Helper()
	files := ready(t)
	for name := range files {
		if !slices.Contains(names, name) {
			delete(files, name)
		}
	}
	policy, err := os.ReadFile("../../deploy/jobs/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	named := func(text string) string { return strings.ReplaceAll(text, "acme/app", repo) }
	return setting{
		jobs: strings.ReplaceAll(named(together(files)), "    dry_run: true\n", ""), policy: named(string(policy)), writes: []string{repo}, bot: botOf(t, s),
	}
}

// botOf is the jobs' user, with an access token that has the scopes which deploy/jobs names, and no
// more.
func botOf(t *testing.T, s *giteatest.Server) giteatest.User {
	t.Helper()
	bot := s.World.Colleague
	bot.Token = newToken(t, s, bot, "write:issue", "write:repository", "read:user")
	return bot
}

// newToken makes an access token of a user's.
func newToken(t *testing.T, s *giteatest.Server, of giteatest.User, scopes ...string) string {
	t.Helper()
	var made struct {
		SHA1 string `json:"sha1"`
	}
	if err := s.WithPassword(t.Context(), of, http.MethodPost, "/users/"+of.Name+"/tokens", object{"name": t.Name(), "scopes": scopes}, &made); err != nil {
		t.Fatal(err)
	}
	return made.SHA1
}
