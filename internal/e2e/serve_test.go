package e2e

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"aegis/internal/giteatest"
	"aegis/internal/sampleforge"
)

// server is a process that serves over HTTP.
type server struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string
	admin  string
	host   string // that it is asked by; "" for its address
	mu     sync.Mutex
	stderr strings.Builder
	gone   chan struct{}
}

// serveIn starts one, with the folder as its home.
func serveIn(t *testing.T, folder, forge string, env map[string]string, args ...string) *server {
	t.Helper()
	s := &server{t: t, gone: make(chan struct{})}
	s.cmd = exec.Command(aegis(t), append([]string{"serve"}, args...)...)
	s.cmd.Env = []string{"HOME=" + folder, "XDG_STATE_HOME=" + folder, "XDG_CONFIG_HOME=" + folder, "GITEA_URL=" + forge, "AEGIS_LISTEN=127.0.0.1:0", "AEGIS_ADMIN_LISTEN=127.0.0.1:0", "AUDIT_LOG_PATH=" + logIn(folder), "GITEA_TOKEN=" + sampleforge.DemoToken()}
	for name, value := range env {
		s.cmd.Env = append(s.cmd.Env, name+"="+value)
	}
	out, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	started := make(chan string, 1)
	go func() {
		defer close(s.gone)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			s.mu.Lock()
			s.stderr.WriteString(lines.Text() + "\n")
			s.mu.Unlock()
			var said struct{ Message, Listen, Admin string }
			if json.Unmarshal(lines.Bytes(), &said) == nil && said.Listen != "" {
				s.admin = said.Admin
				started <- said.Listen
			}
		}
		_ = s.cmd.Wait()
	}()
	t.Cleanup(s.kill)
	select {
	case at := <-started:
		s.url = "http://" + at + "/mcp"
	case <-s.gone:
	case <-time.After(patience):
		t.Fatal("the server does not start")
	}
	return s
}

func (s *server) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stderr.String()
}

// kill ends it as nothing can be ended against its will.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	<-s.gone
}

// end asks it to end, and returns how long it took.
func (s *server) end() (status int, took time.Duration) {
	s.t.Helper()
	began := time.Now()
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.gone:
	case <-time.After(patience):
		s.t.Fatal("the server does not end")
	}
	return s.cmd.ProcessState.ExitCode(), time.Since(began)
}

// post makes a call without a session. The error is of a server that is gone.
func (s *server) post(key, tool, args, more string) (string, error) {
	body := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":%q,"arguments":%s%s,"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"elicitation":{"form":{}}}}}}`, tool, args, more)
	r, err := http.NewRequest(http.MethodPost, s.url, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "Mcp-Protocol-Version": "2026-07-28",
		"Mcp-Method": "tools/call", "Mcp-Name": tool, "Authorization": "Bearer " + key,
	} {
		r.Header.Set(name, value)
	}
	r.Host = s.host
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // a certificate of the test's own
	}, Timeout: patience}
	response, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	return string(raw), err
}

const (
	readPrivate = `{"owner":"acme","repo":"service","path":"README.md"}`
	writePublic = `{"owner":"acme","repo":"website","number":1,"body":"hello"}`
	tryPublic   = `{"owner":"acme","repo":"website","number":1,"body":"hello","dry_run":true}`
)

// writable is a policy under which comments may be written to acme/website.
func writable(t *testing.T, folder, more string) map[string]string {
	t.Helper()
	file := filepath.Join(folder, "policy.yaml")
	if err := os.WriteFile(file, []byte("version: 1\nrepositories: {acme/website: {write: allow}}\n"+more), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]string{"POLICY_FILE_PATH": file, "WRITE_MODE": "true", "WRITE_REPOSITORY_WHITELIST": "acme/website"}
}

// Wherever a server is killed, what it has shown is known after it: a caller who got
// private content can't write where it is public. The log is good.
func TestI11_AKilledServerForgetsNoMark(t *testing.T) {
	t.Parallel()
	kills := 20
	if testing.Short() {
		kills = 4
	}
	forge := newForge(t)
	shown := 0
	for n := range kills {
		folder := t.TempDir()
		env := writable(t, folder, "")
		s := serveIn(t, folder, forge.URL, env, "--no-auth")
		if a, err := s.post("", "create_comment", tryPublic, ""); err != nil || strings.Contains(a, "isError") {
			t.Fatalf("before: %v %s", err, a)
		}
		after := time.Duration(rand.IntN(40)) * time.Millisecond
		begun, killed := make(chan struct{}), make(chan struct{})
		begin := sync.OnceFunc(func() { close(begun) })
		if n%2 == 0 { // else at the first answer
			begin()
		}
		go func() {
			defer close(killed)
			<-begun
			time.Sleep(after)
			s.kill()
		}()
		got := false
		for range 50 {
			a, err := s.post("", "get_file_contents", readPrivate, "")
			if err != nil {
				break
			}
			got = got || strings.Contains(a, "untrusted")
			begin()
		}
		begin()
		<-killed
		again := serveIn(t, folder, forge.URL, env, "--no-auth")
		a, err := again.post("", "create_comment", tryPublic, "")
		if err != nil || got && !strings.Contains(a, "flow_denied") {
			t.Errorf("killed after %s, private content was shown: %v %s", after, err, a)
		}
		if got {
			shown++
		}
		again.kill()
		verified(t, logIn(folder))
	}
	if shown == 0 {
		t.Error("no server was killed after it had shown anything")
	}
	t.Logf("%d of %d servers were killed after they had shown private content", shown, kills)
}

// An approval is used once, whatever becomes of the server.
func TestI11_AnApprovalIsUsedOnceOverAKill(t *testing.T) {
	t.Parallel()
	forge, folder := newForge(t), t.TempDir()
	env := writable(t, folder, "approve: [create_comment]\n")
	writes := func() int { return len(writesTo(forge)) }
	for range 3 {
		before := writes()
		s := serveIn(t, folder, forge.URL, env, "--no-auth")
		question, err := s.post("", "create_comment", writePublic, "")
		var asked struct{ Result struct{ RequestState string } }
		if err != nil || json.Unmarshal([]byte(question), &asked) != nil || asked.Result.RequestState == "" {
			t.Fatalf("no question: %v %s", err, question)
		}
		yes := fmt.Sprintf(`,"requestState":%q,"inputResponses":{"approve":{"action":"accept","content":{"approve":true}}}`, asked.Result.RequestState)
		go func() {
			time.Sleep(time.Duration(rand.IntN(30)) * time.Millisecond)
			s.kill()
		}()
		_, _ = s.post("", "create_comment", writePublic, yes)
		<-s.gone
		used := writes() - before
		again := serveIn(t, folder, forge.URL, env, "--no-auth")
		if a, err := again.post("", "create_comment", writePublic, yes); err != nil || !strings.Contains(a, "approval_declined") {
			t.Errorf("after a kill: %v %s", err, a)
		}
		again.kill()
		if n := writes() - before; n != used || n > 1 {
			t.Errorf("%d requests were sent", n)
		}
	}
	verified(t, logIn(folder))
}

func writesTo(forge *giteatest.Proxy) (all []string) {
	for _, request := range forge.Requests() {
		if request.Method != http.MethodGet && request.Method != http.MethodHead {
			all = append(all, request.Method+" "+request.Path)
		}
	}
	return all
}

// Two servers on one state file: the second says so and ends. What is wrong with how one
// is started is a sentence and exit status 2.
func TestServersThatDoNotStart(t *testing.T) {
	t.Parallel()
	forge, folder := newForge(t), t.TempDir()
	first := serveIn(t, folder, forge.URL, nil, "--no-auth")
	_, port, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(first.url, "http://"), "/mcp"), ":")
	for name, row := range map[string]struct {
		env  map[string]string
		args []string
		says string
	}{
		"the same state":     {nil, []string{"--no-auth"}, "another process has this file open"},
		"the same port":      {map[string]string{"AEGIS_STATE": folder + "/other.db"}, []string{"--no-auth", "--listen", "127.0.0.1:" + port}, "--listen"},
		"beyond loopback":    {nil, []string{"--listen", "0.0.0.0:0"}, "--insecure-bind"},
		"all addresses":      {nil, []string{"--listen", ":0"}, "--insecure-bind"},
		"everybody's":        {nil, []string{"--no-auth", "--listen", "0.0.0.0:0", "--insecure-bind"}, "--no-auth"},
		"half a certificate": {nil, []string{"--tls-cert", "x.pem"}, "--tls-key"},
		"no certificate":     {nil, []string{"--no-auth", "--tls-cert", "x.pem", "--tls-key", "y.pem"}, "x.pem"},
		"no network":         {nil, []string{"--trusted-proxy", "proxy"}, "--trusted-proxy"},
		"every network":      {nil, []string{"--trusted-proxy", "0.0.0.0/0"}, "everybody"},
		"no host":            {nil, []string{"--host", "https://x/"}, "--host"},
		"no number":          {map[string]string{"MAX_AUTH_FAILURES": "many"}, nil, "MAX_AUTH_FAILURES"},
		"no time":            {map[string]string{"AUTH_FAILURE_WINDOW": "-5"}, nil, "AUTH_FAILURE_WINDOW"},
		"a placeholder":      {map[string]string{"AEGIS_LISTEN": "${LISTEN}"}, nil, "placeholder"},
	} {
		s := serveIn(t, folder, forge.URL, row.env, row.args...)
		if s.url != "" {
			t.Errorf("%s: it serves", name)
			s.kill()
			continue
		}
		if code := s.cmd.ProcessState.ExitCode(); code != 2 || !strings.Contains(s.said(), row.says) {
			t.Errorf("%s: exit status %d\n%s", name, code, s.said())
		}
	}
	if status, took := first.end(); status != 0 || took > 5*time.Second {
		t.Errorf("status %d after %s\n%s", status, took, first.said())
	}
	verified(t, logIn(folder))
}
