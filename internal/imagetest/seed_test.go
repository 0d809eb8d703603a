//go:build unix

package imagetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

// What fills the Gitea of the development profile fills a real one, once, and Aegis can
// do with its token what the profile's policy permits.
func TestTheSeedOfDevelopment(t *testing.T) {
	asked(t)
	for _, name := range []string{"sh", "curl", "base64"} {
		if _, err := exec.LookPath(name); err != nil {
			notRun(t, "there is no "+name+" here")
		}
	}
	forge := giteatest.StartNew(t)
	program, settings, err := forge.Script(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.Symlink(program, filepath.Join(folder, "gitea")); err != nil {
		t.Fatal(err)
	}
	aegis, token := filepath.Join(folder, "aegis"), filepath.Join(folder, "run", "token")
	if _, said, err := tool(t, filepath.Join("..", ".."), "go", "build", "-o", aegis, "."); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	compose := filepath.Join("..", "..", "deploy", "compose")
	for _, want := range []string{"seeded\n", "seeded already\n"} {
		seed := exec.CommandContext(t.Context(), "sh", filepath.Join(compose, "seed.sh"))
		seed.Env = []string{"HOME=" + folder, "PATH=" + folder + ":" + os.Getenv("PATH"), "GITEA_API=" + forge.URL + "/api/v1",
			"GITEA_CONFIG=" + settings, "TOKEN_FILE=" + token, "AS_GITEA=", "TOKEN_OWNER="}
		if out, err := seed.CombinedOutput(); err != nil || !strings.HasSuffix(string(out), want) {
			t.Fatalf("the seed: %v\n%s", err, out)
		}
	}
	call := func(tool, args string) (out string, status int) {
		command := exec.CommandContext(t.Context(), aegis, "call", tool, "--args", args, "--write")
		command.Env = []string{"HOME=" + folder, "GITEA_URL=" + forge.URL, "GITEA_TOKEN_FILE=" + token,
			"POLICY_FILE_PATH=" + filepath.Join(compose, "dev-policy.yaml"), "WRITE_REPOSITORY_WHITELIST=acme/playground"}
		answer, _ := command.Output()
		return string(answer), command.ProcessState.ExitCode()
	}
	for _, row := range []struct {
		tool, args, says string
		status           int
	}{
		{"get_file_contents", `{"owner":"acme","repo":"handbook","path":"docs/releases.md"}`, "two people agreed on", 0},
		{"get_file_contents", `{"owner":"acme","repo":"handbook","path":"secrets/production.env"}`, "path_denied", 3},
		{"list_issues", `{"owner":"acme","repo":"handbook"}`, "Who may release?", 0},
		{"create_comment", `{"owner":"acme","repo":"playground","number":1,"body":"Hello."}`, "comment", 0},
		{"create_comment", `{"owner":"acme","repo":"handbook","number":1,"body":"Hello."}`, "policy_denied", 3},
		{"get_me", `{}`, `"agent"`, 0},
	} {
		if out, status := call(row.tool, row.args); status != row.status || !strings.Contains(out, row.says) {
			t.Errorf("%s %s: exit status %d\n%s", row.tool, row.args, status, out)
		}
	}
}
