package clienttest

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"aegis/internal/sampleforge"
)

// demoLike is a policy that hides what the demo's hides.
const demoLike = "version: 1\npaths: {deny: [\"secrets/**\"]}\n"

// served is a server over HTTP that somebody holds a key of.
type served struct {
	url, key, log string
	end           func()
}

// serveHTTP starts one, over a forge.
func serveHTTP(t *testing.T, program program, forge, policy string, env ...string) served {
	t.Helper()
	env, log := serverEnv(t, forge, policy, env...)
	add := exec.Command(program.aegis, append([]string{"keys", "add", "visitor", "--shared-token"}, addArgs(env)...)...)
	add.Env = env
	out, err := add.Output()
	if err != nil {
		t.Fatalf("aegis keys add: %v %s", err, err.(*exec.ExitError).Stderr)
	}
	s := serve(t, program, env)
	s.key, s.log = strings.TrimSpace(string(out)), log
	return s
}

// serveAnyone starts one that wants no key: some clients can't bring one.
func serveAnyone(t *testing.T, program program, forge, policy string) served {
	t.Helper()
	env, log := serverEnv(t, forge, policy)
	s := serve(t, program, env, "--no-auth")
	s.log = log
	return s
}

// serverEnv is a server's environment, with folders of its own.
func serverEnv(t *testing.T, forge, policy string, more ...string) (env []string, log string) {
	t.Helper()
	folder := t.TempDir()
	file, log := filepath.Join(folder, "policy.yaml"), filepath.Join(folder, "audit.jsonl")
	if err := os.WriteFile(file, []byte(policy), 0o600); err != nil {
		t.Fatal(err)
	}
	return append(more, "HOME="+folder, "XDG_STATE_HOME="+folder, "XDG_CONFIG_HOME="+folder, "AUDIT_LOG_PATH="+log, "POLICY_FILE_PATH="+file,
		"GITEA_URL="+forge, "GITEA_TOKEN="+sampleforge.DemoToken(), "AEGIS_LISTEN=127.0.0.1:0", "AEGIS_ADMIN_LISTEN=off"), log
}

// serve starts aegis serve and waits until it listens.
func serve(t *testing.T, program program, env []string, args ...string) (s served) {
	t.Helper()
	server := exec.Command(program.aegis, append([]string{"serve"}, args...)...)
	server.Env = env
	stderr, err := server.StderrPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	gone, started := make(chan struct{}), make(chan string, 1)
	go func() {
		defer close(gone)
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			var said struct{ Listen string }
			if json.Unmarshal(lines.Bytes(), &said) == nil && said.Listen != "" {
				started <- said.Listen
			}
		}
		_ = server.Wait()
	}()
	s.end = func() {
		_ = server.Process.Signal(syscall.SIGTERM)
		select {
		case <-gone:
		case <-time.After(runTimeout):
			_ = server.Process.Kill()
			t.Error("the server does not end")
		}
	}
	t.Cleanup(s.end)
	select {
	case at := <-started:
		s.url = "http://" + at + "/mcp"
	case <-gone:
		t.Fatal("the server does not start")
	case <-time.After(runTimeout):
		t.Fatal("the server does not start in time")
	}
	return s
}

// addArgs lets the key write where the server may.
func addArgs(env []string) []string {
	if slices.Contains(env, "WRITE_MODE=true") {
		return []string{"--write", "--write-repo", "acme/website"}
	}
	return nil
}

func TestClientsOverHTTP(t *testing.T) {
	t.Parallel()
	program := setup(t)
	forge, err := sampleforge.Start(os.DirFS(filepath.Join(filepath.Dir(filepath.Dir(program.clients)), "testdata", "demo", "forge")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = forge.Close() })
	for _, library := range libraries {
		t.Run(library.name, func(t *testing.T) {
			t.Parallel()
			s := serveHTTP(t, program, forge.URL(), demoLike)
			seen := play(t, program, library.script, library.negotiate, plan{
				URL: s.url, Key: s.key, Calls: each, Together: together,
			})
			checkSession(t, seen, library.era, library.version)
			s.end()
			checkLog(t, s.log, library.client+" 1.0.0", 2, 24) // the server's session and the key's
		})
	}
}

func TestUsersAreAskedOverHTTP(t *testing.T) {
	t.Parallel()
	program := setup(t)
	for _, library := range libraries {
		t.Run(library.name, func(t *testing.T) {
			t.Parallel()
			forge, posts := writableForge(t)
			s := serveHTTP(t, program, forge, approving, "WRITE_MODE=true", "WRITE_REPOSITORY_WHITELIST=acme/website")
			comment := call{"create_comment", arguments{"owner": "acme", "repo": "website", "number": 1, "body": "hello"}}
			seen := play(t, program, library.script, library.negotiate, plan{
				URL: s.url, Key: s.key, Calls: []call{comment, comment, comment},
				Human: []json.RawMessage{
					json.RawMessage(`{"action":"accept","content":{"approve":true}}`),
					json.RawMessage(`{"action":"decline"}`),
					json.RawMessage(`{"action":"accept","content":{"approve":false}}`),
				},
			})
			if len(seen.Forms) != 3 || len(seen.Calls) != 3 || posts.Load() != 1 {
				t.Fatalf("%d forms, %d calls, %d written: %+v", len(seen.Forms), len(seen.Calls), posts.Load(), seen)
			}
			for i, o := range seen.Calls {
				if i == 0 && (o.Result == nil || o.Result.IsError) {
					t.Errorf("after a yes: %+v", o)
				} else if i > 0 {
					checkRefused(t, o.Result, "approval_declined")
				}
			}
		})
	}
}
