package e2e

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// aMoment bounds an end that should take a second at most, for a machine with
// other things to do. It is far below every other time in play.
const aMoment = 1800 * time.Millisecond

// Calls that were read are answered, however fast the input ends.
func TestEndOfInputAnswersWhatWasRead(t *testing.T) {
	t.Parallel()
	forge, folder := newForge(t), t.TempDir()
	forge.Delay = 300 * time.Millisecond
	s := start(t, folder, forge.URL, nil)
	frames := []string{hello, ready}
	for id := 1; id <= 40; id++ {
		frames = append(frames, readWebsite(id))
	}
	s.send(frames...)
	answered := map[string]bool{}
	for _, f := range s.rest() {
		if f.Error != nil || f.Result.IsError || answered[string(f.ID)] {
			t.Errorf("answer %s: %s", f.ID, f.Line)
		}
		answered[string(f.ID)] = true
	}
	if err := s.wait(); err != nil || len(answered) != 41 {
		t.Errorf("%d answers, %v", len(answered), err)
	}
	if got := count(verified(t, logIn(folder))); got["session_start"] != 1 || got["decision"] != 40 || got["outcome"] != 40 || got["session_end"] != 1 {
		t.Errorf("the log holds %v", got)
	}
}

// A signal ends what runs, and the log says so.
func TestSignalsEndTheSessionWithinAMoment(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a process can't be sent these signals on Windows")
	}
	for name, signal := range map[string]os.Signal{"SIGTERM": syscall.SIGTERM, "SIGINT": os.Interrupt} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forge, folder := newForge(t), t.TempDir()
			forge.Delay = 2 * patience
			s := start(t, folder, forge.URL, nil)
			s.greet()
			for id := 1; id <= 5; id++ {
				s.send(readWebsite(id))
			}
			eventually(t, func() bool { return len(forge.Requests()) == 5 })
			s.signal(signal)
			entries := verified(t, logIn(folder))
			if got := count(entries); got["outcome"] != 5 || got["session_end"] != 1 || entries[len(entries)-1].Kind != "session_end" {
				t.Errorf("the log holds %v", got)
			}
		})
	}
	t.Run("with the log locked", func(t *testing.T) {
		t.Parallel()
		forge, folder := newForge(t), t.TempDir()
		s := start(t, folder, forge.URL, nil)
		s.greet()
		if f := s.ask(readWebsite(1)); f.code() != "" {
			t.Fatal(f.Line)
		}
		release := hold(t, logIn(folder))
		s.send(readWebsite(2))
		s.signal(syscall.SIGTERM)
		release()
		if got := count(verified(t, logIn(folder))); got["decision"] != 1 || len(forge.Requests()) != 1 {
			t.Errorf("the log holds %v, the forge was asked %d times", got, len(forge.Requests()))
		}
	})
	t.Run("with nobody reading what it writes", func(t *testing.T) {
		t.Parallel()
		forge, folder := newForge(t), t.TempDir()
		s := start(t, folder, forge.URL, func(cmd *exec.Cmd) {
			cmd.Stdout, cmd.Stderr = unread(t), unread(t)
		})
		s.send(hello, ready)
		for id := 1; id <= 200; id++ { // more than two pipes hold
			s.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/list"}`, id), readWebsite(1000+id))
		}
		eventually(t, func() bool { return len(forge.Requests()) == 200 })
		s.signal(syscall.SIGTERM)
		if got := count(verified(t, logIn(folder))); got["outcome"] != got["decision"] || got["session_end"] != 1 {
			t.Errorf("the log holds %v", got)
		}
	})
	t.Run("with the log locked from the start", func(t *testing.T) {
		t.Parallel()
		forge, folder := newForge(t), t.TempDir()
		release := hold(t, logIn(folder))
		s := start(t, folder, forge.URL, nil)
		s.greet()
		s.signal(syscall.SIGTERM)
		release()
	})
}

// unread is a pipe that nobody reads.
func unread(t *testing.T) *os.File {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = read.Close()
		_ = write.Close()
	})
	return write
}

// signal sends a signal and expects a good end within a moment.
func (s *session) signal(signal os.Signal) {
	s.t.Helper()
	began := time.Now()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
	if err := s.wait(); err != nil {
		s.t.Errorf("aegis ended with %v", err)
	}
	if took := time.Since(began); took > aMoment {
		s.t.Errorf("the end took %s", took)
	}
}

// A client that went away without closing its end of the input is noticed by
// the first answer, and the log is finished.
func TestAClosedStdoutEndsTheSessionWithItsLog(t *testing.T) {
	t.Parallel()
	forge, folder := newForge(t), t.TempDir()
	forge.Delay = 300 * time.Millisecond
	s := start(t, folder, forge.URL, nil)
	s.greet()
	s.send(readWebsite(1), readWebsite(2))
	eventually(t, func() bool { return len(forge.Requests()) == 2 })
	if err := s.out.Close(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.wait() }()
	select {
	case err := <-done:
		if err != nil && runtime.GOOS != "windows" { // where it is not known why a write failed
			t.Errorf("aegis ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("the session does not end")
	}
	entries := verified(t, logIn(folder))
	if got := count(entries); got["outcome"] != 2 || got["session_end"] != 1 || entries[len(entries)-1].Kind != "session_end" {
		t.Errorf("the log holds %v", got)
	}
}

// eventually waits for what should be true in a moment.
func eventually(t *testing.T, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not happen")
		}
	}
}

// The scrubber's rules are prepared in the background after the handshake, without a
// call. A session that ends at once is recorded without them.
func TestRulesArePreparedAfterTheHandshake(t *testing.T) {
	t.Parallel()
	for name, greets := range map[string]bool{"greeted": true, "ended at once": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said, errors, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer said.Close()
			folder := t.TempDir()
			s := start(t, folder, "http://127.0.0.1:1", func(cmd *exec.Cmd) {
				cmd.Env, cmd.Stderr = append(cmd.Env, "LOG_LEVEL=debug"), errors
			})
			_ = errors.Close()
			if greets {
				s.greet()
			} else {
				_ = s.in.Close()
			}
			prepared := false
			for lines := bufio.NewScanner(said); !prepared && lines.Scan(); {
				prepared = strings.Contains(lines.Text(), "rules are prepared")
			}
			s.end()
			if prepared != greets {
				t.Errorf("rules are prepared: %t", prepared)
			}
			if got := count(verified(t, logIn(folder))); got["session_start"] != 1 || got["decision"] != 0 || got["session_end"] != 1 {
				t.Errorf("the log holds %v", got)
			}
		})
	}
}
