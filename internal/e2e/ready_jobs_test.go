package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each ready job is allowed what it calls by the policy beside it, and nothing that it writes without
// automation: allow.
func TestTheReadyJobsAreAllowedWhatTheyCall(t *testing.T) {
	t.Parallel()
	ready := filepath.Join(root, "deploy", "jobs")
	found, err := filepath.Glob(filepath.Join(ready, "*.yaml"))
	if err != nil || len(found) < 6 {
		t.Fatalf("%q, %v", found, err)
	}
	folder := t.TempDir()
	kept := func(name, text string) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	for _, name := range found {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		kept(filepath.Base(name), string(raw))
	}
	raw, err := os.ReadFile(filepath.Join(ready, "policy.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	kept("without.yaml", strings.ReplaceAll(string(raw), "automation: allow", "automation: deny"))
	for _, name := range found {
		name = filepath.Base(name)
		if name == "policy.yaml" {
			continue
		}
		env := map[string]string{"AEGIS_JOBS_FILE": filepath.Join(folder, name), "WRITE_MODE": "true", "WRITE_REPOSITORY_WHITELIST": "acme/app"}
		var all []struct{ Name string }
		_, out, said := jobs(t, folder, env, "list", "--json")
		if err := json.Unmarshal([]byte(out), &all); err != nil || len(all) == 0 {
			t.Fatalf("%s: %v %s", name, err, said)
		}
		for _, job := range all {
			for policy, lets := range map[string]bool{"policy.yaml": true, "without.yaml": false} {
				var told struct {
					Calls []struct {
						Tool, Decision string
						Needs          []string
					}
				}
				_, out, said := jobs(t, folder, env, "explain", job.Name, "--json", "--policy", filepath.Join(folder, policy))
				if err := json.Unmarshal([]byte(out), &told); err != nil || len(told.Calls) < 2 {
					t.Fatalf("%s: %v %s", job.Name, err, said)
				}
				for _, call := range told.Calls {
					if writes := len(call.Needs) > 1; (call.Decision == "allow") != (lets || !writes) {
						t.Errorf("%s by %s: %s is %s", job.Name, policy, call.Tool, call.Decision)
					}
				}
			}
		}
	}
}
