package e2e

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

// doctor is what aegis doctor --json says in a folder, by the names of its checks.
type diagnosis struct {
	OK     bool `json:"ok"`
	Checks []struct{ Name, Status, Says, Fix string }
	status int
}

func doctor(t *testing.T, home string, env ...string) (d diagnosis) {
	t.Helper()
	command := exec.Command(aegis(t), "doctor", "--json")
	command.Dir, command.Env = home, append([]string{"HOME=" + home, "PATH=/usr/bin:/bin"}, env...)
	out, _ := command.Output()
	if err := json.Unmarshal(out, &d); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	d.status = command.ProcessState.ExitCode()
	for _, each := range d.Checks {
		if each.Status != "ok" && each.Fix == "" {
			t.Errorf("it does not say what to do: %+v", each)
		}
	}
	if (d.status == 0) != d.OK || d.status > 1 {
		t.Errorf("exit status %d: %+v", d.status, d)
	}
	return d
}

// says reports whether a check of a name and status says something.
func (d diagnosis) says(name, status, text string) bool {
	for _, each := range d.Checks {
		if each.Name == name && each.Status == status && strings.Contains(each.Says, text) {
			return true
		}
	}
	return false
}

// Of a real Gitea it tells who the token is, what it sees, each scope that reads, an
// administrator, the version and the clock.
func TestDoctorAsksARealGitea(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a real Gitea takes seconds to start")
	}
	server := giteatest.Start(t)
	home := t.TempDir()
	d := doctor(t, home, "GITEA_URL="+server.URL, "GITEA_TOKEN="+server.World.Reader.Token)
	for _, want := range [][3]string{
		{"Gitea", "ok", "answers without TLS, version "}, {"clock", "ok", "ahead of the one here"}, {"token", "ok", "it is " + server.World.Reader.Name + "'s"},
		{"token", "ok", "such as " + server.World.Acme + "/"}, {"scope", "ok", "read:user: "}, {"scope", "ok", "read:repository: "}, {"scope", "ok", "read:issue: "}, {"scope", "ok", "read:package: "},
		{"writing", "ok", "off"}, {"audit log", "ok", ""},
	} {
		if !d.says(want[0], want[1], want[2]) {
			t.Errorf("it does not say %q: %+v", want, d)
		}
	}
	if d := doctor(t, home, "GITEA_URL="+server.URL, "GITEA_TOKEN="+server.World.Keeper.Token); !d.says("token", "warn", "is an administrator") {
		t.Errorf("an administrator: %+v", d)
	}
}

// A certificate that nobody here trusts, and a proxy, are told; a proxy's password is not.
func TestDoctorLooksAtTheWay(t *testing.T) {
	t.Parallel()
	unknown := httptest.NewUnstartedServer(http.NotFoundHandler())
	unknown.Config.ErrorLog = log.New(io.Discard, "", 0) // it is to be refused
	unknown.StartTLS()
	t.Cleanup(unknown.Close)
	d := doctor(t, t.TempDir(), "GITEA_URL="+unknown.URL)
	if d.OK || !d.says("Gitea", "fail", "certificate") {
		t.Errorf("%+v", d)
	}
	d = doctor(t, t.TempDir(), "GITEA_URL=https://git.example.org", "HTTPS_PROXY=http://me:s3cret@127.0.0.1:1")
	if d.OK || !d.says("proxy", "ok", "through 127.0.0.1:1") || d.says("proxy", "ok", "s3cret") || d.says("Gitea", "fail", "s3cret") {
		t.Errorf("%+v", d)
	}
}

// In a project's folder the project's own entries are looked at: no token belongs there.
func TestDoctorLooksAtTheProjectHere(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	for name, text := range map[string]string{
		".mcp.json":        `{"mcpServers": {"gitea": {"command": "` + aegis(t) + `", "args": ["--stdio"], "env": {"GITEA_TOKEN": "hunter2hunter2hunter2"}}}}`,
		".vscode/mcp.json": `{"servers": {"aegis": {"command": "` + aegis(t) + `", "args": ["--stdio"], "env": {"GITEA_TOKEN": "${input:token}"}}}}`,
		"opencode.json":    `{"mcp": {"aegis": {"type": "local", "command": ["` + aegis(t) + `", "--stdio"], "enabled": false}}}`,
		"token":            "hunter2hunter2hunter2",
		".cursor/mcp.json": `{"mcpServers": {"aegis": {"command": "` + aegis(t) + `", "args": ["--stdio"], "env": {"GITEA_TOKEN_FILE": "` + filepath.Join(home, "token") + `"}}}}`,
	} {
		file := filepath.Join(home, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(home, "token"), 0o644); err != nil {
		t.Fatal(err)
	}
	d := doctor(t, home)
	for _, want := range [][3]string{
		{"Claude Code", "fail", "GITEA_TOKEN holds a secret, and a project's file is shared"}, {"VS Code", "ok", "it would start"},
		{"opencode", "warn", "it is turned off"}, {"Cursor", "warn", "everybody on this machine may read"},
	} {
		if !d.says(want[0], want[1], want[2]) {
			t.Errorf("it does not say %q: %+v", want, d)
		}
	}
	for _, each := range d.Checks {
		if strings.Contains(each.Says+each.Fix, "hunter2") {
			t.Errorf("%+v", each)
		}
	}
}
