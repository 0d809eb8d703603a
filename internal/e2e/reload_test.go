package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A changed policy is in force at the next call; one that does not load
// changes nothing but the log.
func TestAChangedPolicyIsInForceAtTheNextCall(t *testing.T) {
	t.Parallel()
	const (
		open   = "version: 1\ndefaults: {read: allow}\n"
		closed = "version: 1\ndefaults: {read: allow}\nrepositories: {\"acme/website\": {read: deny, reason: closed for a while}}\n"
		broken = "version: 1\ndefaults: {read: allow, write: allow}\n"
	)
	forge, folder := newForge(t), t.TempDir()
	file := filepath.Join(folder, "policy.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(open)
	s := start(t, folder, forge.URL, func(cmd *exec.Cmd) { cmd.Args = append(cmd.Args, "--policy", file) })
	s.greet()
	id := 0
	expect := func(when, code string) {
		t.Helper()
		id++
		f := s.ask(readWebsite(id))
		if f.code() != code || f.Error != nil {
			t.Errorf("%s: want %q: %s", when, code, f.Line)
		}
		if code != "" && !strings.Contains(f.Line, "closed for a while") {
			t.Errorf("%s: the reason is missing: %s", when, f.Line)
		}
	}
	expect("at first", "")
	write(closed)
	expect("closed", "policy_denied")
	write(broken)
	expect("broken", "policy_denied")
	expect("still broken", "policy_denied")
	write(open)
	expect("open again", "")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	expect("gone", "")
	write(closed)
	expect("back", "policy_denied")
	s.end()

	entries := verified(t, logIn(folder))
	if got := count(entries); got["policy"] != 5 || got["policy policy_not_loaded"] != 2 || got["decision policy_denied"] != 4 {
		t.Errorf("the log holds %v", got)
	}
	if text := s.errors.String(); strings.Count(text, "does not load") != 2 || strings.Count(text, "the new one is in force") != 3 {
		t.Error("stderr does not say so")
	}
}
