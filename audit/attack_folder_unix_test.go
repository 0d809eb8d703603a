//go:build unix

package audit

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func fifo(t testing.TB, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Whatever lies beside the log is looked at before it is waited for: a pipe would wait for ever.
func TestNoPipeBesideTheLogIsWaitedFor(t *testing.T) {
	t.Parallel()
	for _, side := range []string{
		".lock", ".head", ".head.tmp", ".key", ".next", ".packing", ".room", ".unpacked", ".checkpoint.key", ".checkpoint.pub",
		".1", ".1.gz", ".000000000013", ".000000000013.gz", ".000000000013.gz.tmp", ".000000000039", ".000000000099",
	} {
		t.Run(side, func(t *testing.T) {
			t.Parallel()
			s := newScattered(t)
			l := small(t, s.path, Options{MaxSize: -1, Keep: time.Second})
			l.lockTimeout = 200 * time.Millisecond
			fifo(t, s.path+side)
			done := make(chan struct{})
			go func() {
				defer close(done)
				_ = l.Append(ctx, called(1))
				_, _ = l.Rotate(ctx, Entry{Session: "by hand"})
				_, _ = l.Checkpoint(ctx, Entry{Session: "by hand"}, true)
				_ = l.Check(ctx)
				_ = l.Append(ctx, called(2))
				_, _ = Verify(ctx, s.path)
				_, _ = Show(ctx, s.path, Query{Limit: 3}, func(Stored) error { return nil })
				_, _ = Match(ctx, s.path, "c0001", nil)
				if other, err := Open(s.path, Options{LockTimeout: 200 * time.Millisecond}); err == nil {
					_ = other.Append(ctx, called(3))
					_, _ = other.Restart(ctx, Entry{Session: "by hand"}, "a pipe")
					_ = other.Close()
				}
				_, _ = Fleet(ctx, filepath.Dir(filepath.Dir(s.path)), FleetOptions{})
			}()
			select {
			case <-done:
			case <-time.After(30 * time.Second):
				t.Error("somebody waits for a pipe")
				fd, err := os.OpenFile(s.path+side, os.O_RDWR, 0) // so that the test can end
				if err == nil {
					defer fd.Close()
				}
			}
		})
	}
}

// A log that lies elsewhere from now on, with a link in its place, is not gone on with: who
// rotates it would rename the link.
func TestALinkInTheLogsPlace(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	l := openAt(t, path)
	appendTo(t, l)
	target := filepath.Join(t.TempDir(), "target")
	rename(t, path, target)
	link(t, target, path)
	before := string(read(t, target))
	if err := l.Append(ctx, sample()); !errors.Is(err, ErrUnavailable) {
		t.Errorf("Append: %v", err)
	}
	if string(read(t, target)) != before {
		t.Error("what the link leads to was written to")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	rename(t, target, path)
	appendTo(t, l)
	good(t, path)
}

// What was rotated is read as what it is, and not as what a link leads to.
func TestLinksAmongRotatedFiles(t *testing.T) {
	t.Parallel()
	for _, packed := range []bool{false, true} {
		s := newScattered(t)
		name, elsewhere := s.parts[1].path+packedSuffix, filepath.Join(t.TempDir(), "elsewhere")
		rename(t, name, elsewhere)
		if packed {
			link(t, elsewhere, name)
		} else { // a link beside what was compressed
			write(t, name, read(t, elsewhere))
			write(t, elsewhere, []byte("something else"))
			link(t, elsewhere, s.parts[1].path)
		}
		problem := verify(t, s.path).Problem
		if (problem != nil) != packed {
			t.Errorf("packed %v: %v", packed, problem)
		}
		independently(t, s.path, "", problem == nil)
	}
}

// A link that takes the log's place, while its head is still there, is no other log.
func TestALinkToAnotherLogInItsPlace(t *testing.T) {
	t.Parallel()
	path, other := filled(t, 3), filled(t, 2)
	rename(t, path, path+"-hidden")
	link(t, other, path)
	if _, err := Open(path, Options{}); err == nil {
		t.Error("it is opened")
	}
	if r, err := Verify(ctx, path); err == nil && r.Problem == nil {
		t.Errorf("it is good: %+v", r)
	}
	independently(t, path, "", false)
}
