//go:build unix && !freebsd && !dragonfly

package audit

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// A limit on the size of files stands for a full disk: it cuts a write at any
// byte. It holds for the whole process, so the test runs in one of its own.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	const child = "AUDIT_TEST_FULL"
	if os.Getenv(child) == "" {
		again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAFullDisk$", "-test.short="+map[bool]string{true: "true", false: "false"}[testing.Short()])
		again.Env = append(os.Environ(), child+"=1")
		if out, err := again.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return
	}

	path := filled(t, 2)
	l := openAt(t, path)
	l.sync = func(*os.File) error { return nil }
	appendTo(t, l)
	step := 1
	if testing.Short() {
		step = 23
	}
	length := int(l.seen.size - l.before.size)
	for n := 0; n < length; n += step {
		// The append is cut after n bytes, and so, twice, is the one that recovers.
		for _, room := range []int{n, n + 1, n / 2} {
			before := read(t, path)
			whole := limit(t, len(before)+room)
			err := l.Append(ctx, sample())
			whole()
			if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "free some space") {
				t.Fatalf("room for %d of %d bytes: %v", room, length, err)
			}
			if after := read(t, path); len(after) != len(before)+room || !bytes.HasPrefix(after, before) {
				t.Fatalf("room for %d bytes: the log went from %d to %d bytes", room, len(before), len(after))
			}
			if p := verify(t, path).Problem; p != nil {
				t.Fatalf("room for %d bytes: %s", room, p)
			}
		}
		appendTo(t, l)
		if p := verify(t, path).Problem; p != nil {
			t.Fatalf("room again after %d bytes: %s", n, p)
		}
	}
}

// A disk that is full in the midst of several entries has some of them whole: nobody is
// told that one is there, and the log goes on behind them.
func TestAFullDiskInTheMidstOfSeveral(t *testing.T) {
	t.Parallel()
	const child = "AUDIT_TEST_FULL_OF_SEVERAL"
	if os.Getenv(child) == "" {
		again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAFullDiskInTheMidstOfSeveral$", "-test.short="+map[bool]string{true: "true", false: "false"}[testing.Short()])
		again.Env = append(os.Environ(), child+"=1")
		if out, err := again.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return
	}
	step := 17
	if testing.Short() {
		step = 211
	}
	const n = 4
	for room := 0; room < n*500; room += step {
		l, path, release, told := held(t, n, func(i int) Entry { return numbered(fmt.Sprintf("c-%d", i)) })
		whole := limit(t, len(read(t, path))+room)
		release()
		there := 0
		for i, said := range told {
			err := <-said
			if err == nil {
				there++
			} else if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "free some space") {
				t.Fatalf("room for %d bytes, entry %d: %v", room, i, err)
			}
		}
		whole()
		if there != 0 && there != n {
			t.Fatalf("room for %d bytes: %d of %d are said to be there", room, there, n)
		}
		if p := verify(t, path).Problem; p != nil {
			t.Fatalf("room for %d bytes: %s", room, p)
		}
		if err := l.Append(ctx, numbered("c-last")); err != nil {
			t.Fatal(err)
		}
		good(t, path)
		got := calls(t, path)
		if last := got[len(got)-1]; last != "c-last" || there == n && len(got) != n+3 {
			t.Fatalf("room for %d bytes: %q", room, got)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// limit bounds the size of files this process may write, until undone.
func limit(t *testing.T, bytes int) (undo func()) {
	t.Helper()
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	set := func(l syscall.Rlimit) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
			t.Fatal(err)
		}
	}
	set(syscall.Rlimit{Cur: uint64(bytes), Max: old.Max})
	return func() { set(old) }
}
