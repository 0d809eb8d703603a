package e2e

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"aegis/internal/sampleforge"

	"golang.org/x/sys/unix"
)

// Somebody new types at a terminal, on an empty home folder with a client. The token is not
// seen; what is asked for is set up, and works.
func TestInitOnATerminal(t *testing.T) {
	t.Parallel()
	home, forge := t.TempDir(), newForge(t)
	if err := os.Mkdir(filepath.Join(home, ".cursor"), 0o700); err != nil {
		t.Fatal(err)
	}
	shown, status := typedInto(t, home, []string{"init"},
		"Address of your Gitea", forge.URL, "Access token", sampleforge.DemoToken(), "may read", "acme/website, acme/service", "may write to", "acme/website", "Type yes", "yes")
	if status != 0 || strings.Contains(shown, sampleforge.DemoToken()) || !strings.Contains(shown, "which is not shown") {
		t.Fatalf("exit status %d\n%s", status, shown)
	}
	token := filepath.Join(home, ".config", "aegis", "token")
	if text, err := os.ReadFile(token); err != nil || string(text) != sampleforge.DemoToken()+"\n" {
		t.Errorf("%v", err)
	}
	if info, err := os.Stat(token); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	entry, err := os.ReadFile(filepath.Join(home, ".cursor", "mcp.json"))
	if err != nil || strings.Contains(string(entry), sampleforge.DemoToken()) || !strings.Contains(string(entry), `"WRITE_REPOSITORY_WHITELIST": "acme/website"`) {
		t.Errorf("%v\n%s", err, entry)
	}
	explain := exec.Command(aegis(t), "policy", "explain", "get_file_contents", "acme/other", "--path", "README.md")
	explain.Env = []string{"HOME=" + home}
	if out, _ := explain.CombinedOutput(); explain.ProcessState.ExitCode() != 3 {
		t.Errorf("what may not be read is\n%s", out)
	}

	// Once more, nothing but the address is asked for, and nothing changes.
	if shown, status := typedInto(t, home, []string{"init"}, "Address of your Gitea", forge.URL, "Type yes", "yes"); status != 0 || !strings.Contains(shown, "the policy stays as it is") {
		t.Errorf("exit status %d\n%s", status, shown)
	}
}

// What is not a yes writes nothing, nor does an end of what is typed.
func TestInitOnATerminalWithoutAYes(t *testing.T) {
	t.Parallel()
	for _, last := range []string{"no", "", "\x04", "y"} {
		home := t.TempDir()
		shown, status := typedInto(t, home, []string{"init", "--gitea-url", "https://git.example.org", "--client", "cursor"},
			"Access token", "", "may read", "", "may write to", "", "Type yes", last)
		if left, err := os.ReadDir(home); status != 1 || len(left) > 0 || err != nil {
			t.Errorf("%q: exit status %d, %v\n%s", last, status, left, shown)
		}
	}
}

// typedInto starts aegis on a terminal of its own and types: after each piece of a question
// its answer. It returns what the terminal showed, and the exit status.
func typedInto(t *testing.T, home string, args []string, dialogue ...string) (shown string, status int) {
	t.Helper()
	person, tty := newTerminal(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, aegis(t), args...)
	command.Dir, command.Env = home, []string{"HOME=" + home, "PATH=/usr/bin:/bin"}
	command.Stdin, command.Stdout, command.Stderr = tty, tty, tty
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var (
		mu   sync.Mutex
		seen strings.Builder
		read = make(chan struct{})
	)
	go func() {
		defer close(read)
		piece := make([]byte, 4096)
		for {
			n, err := person.Read(piece)
			mu.Lock()
			seen.Write(piece[:n])
			mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	text := func() string { mu.Lock(); defer mu.Unlock(); return seen.String() }
	ended := make(chan struct{})
	go func() { defer close(ended); _ = command.Wait() }()
	from := 0
	for i := 0; i < len(dialogue); i += 2 {
		for !strings.Contains(text()[from:], dialogue[i]) {
			select {
			case <-ended:
				t.Fatalf("%q is not asked:\n%s", dialogue[i], text())
			case <-time.After(10 * time.Millisecond):
			}
		}
		from = len(text())
		time.Sleep(50 * time.Millisecond) // the terminal stops to show what is typed
		_, _ = io.WriteString(person, dialogue[i+1]+"\n")
	}
	<-ended
	_ = tty.Close() // the last one: what was shown is read to its end
	<-read
	return text(), command.ProcessState.ExitCode()
}

// newTerminal is both ends of a terminal.
func newTerminal(t *testing.T) (person, tty *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tty.Close() })
	return person, tty
}
