//go:build unix

package imagetest

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aegis/internal/giteatest"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// patience is for anything that should take a moment, on a busy machine.
const patience = time.Minute

// nobody is who the image runs as.
const nobody = 65532

// etc makes the folder that an operator would, all of it for the container's user.
func etc(t *testing.T, token string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "aegis")
	for _, name := range []string{folder, filepath.Join(folder, "tokens")} {
		if err := os.Mkdir(name, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	policy := "version: 1\npaths: {deny: [\"secrets/**\"]}\n"
	for name, content := range map[string]string{"policy.yaml": policy, "tokens/ci": token + "\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o400); err != nil {
			t.Fatal(err)
		}
	}
	err := filepath.WalkDir(folder, func(name string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(name, nobody, nobody)
	})
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// bearer sends a key with every request.
type bearer string

func (key bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(key))
	return http.DefaultTransport.RoundTrip(r)
}

// connect is a client's session, once the server listens.
func connect(t *testing.T, address, key string) *mcp.ClientSession {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	client := mcp.NewClient(&mcp.Implementation{Name: "visitor", Version: "1"}, nil)
	for {
		session, err := client.Connect(ctx, &mcp.StreamableClientTransport{
			Endpoint: "http://" + address + "/mcp", HTTPClient: &http.Client{Transport: bearer(key)}, MaxRetries: -1,
		}, nil)
		if err == nil {
			t.Cleanup(func() { _ = session.Close() })
			return session
		}
		select {
		case <-ctx.Done():
			t.Fatalf("no session: %v", err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// file asks for a file of a repository.
func file(t *testing.T, session *mcp.ClientSession, repo, path string) (text string, failed bool) {
	t.Helper()
	owner, name, _ := strings.Cut(repo, "/")
	result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "get_file_contents", Arguments: map[string]any{"owner": owner, "repo": name, "path": path}})
	if err != nil {
		t.Fatal(err)
	}
	for _, content := range result.Content {
		if part, ok := content.(*mcp.TextContent); ok {
			text += part.Text + "\n"
		}
	}
	return text, result.IsError
}

// The image answers a real client about a real Gitea, from a container that can do
// nothing else: with a read-only root and no capabilities, as nobody, with what lies in
// /etc/aegis and /data. It keeps what it knew when it starts anew.
func TestTheImageServes(t *testing.T) {
	asked(t)
	p := newPodman(t)
	forge := giteatest.Start(t)
	world := forge.World
	folder := etc(t, world.Reader.Token)
	key, _ := p.do("run", "--rm", "--network", "none", "--read-only", "--read-only-tmpfs=false", "--cap-drop", "all", "--security-opt", "no-new-privileges",
		"--volume", folder+":/etc/aegis", p.image, "keys", "add", "ci", "--gitea-token-file", "/etc/aegis/tokens/ci")
	address, admin := freeAddress(t), freeAddress(t)
	serve := []string{
		"--volume", folder + ":/etc/aegis:ro", "--volume", "aegis-data:/data",
		"--env", "GITEA_URL=" + forge.URL, "--env", "AEGIS_LISTEN=" + address, "--env", "AEGIS_ADMIN_LISTEN=" + admin, p.image,
	}
	for _, turn := range []string{"first", "again"} {
		t.Run(turn, func(t *testing.T) {
			p := podman{t, p.common, p.image}
			id := p.start(serve...)
			session := connect(t, address, key)
			tools, err := session.ListTools(t.Context(), nil)
			if err != nil || len(tools.Tools) < 20 {
				t.Errorf("%d tools, %v", len(tools.Tools), err)
			}
			if text, failed := file(t, session, world.ServiceA.FullName, world.Files.Readme); failed || !strings.Contains(text, "<<untrusted ") {
				t.Errorf("a file is answered with %s", text)
			}
			if text, failed := file(t, session, world.ServiceA.FullName, world.Files.Prod); !failed || !strings.Contains(text, `"path_denied"`) {
				t.Errorf("a hidden file is answered with %s", text)
			}
			checkConfined(t, p, id)
			t.Run("health", func(t *testing.T) { checkHealth(t, p, id) })
			_ = session.Close()
			p.do("stop", "--time", "15", id)
			if status, _ := p.do("inspect", "--format", "{{.State.ExitCode}}", id); status != "0" {
				_, logs := p.do("logs", id)
				t.Errorf("it ends with status %s\n%s", status, logs)
			}
		})
	}
	if out, said := p.do("run", "--rm", "--network", "none", "--volume", "aegis-data:/data", p.image, "audit", "verify"); !strings.Contains(out+said, "entries") {
		t.Errorf("the log: %s%s", out, said)
	}
}

// checkConfined looks from outside at what the process of a container may do.
func checkConfined(t *testing.T, p podman, id string) {
	t.Helper()
	pid, _ := p.do("inspect", "--format", "{{.State.Pid}}", id)
	status, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"Uid:\t65532\t65532\t65532\t65532", "Gid:\t65532\t", "CapEff:\t0000000000000000", "CapPrm:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1"} {
		if !strings.Contains(string(status), line) {
			t.Errorf("the process does not have %q", line)
		}
	}
	mounts, err := os.ReadFile("/proc/" + pid + "/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		fields := strings.Fields(line) // proc(5): the fifth is where, the sixth how
		readOnly := strings.HasPrefix(fields[5]+",", "ro,")
		switch at := fields[4]; {
		case at == "/" || at == "/etc/aegis":
			if !readOnly {
				t.Errorf("%s can be written", at)
			}
		case at == "/data":
			if readOnly {
				t.Error("/data can't be written")
			}
		}
	}
}

// checkHealth asks as a health check does.
func checkHealth(t *testing.T, p podman, id string) {
	t.Helper()
	if out, said, err := tool(t, "", "podman", p.with("run", "--rm", "--network", "none", p.image, "health", "--help")...); err != nil || !strings.Contains(out, "aegis health") {
		notRun(t, "this aegis has no health command: "+said)
	}
	if out, said, err := tool(t, "", "podman", p.with("exec", id, "/aegis", "health")...); err != nil {
		t.Errorf("aegis health: %v %s%s", err, out, said)
	}
}

// A tmpfs as it is mounted without a mode is everybody's: a state file in it is refused,
// with what to do, and a folder of its own in it will do.
func TestTheImageOnATmpfs(t *testing.T) {
	asked(t)
	p := newPodman(t)
	const refused = "mount it with mode=0700,uid=65532"
	for state, refuses := range map[string]bool{"/state/state.db": true, "/state/aegis/state.db": false} {
		id := p.start("--tmpfs", "/state:rw,mode=1777", "--env", "GITEA_URL=http://127.0.0.1:9", "--env", "AEGIS_STATE="+state,
			"--env", "AEGIS_LISTEN="+freeAddress(t), "--env", "AEGIS_ADMIN_LISTEN="+freeAddress(t), p.image, "serve", "--no-auth")
		var logs string
		for end := time.Now().Add(patience); !strings.Contains(logs, "server starts"); time.Sleep(50 * time.Millisecond) {
			if _, logs = p.do("logs", id); time.Now().After(end) {
				t.Fatalf("%s: it does not start\n%s", state, logs)
			}
		}
		if strings.Contains(logs, refused) != refuses || strings.Contains(logs, "unavailable") != refuses {
			t.Errorf("%s:\n%s", state, logs)
		}
	}
}

// A folder for /data that belongs to somebody else is wrong configuration, and says whose
// it has to be.
func TestTheImageOnAnothersFolder(t *testing.T) {
	asked(t)
	p := newPodman(t)
	args := slices.Concat([]string{"run", "--rm"}, confined, []string{"--volume", t.TempDir() + ":/data", "--env", "GITEA_URL=http://127.0.0.1:9", "--env", "AEGIS_LISTEN=127.0.0.1:0", p.image, "serve", "--no-auth"})
	_, said, err := tool(t, "", "podman", p.with(args...)...)
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.ExitCode() != 2 || !strings.Contains(said, "has to belong to who runs this (uid 65532)") {
		t.Errorf("%v\n%s", err, said)
	}
}
