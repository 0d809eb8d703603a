package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"aegis/internal/sampleforge"
)

// What the demo suggests at its end works, however and wherever it was started.
func TestDemoSuggestsWhatWorks(t *testing.T) {
	t.Parallel()
	self := aegis(t)
	path := "PATH=" + os.Getenv("PATH")
	for name, row := range map[string]struct {
		start  []string
		folder string
		env    []string
	}{
		"by its path":      {[]string{self, "demo"}, t.TempDir(), []string{path}},
		"by its name":      {[]string{self, "demo"}, t.TempDir(), []string{"PATH=" + filepath.Dir(self) + string(filepath.ListSeparator) + os.Getenv("PATH")}},
		"by go run":        {[]string{"go", "run", ".", "demo"}, root, nil},
		"go run in a room": {[]string{"go", "run", "aegis", "demo"}, filepath.Join(root, "cli"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state := "XDG_STATE_HOME=" + t.TempDir()
			env := append(append(os.Environ(), row.env...), state)
			c := exec.CommandContext(t.Context(), row.start[0], row.start[1:]...)
			c.Dir, c.Env = row.folder, env
			out, err := c.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			_, told, _ := strings.Cut(string(out), "in its configuration, put\n")
			entry, after, _ := strings.Cut(told, "   or your own")
			var suggested struct{ Aegis started }
			if err := json.Unmarshal([]byte("{"+entry+"}"), &suggested); err != nil {
				t.Fatalf("%v\n%s", err, told)
			}
			client := suggested.Aegis
			c = exec.CommandContext(t.Context(), client.Command, client.Args...)
			if client.Command == "aegis" {
				c = exec.CommandContext(t.Context(), self, client.Args...) // this process has another PATH
			}
			c.Dir, c.Env = t.TempDir(), env
			mustServe(t, c, false)

			_, shell, _ := strings.Cut(after, "what a policy means:\n")
			for line := range strings.Lines(shell) {
				words := strings.Fields(strings.Replace(line, "FILE", filepath.Join("testdata", "demo", "policy.yaml"), 1))
				if words[0] == "aegis" {
					words[0] = self
				}
				c := exec.CommandContext(t.Context(), words[0], words[1:]...)
				c.Dir, c.Env = root, env
				if out, err := c.CombinedOutput(); err != nil {
					t.Errorf("%s: %v\n%s", line, err, out)
				}
			}
			if (client.Command == "aegis") != (name == "by its name") {
				t.Errorf("it says %q", client.Command)
			}
		})
	}
}

// Every file that a session leaves behind is documented, the demo's too.
func TestFilesOfASessionAreDocumented(t *testing.T) {
	t.Parallel()
	documented, err := os.ReadFile(filepath.Join(root, "docs", "audit.md"))
	if err != nil {
		t.Fatal(err)
	}
	for log, args := range map[string][]string{
		"demo-audit.jsonl": {"--stdio", "--demo"},
		"audit.jsonl":      {"--stdio", "--gitea-url", newForge(t).URL},
	} {
		p := page{home: t.TempDir()}
		c := p.command(t, append([]string{"aegis"}, args...)...)
		state := filepath.Join(p.home, "state")
		c.Env = append(c.Env, "XDG_STATE_HOME="+state, "GITEA_TOKEN="+sampleforge.DemoToken())
		mustServe(t, c, false)
		left, err := os.ReadDir(filepath.Join(state, "aegis"))
		if err != nil || len(left) < 4 {
			t.Errorf("%v %v", left, err)
		}
		for _, entry := range left {
			name := entry.Name()
			if beside, ok := strings.CutPrefix(name, log); ok && beside != "" {
				name = "LOG" + beside
			}
			if !strings.Contains(string(documented), "`"+name+"`") && name != "audit.jsonl" {
				t.Errorf("docs/audit.md does not name %s", name)
			}
		}
	}
}
