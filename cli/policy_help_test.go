package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aegis/audit"
)

// Each command about policies has examples in its help, and each of them can be typed.
func TestExamplesOfPolicyCommandsRun(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"policy.yaml":      "version: 1\nrepositories: {acme/sandbox: {write: allow}}\n",
		"policy.test.yaml": "version: 1\ntests:\n  - {call: {tool: get_me}, expect: allow}\n",
		"old.yaml":         "version: 1\n",
		"floor.yaml":       "version: 1\nrepositories: {\"*/*\": {write: allow}}\n",
		"new.yaml":         "version: 1\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	log, err := audit.Open(filepath.Join(folder, "audit.jsonl"), audit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	lookup := func(string) (string, bool) { return "", false }
	tried := 0
	for _, command := range policyCommand(environment{lookup: lookup}, newSettings(lookup)).Commands() {
		if command.Example == "" {
			t.Errorf("%s has no example", command.Name())
		}
		for line := range strings.Lines(command.Example) {
			tried++
			typed(t, folder, strings.TrimSpace(line))
		}
	}
	if tried < 5 {
		t.Errorf("only %d examples", tried)
	}
}

// typed runs what somebody types at a shell, with the files of a folder.
func typed(t *testing.T, folder, line string) {
	t.Helper()
	line, _, _ = strings.Cut(line, " > ")
	line, read, redirected := strings.Cut(line, " < ")
	words := strings.Fields(line)
	for i, word := range words {
		if _, err := os.Stat(filepath.Join(folder, word)); err == nil {
			words[i] = filepath.Join(folder, word)
		}
	}
	stdin := os.Stdin
	if redirected {
		file, err := os.Open(filepath.Join(folder, read))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		stdin = file
	}
	lookup := func(name string) (string, bool) {
		if name == "AUDIT_LOG_PATH" {
			return filepath.Join(folder, "audit.jsonl"), true
		}
		return "", false
	}
	var out, stderr bytes.Buffer
	status := run(context.Background(), environment{
		args: words[1:], lookup: lookup, stdin: stdin, stdout: &out, stderr: &stderr,
	})
	if status == exitUsage || status == exitFailed || out.Len() == 0 && !strings.Contains(line, "diff") {
		t.Errorf("%s: exit status %d\n%s%s", line, status, &out, &stderr)
	}
}
