package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// wrongStarts are configurations that no session starts with: variables, arguments and
// files by name. FOLDER is where the files lie.
var wrongStarts = []struct {
	name  string
	env   []string
	args  []string
	files map[string]string
}{
	{name: "no address"},
	{name: "an unset placeholder", env: []string{"GITEA_URL=${GITEA_URL}"}},
	{name: "the API's address", env: []string{"GITEA_URL=https://git.example.org/api/v1"}},
	{name: "no scheme", env: []string{"GITEA_URL=git.example.org"}},
	{name: "unencrypted", env: []string{"GITEA_URL=http://git.example.org"}},
	{name: "a token in the address", env: []string{"GITEA_URL=https://me:secret-in-the-address@git.example.org"}},
	{name: "no token", env: []string{"GITEA_URL=https://git.example.org", "GITEA_TOKEN=abc"}},
	{name: "a token with its name", env: []string{"GITEA_URL=https://git.example.org", "GITEA_TOKEN=GITEA_TOKEN=0123456789abcdef0123456789abcdef01234567"}},
	{name: "two tokens", env: []string{"GITEA_URL=https://git.example.org", "GITEA_TOKEN=0123456789abcdef0123456789abcdef01234567", "GITEA_TOKEN_FILE=FOLDER/token"}, files: map[string]string{"token": "x"}},
	{name: "no token file", env: []string{"GITEA_URL=https://git.example.org", "GITEA_TOKEN_FILE=FOLDER/no-such"}},
	{name: "an empty token file", env: []string{"GITEA_URL=https://git.example.org", "GITEA_TOKEN_FILE=FOLDER/token"}, files: map[string]string{"token": "\n"}},
	{name: "a token file of two lines", env: []string{"GITEA_URL=https://git.example.org", "GITEA_TOKEN_FILE=FOLDER/token"}, files: map[string]string{"token": "one\ntwo\n"}},
	{name: "a token file in UTF-16", env: []string{"GITEA_URL=https://git.example.org", "GITEA_TOKEN_FILE=FOLDER/token"}, files: map[string]string{"token": "\xff\xfea\x00b\x00"}},
	{name: "somebody's home", env: []string{"GITEA_URL=https://git.example.org", "GITEA_TOKEN_FILE=~somebody/token"}},
	{name: "no policy", env: []string{"GITEA_URL=https://git.example.org", "POLICY_FILE_PATH=FOLDER/no-such.yaml"}},
	{name: "a policy that does not load", env: []string{"GITEA_URL=https://git.example.org", "POLICY_FILE_PATH=FOLDER/policy.yaml"}, files: map[string]string{"policy.yaml": "version: 1\nrepositorys: {}\n"}},
	{name: "a log that can't be", env: []string{"GITEA_URL=https://git.example.org", "AUDIT_LOG_PATH=FOLDER/file/audit.jsonl"}, files: map[string]string{"file": ""}},
	{name: "a pattern in the whitelist", env: []string{"GITEA_URL=https://git.example.org", "WRITE_MODE=true", "WRITE_REPOSITORY_WHITELIST=acme/*"}},
	{name: "neither true nor false", env: []string{"GITEA_URL=https://git.example.org", "WRITE_MODE=yes"}},
	{name: "a time without a unit", env: []string{"GITEA_URL=https://git.example.org", "GITEA_TIMEOUT=30"}},
	{name: "an unknown flag", args: []string{"--gitea-address", "x"}},
}

const (
	oldGreeting = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}` + "\n"
	newGreeting = `{"jsonrpc":"2.0","id":"d","method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}` + "\n"
)

// A client hides what a server writes to standard error. So who waits for a session, in either
// era of the protocol, is told there what is wrong, and the page for newcomers has it.
func TestWrongConfigurationReachesThePerson(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "troubleshooting.md"))
	if err != nil {
		t.Fatal(err)
	}
	told := make(map[string]bool)
	for _, c := range wrongStarts {
		folder := t.TempDir()
		in := strings.NewReplacer("FOLDER", folder)
		for name, content := range c.files {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for era, greeting := range map[string]string{"both": newGreeting + oldGreeting, "old": oldGreeting, "new": newGreeting, "nobody": "", "noise first": "{}\n\n" + `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9}}` + "\n" + oldGreeting} {
			cmd := exec.CommandContext(t.Context(), aegis(t), append([]string{"--stdio"}, c.args...)...)
			cmd.Env = []string{"HOME=" + folder, "PATH=" + os.Getenv("PATH"), "SystemRoot=" + os.Getenv("SystemRoot"), "LocalAppData=" + folder, "AppData=" + folder}
			for _, setting := range c.env {
				cmd.Env = append(cmd.Env, in.Replace(setting))
			}
			var stderr strings.Builder
			cmd.Stdin, cmd.Stderr = strings.NewReader(greeting), &stderr
			out, err := cmd.Output()
			if cmd.ProcessState.ExitCode() != 2 {
				t.Errorf("%s, %s: %v, status %d", c.name, era, err, cmd.ProcessState.ExitCode())
			}
			said := strings.TrimSpace(stderr.String())
			if strings.Contains(said+string(out), "secret-in-the-address") || strings.Contains(said+string(out), "0123456789abcdef0123456789abcdef01234567") {
				t.Errorf("%s: a secret shows: %s", c.name, said)
			}
			frames := strings.Count(string(out), "\n")
			if want := strings.Count(greeting, `"method":"initialize"`) + strings.Count(greeting, "server/discover"); frames != want {
				t.Errorf("%s, %s: %d frames, want %d: %s", c.name, era, frames, want, out)
			}
			for frame := range strings.Lines(string(out)) {
				var answer struct {
					ID    any
					Error struct{ Message string }
				}
				if err := json.Unmarshal([]byte(frame), &answer); err != nil || answer.ID == nil || strings.TrimSpace(answer.Error.Message) != said {
					t.Errorf("%s, %s: %q, and standard error says %q (%v)", c.name, era, frame, said, err)
				}
			}
			first, _, _ := strings.Cut(strings.ReplaceAll(said, folder, "FOLDER"), "\n")
			told[first] = true
			if runtime.GOOS != "windows" && !strings.Contains(string(page), "### `"+first+"`\n") {
				t.Errorf("%s: docs/troubleshooting.md lacks\n### `%s`", c.name, first)
			}
		}
	}
	answers, err := os.ReadFile(filepath.Join("..", "..", "docs", "errors.md"))
	if err != nil {
		t.Fatal(err)
	}
	headings := regexp.MustCompile("(?m)^### `(.+)`$").FindAllStringSubmatch(string(page), -1)
	if len(headings) < 20 {
		t.Errorf("%d messages", len(headings))
	}
	for _, heading := range headings {
		if !told[heading[1]] && !strings.Contains(string(answers), " "+heading[1]+" |") && runtime.GOOS != "windows" {
			t.Errorf("nothing says %q", heading[1])
		}
	}
}
