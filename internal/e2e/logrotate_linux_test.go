package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// logrotate, told as in deploy/logrotate or in other ways, against a session that runs:
// the session goes on, and the log stays one chain.
func TestLogrotate(t *testing.T) {
	t.Parallel()
	logrotate, err := exec.LookPath("logrotate")
	if err != nil {
		t.Skip("NOT RUN: there is no logrotate here")
	}
	ours, err := os.ReadFile(filepath.Join("..", "..", "deploy", "logrotate", "aegis"))
	if err != nil {
		t.Fatal(err)
	}
	for name, config := range map[string]string{
		"as in deploy":                   string(ours),
		"renames, and runs rotate after": "/var/lib/aegis/audit.jsonl {\n rotate 5\n missingok\n nocreate\n postrotate\n  /usr/local/bin/aegis audit rotate /var/lib/aegis/audit.jsonl\n endscript\n}\n",
		"renames":                        "/var/lib/aegis/audit.jsonl {\n rotate 5\n missingok\n nocreate\n}\n",
		"renames and creates":            "/var/lib/aegis/audit.jsonl {\n rotate 5\n missingok\n create\n}\n",
		"copies and truncates":           "/var/lib/aegis/audit.jsonl {\n rotate 5\n missingok\n copytruncate\n}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forge, folder := newForge(t), t.TempDir()
			log := logIn(folder)
			s := start(t, folder, forge.URL, nil)
			s.greet()
			if f := s.ask(readWebsite(1)); f.code() != "" {
				t.Fatal(f.Line)
			}
			there := filepath.Dir(log)
			config := strings.NewReplacer("/var/lib/aegis", there, "/usr/local/bin/aegis", aegis(t), "    su aegis aegis\n", "", "create 0600 aegis aegis", "create 0600").Replace(config)
			for path, text := range map[string]string{filepath.Join(folder, "config"): config, filepath.Join(there, "rotate.stamp"): ""} {
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for id := 2; id < 5; id++ {
				rotate := exec.Command(logrotate, "-s", filepath.Join(folder, "status"), "-f", filepath.Join(folder, "config"))
				rotate.Env = environment(folder, forge.URL)
				if out, err := rotate.CombinedOutput(); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
				if f := s.ask(readWebsite(id)); f.code() != "" {
					t.Fatal(f.Line)
				}
			}
			verified(t, log)
		})
	}
}
