package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// health asks how a server is, by its address.
func health(t *testing.T, address string) (status int, said string) {
	t.Helper()
	ask := exec.Command(aegis(t), "health")
	ask.Env = []string{"AEGIS_ADMIN_LISTEN=" + address, "HTTP_PROXY=http://127.0.0.1:1"}
	out, _ := ask.CombinedOutput()
	return ask.ProcessState.ExitCode(), string(out)
}

// A server tells operators how it is, part by part, until it is gone.
func TestHealthOfAServer(t *testing.T) {
	t.Parallel()
	folder, forge := t.TempDir(), newForge(t)
	policy, stop, counts := filepath.Join(folder, "policy.yaml"), filepath.Join(folder, "STOP"), filepath.Join(folder, "aegis.prom")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(policy, "version: 1\n")
	s := serveIn(t, folder, forge.URL, map[string]string{"POLICY_FILE_PATH": policy, "AEGIS_KILL_SWITCH": stop, "AEGIS_METRICS_FILE": counts}, "--no-auth")
	becomes := func(status int, said string) {
		t.Helper()
		var got string
		for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
			code, told := health(t, s.admin)
			if got = told; code == status && strings.Contains(got, said) && strings.Count(got, "\n") == 1 {
				return
			}
		}
		t.Errorf("it does not say %q, but %q", said, got)
	}
	becomes(0, "ready\n")
	for what, change := range map[string]struct{ do, undo func() }{
		"kill_switch": {func() { write(stop, "") }, func() { _ = os.Remove(stop) }},
		"policy":      {func() { write(policy, "version: 2\n") }, func() { write(policy, "version: 1\n") }},
		"audit_log":   {func() { write(logIn(folder)+".head", "{}") }, nil},
	} {
		head, _ := os.ReadFile(logIn(folder) + ".head")
		change.do()
		becomes(1, "not ready: "+what+"\n")
		if change.undo == nil {
			write(logIn(folder)+".head", string(head))
		} else {
			change.undo()
		}
		becomes(0, "ready\n")
	}
	if _, err := s.post("", "get_me", "{}", ""); err != nil {
		t.Error(err)
	}
	response, err := http.Get("http://" + s.admin + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil || !strings.Contains(string(raw), "\naegis_calls_total{tool=\"get_me\",outcome=\"ok\"} 1\n") || strings.Contains(string(raw), folder) {
		t.Errorf("%v\n%s", err, raw)
	}
	if status, _ := s.end(); status != 0 {
		t.Errorf("it ends with %d", status)
	}
	if status, said := health(t, s.admin); status != 1 || !strings.Contains(said, "nobody listens") {
		t.Errorf("%d %s", status, said)
	}
	kept, err := os.ReadFile(counts)
	if err != nil || !strings.Contains(string(kept), "\naegis_calls_total{tool=\"get_me\",outcome=\"ok\"} 1\n") || strings.Contains(string(kept), "aegis_audit_ok") {
		t.Errorf("%v\n%s", err, kept)
	}
	verified(t, logIn(folder))
}

// What would tell others how a server is has to be said, and a port that is taken is told.
func TestAdminListenersThatAreRefused(t *testing.T) {
	t.Parallel()
	folder, forge := t.TempDir(), newForge(t)
	s := serveIn(t, folder, forge.URL, nil, "--no-auth")
	for address, want := range map[string]string{
		"0.0.0.0:0": "AEGIS_ADMIN_INSECURE_BIND", ":9464": "AEGIS_ADMIN_INSECURE_BIND", "[::]:0": "AEGIS_ADMIN_INSECURE_BIND",
		"nowhere": "is no address", s.admin: "can't listen",
	} {
		other := t.TempDir()
		refused := serveIn(t, other, forge.URL, map[string]string{"AEGIS_ADMIN_LISTEN": address}, "--no-auth")
		if refused.url != "" || refused.cmd.ProcessState.ExitCode() != 2 || !strings.Contains(refused.said(), want) {
			t.Errorf("%s: %s", address, refused.said())
		}
	}
	open := serveIn(t, t.TempDir(), forge.URL, map[string]string{"AEGIS_ADMIN_LISTEN": "0.0.0.0:0", "AEGIS_ADMIN_INSECURE_BIND": "true"}, "--no-auth")
	_, port, _ := strings.Cut(strings.TrimPrefix(open.admin, "[::]"), ":")
	if status, said := health(t, "0.0.0.0:"+port); status != 0 {
		t.Errorf("at every address: %d %s", status, said)
	}
	off := serveIn(t, t.TempDir(), forge.URL, map[string]string{"AEGIS_ADMIN_LISTEN": "off"}, "--no-auth")
	if off.admin != "off" {
		t.Errorf("off is %s", off.admin)
	}
	if status, said := health(t, "off"); status != 2 || !strings.Contains(said, "off") {
		t.Errorf("%d %s", status, said)
	}
	// Who is no server of Aegis' is not believed.
	if status, said := health(t, strings.TrimPrefix(forge.URL, "http://")); status != 1 || !strings.Contains(said, "no admin listener of Aegis") {
		t.Errorf("%d %s", status, said)
	}
}

// Sessions that end at once are one sum in the file, and each tells its own in its last line.
func TestSessionsAreCounted(t *testing.T) {
	t.Parallel()
	folder, forge := t.TempDir(), newForge(t)
	counts := filepath.Join(folder, "aegis.prom")
	session := func(file string) *session {
		return start(t, folder, forge.URL, func(c *exec.Cmd) { c.Env = append(c.Env, "AEGIS_METRICS_FILE="+file) })
	}
	const sessions = 6
	var all sync.WaitGroup
	for range sessions {
		s := session(counts)
		s.greet()
		s.ask(readWebsite(2))
		s.ask(call(3, "get_repository", `{"owner":"acme","repo":"hostile-name"}`))
		all.Go(func() {
			s.end()
			last := s.errors.String()[strings.LastIndex(strings.TrimSpace(s.errors.String()), "\n")+1:]
			var line struct {
				Level, Message string
				Counters       struct {
					Calls map[string]map[string]int `json:"aegis_calls_total"`
				}
			}
			if err := json.Unmarshal([]byte(last), &line); err != nil || line.Level != "info" || line.Message != "session ends" ||
				line.Counters.Calls["get_repository"]["ok"] != 1 || line.Counters.Calls["get_repository"]["failed"] != 1 || strings.Contains(last, "acme") || strings.Contains(last, "hostile") {
				t.Errorf("%v %s", err, last)
			}
		})
	}
	all.Wait()
	kept, err := os.ReadFile(counts)
	if err != nil || !strings.Contains(string(kept), "\naegis_calls_total{tool=\"get_repository\",outcome=\"ok\"} 6\n") || strings.Contains(string(kept), "hostile") {
		t.Errorf("%v\n%s", err, kept)
	}

	// A file that can't be written is a line of the log, and soon.
	lock := flock.New(counts + ".lock")
	if ok, err := lock.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	defer lock.Unlock()
	for _, file := range []string{counts, filepath.Join(folder, "no", "aegis.prom")} {
		s := session(file)
		s.greet()
		if f := s.ask(readWebsite(2)); f.Result.IsError {
			t.Errorf("%s: %s", file, f.Line)
		}
		s.end()
		if !strings.Contains(s.errors.String(), "the metrics file is not written") {
			t.Errorf("%s: %s", file, s.errors.String())
		}
	}
}
