package audit

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// independently has contrib/verify_audit.py, which shares no code with this package, judge
// a log: it has to come to the same.
func independently(t testing.TB, path, checkpoint string, holds bool) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Log("there is no python3 here")
		return
	}
	args := []string{filepath.Join("..", "contrib", "verify_audit.py"), path}
	if checkpoint != "" {
		file := filepath.Join(t.TempDir(), "checkpoint")
		write(t, file, []byte(checkpoint))
		args = append(args, file)
	}
	out, err := exec.CommandContext(t.Context(), python, args...).CombinedOutput()
	if (err == nil) != holds {
		t.Errorf("verify_audit.py says %q, and aegis that it holds: %v", out, holds)
	}
}

// On what was stored once, and on what crashes leave, both agree.
func TestIndependentVerifier(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"chain.jsonl", "writes.jsonl"} {
		path := filepath.Join("testdata", name)
		independently(t, path, "", verify(t, path).Problem == nil)
	}
	s := firstScene(t)
	for n := 0; n < len(s.next); n += 23 {
		path := s.stage(t, s.next[:n])
		independently(t, path, "", verify(t, path).Problem == nil)
		l := openAt(t, path)
		appendTo(t, l)
		independently(t, path, "", true)
	}
	independently(t, rotatedLog(t, 60), "", true)
}
