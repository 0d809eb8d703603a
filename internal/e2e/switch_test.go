package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// While its file exists every call is denied, in sessions that run as in those
// that start.
func TestTheKillSwitchDeniesEveryCallWhileItsFileExists(t *testing.T) {
	t.Parallel()
	forge, folder := newForge(t), t.TempDir()
	file := filepath.Join(folder, "STOP")
	with := func(cmd *exec.Cmd) { cmd.Args = append(cmd.Args, "--kill-switch", file) }
	killed := func(s *session, id int) {
		t.Helper()
		before := len(forge.Requests())
		if f := s.ask(readWebsite(id)); f.code() != "killed" || len(forge.Requests()) != before {
			t.Errorf("want killed, and the forge left alone: %s", f.Line)
		}
	}
	s := start(t, folder, forge.URL, with)
	s.greet()
	if f := s.ask(readWebsite(1)); f.code() != "" {
		t.Errorf("without the file: %s", f.Line)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	killed(s, 2)
	next := start(t, folder, forge.URL, with)
	next.greet()
	killed(next, 1)
	next.end()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if f := s.ask(readWebsite(3)); f.code() != "" {
		t.Errorf("without the file again: %s", f.Line)
	}
	s.end()
	if got := count(verified(t, logIn(folder))); got["decision killed"] != 2 || got["outcome"] != 2 {
		t.Errorf("the log holds %v", got)
	}
}
