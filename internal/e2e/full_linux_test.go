package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// mounted runs aegis in a mount namespace of its own, after a shell script
// there. What is mounted ends with the process.
func mounted(t *testing.T, script string) func(*exec.Cmd) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root may mount")
	}
	probe := exec.Command("sh", "-c", "mount -t tmpfs none "+t.TempDir())
	probe.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if out, err := probe.CombinedOutput(); err != nil {
		t.Skipf("nothing may be mounted here: %v %s", err, out)
	}
	return func(cmd *exec.Cmd) {
		wrap(cmd, script)
		cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	}
}

// wrap makes cmd the last command of a shell script.
func wrap(cmd *exec.Cmd, script string) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		cmd.Err = err
		return
	}
	cmd.Args = append([]string{"sh", "-c", "set -e; " + script + `; exec "$0" "$@"`, cmd.Path}, cmd.Args[1:]...)
	cmd.Path = shell
}

// A disk that is full denies every call, and with room again the log goes on.
func TestI2_AFullDiskDenies(t *testing.T) {
	t.Parallel()
	forge, folder := newForge(t), t.TempDir()
	audit := filepath.Dir(logIn(folder))
	s := start(t, folder, forge.URL, mounted(t, fmt.Sprintf("mkdir -m 700 %[1]s; mount -t tmpfs -o size=64k,mode=700 none %[1]s", audit)))
	s.greet()
	if f := s.ask(readWebsite(1)); f.code() != "" {
		t.Fatalf("with room: %s", f.Line)
	}
	seen := filepath.Join("/proc", fmt.Sprint(s.cmd.Process.Pid), "root", audit) // as the process sees it
	ballast := filepath.Join(seen, "ballast")
	fill(t, ballast)
	denied := 0
	for id := 2; id < 50; id++ { // what is left of the log's own last page is still room
		before := len(forge.Requests())
		f := s.ask(readWebsite(id))
		switch reached := len(forge.Requests()) - before; {
		case f.code() == "audit_unavailable":
			denied++
		case f.code() != "" || denied > 0:
			t.Fatalf("on a full disk: %s", f.Line)
		case reached == 0:
			t.Fatalf("answered without a request: %s", f.Line)
		}
		if denied == 3 {
			break
		}
	}
	if denied != 3 {
		t.Fatal("the disk was never full")
	}
	s.denied(forge, readWebsite(50))
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	f := s.ask(readWebsite(51))
	kept := t.TempDir() // where the log is in this process' own tree of folders
	if err := os.CopyFS(kept, os.DirFS(seen)); err != nil {
		t.Fatal(err)
	}
	entries := verified(t, filepath.Join(kept, "audit.jsonl"))
	// Had an outcome been the first entry without room, the session stays closed.
	if lost := count(entries)["decision audit_unavailable"] > 0; (f.code() != "") != lost {
		t.Errorf("with room again: %s", f.Line)
	}
	onlyAllowed(t, forge, entries)
	s.end()
}

// fill writes a file until there is no room.
func fill(t *testing.T, path string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	block := make([]byte, 512)
	for range 1000 {
		if _, err := file.Write(block); err != nil {
			return
		}
	}
	t.Fatal("the disk does not fill")
}

// The session starts on a log that has no room from the start.
func TestI2_ALogWithoutRoomDenies(t *testing.T) {
	t.Parallel()
	forge, folder := newForge(t), t.TempDir()
	first := start(t, folder, forge.URL, nil)
	first.greet()
	for id := 1; id <= 5; id++ { // some KB, more than the limit below
		first.ask(readWebsite(id))
	}
	first.end()
	before := verified(t, logIn(folder))
	forge.Reset()

	s := start(t, folder, forge.URL, func(cmd *exec.Cmd) { wrap(cmd, "ulimit -f 1") })
	s.greet()
	s.denied(forge, readWebsite(1))
	s.denied(forge, readWebsite(2))
	s.end()
	if after := verified(t, logIn(folder)); len(after) != len(before) {
		t.Errorf("the log went from %d to %d entries", len(before), len(after))
	}
}

// A folder that can't be written has no log: that is wrong configuration.
func TestALogOnAReadOnlyDiskIsAnError(t *testing.T) {
	t.Parallel()
	for _, used := range []bool{false, true} {
		t.Run(fmt.Sprintf("used before %t", used), func(t *testing.T) {
			t.Parallel()
			forge, folder := newForge(t), t.TempDir()
			if used {
				before := start(t, folder, forge.URL, nil)
				before.greet()
				before.end()
			}
			s := start(t, folder, forge.URL, mounted(t, fmt.Sprintf(
				"mkdir -m 700 -p %[1]s; mount --bind %[1]s %[1]s; mount -o remount,ro,bind %[1]s", filepath.Dir(logIn(folder)))))
			for _, f := range s.rest() {
				t.Errorf("a frame: %s", f.Line)
			}
			if _ = s.wait(); s.cmd.ProcessState.ExitCode() != 2 || !strings.Contains(s.errors.String(), "AUDIT_LOG_PATH") {
				t.Errorf("status %d: %s", s.cmd.ProcessState.ExitCode(), s.errors.String())
			}
		})
	}
}
