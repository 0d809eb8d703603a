package cli

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// examinedAt is what doctor says on a machine with these variables and this file of VS Code.
func examinedAt(t *testing.T, variables map[string]string, entries any) string {
	t.Helper()
	home := t.TempDir()
	vars := map[string]string{"XDG_CONFIG_HOME": home, "XDG_STATE_HOME": filepath.Join(home, "state"), "GITEA_URL": "https://git.example.org"}
	maps.Copy(vars, variables)
	if entries != nil {
		raw, err := json.Marshal(map[string]any{"servers": entries})
		if err != nil {
			t.Fatal(err)
		}
		if err := put(home, "Code/User/mcp.json", string(raw), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var said strings.Builder
	for _, form := range [][]string{{"doctor", "--offline"}, {"doctor", "--offline", "--json"}} {
		run(t.Context(), environment{
			args: form, stdin: os.Stdin, stdout: &said, stderr: &said,
			lookup: func(name string) (string, bool) { value, ok := vars[name]; return value, ok },
		})
	}
	return said.String()
}

// Whatever a setting holds by mistake, and wherever it can hold a secret by right, doctor
// shows none.
func TestDoctorShowsNoSecretOfASetting(t *testing.T) {
	t.Parallel()
	forms := []string{
		"https://me:s3cret@host/x", "https://s3cret@host", "https://me:a/s3cret@host", "https://host/x?key=s3cret", "exec:curl -H 's3cret' https://host/",
		"exec:s3cret", "0123456789abcdef0123456789abcdef0s3c7e70", "gta_s3cret0123456789s3cret",
	}
	for name, row := range allSettings {
		for _, variable := range row.env {
			for _, value := range forms {
				if strings.HasPrefix(value, "exec:") && name != checkpointTo {
					continue // a word like any other
				}
				said := examinedAt(t, map[string]string{variable: value}, nil)
				if strings.Contains(said, "s3cret") || strings.Contains(said, "0123456789abcdef") || !strings.Contains(said, "policy") {
					t.Errorf("%s, %s=%s:\n%s", name, variable, value, said)
				}
			}
		}
	}
	if said := examinedAt(t, map[string]string{"AEGIS_AUDIT_CHECKPOINT_TO": "https://hooks.example.org/services/s3cret"}, nil); strings.Contains(said, "s3cret") || !strings.Contains(said, "hooks.example.org/…") {
		t.Error(said)
	}
}

// Of a token's file that is named as another one nothing is shown.
func TestDoctorShowsNothingOfATokensFile(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0123456789abcdef0123456789abcdef01234567\n", "s3cret-word", "\"s3cret\"", "- s3cret"} {
		file := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for name, row := range allSettings {
			if !isFile(name) || name == tokenFile || text[0] == '-' && name == policyFile { // a list is shown
				continue
			}
			if said := examinedAt(t, map[string]string{row.env[0]: file}, nil); strings.Contains(said, "s3cret") || strings.Contains(said, "0123456789abcdef") {
				t.Errorf("%s:\n%s", name, said)
			}
		}
	}
}

// Nor does it show one of a client's entries, ours or another's.
func TestDoctorShowsNoSecretOfAnEntry(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere the clients' files are not below a folder that a test can choose")
	}
	variables := []string{"OTHER"}
	for _, row := range allSettings {
		variables = append(variables, row.env...)
	}
	slices.Sort(variables)
	for _, value := range []string{"s3cret", "s3cret/x", "~/x", "${s3cret}", "${TOKEN:-s3cret}", "${input:s3cret}", "https://u:s3cret@h", "s3cret ${X}"} {
		all := make(map[string]string)
		for _, variable := range variables {
			all[variable] = value
		}
		for _, command := range []string{
			"aegis", "/nowhere/aegis", "GITEA_TOKEN=s3cret /usr/bin/aegis", "env GITEA_TOKEN=s3cret aegis", "/usr/bin/aegis --token s3cret", "s3cret: aegis", "${s3cret}/aegis", "sh -c 's3cret' ./aegis",
		} {
			entry := map[string]any{"command": command, "args": []string{"--token", "s3cret", "--stdio=s3cret"}, "env": all, "headers": map[string]string{"Authorization": "s3cret"}}
			said := examinedAt(t, nil, map[string]any{"aegis": entry, "other": entry, "third": map[string]any{"command": []string{command, "s3cret"}, "url": "https://s3cret"}})
			if strings.Contains(said, "s3cret") || !strings.Contains(said, "entry aegis in") {
				t.Errorf("%s, %s:\n%s", value, command, said)
			}
		}
	}
}

// Doctor starts nothing that it finds.
func TestDoctorRunsNothing(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere the clients' files are not below a folder that a test can choose")
	}
	bin := t.TempDir()
	ran := filepath.Join(bin, "ran")
	for _, name := range []string{"claude", "aegis", "git", "sh", "docker"} {
		if err := put(bin, name, "#!/bin/sh\necho $0 >>"+ran+"\n", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin)
	said := examinedAt(t, map[string]string{"AEGIS_AUDIT_CHECKPOINT_TO": "exec:" + filepath.Join(bin, "sh")}, map[string]any{
		"aegis": map[string]any{"command": filepath.Join(bin, "aegis"), "args": []string{"--stdio"}},
		"short": map[string]any{"command": "aegis", "args": []string{"--stdio"}},
	})
	if text, err := os.ReadFile(ran); err == nil || !strings.Contains(said, "it would start") {
		t.Errorf("%s\n%s", text, said)
	}
}
