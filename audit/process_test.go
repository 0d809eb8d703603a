package audit

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The test binary, run again with roleVariable set, is another process that
// uses the log named by its argument.
const roleVariable = "AUDIT_TEST_ROLE"

var roles = map[string]func(l *Log, count int) error{
	"append": func(l *Log, count int) error {
		for range count {
			if err := l.Append(ctx, sample()); err != nil {
				return err
			}
		}
		return nil
	},
	"append, say so, and rotate": func(l *Log, count int) error {
		l.maxSize = 100_000 // some 200 entries
		for i := range count {
			e := sample()
			e.Call = fmt.Sprintf("%d-%d", os.Getpid(), i)
			if err := l.Append(ctx, e); err != nil {
				return err
			}
			fmt.Println(e.Call)
		}
		return nil
	},
	"hold the lock": func(l *Log, _ int) error {
		lock, err := lock(ctx, l.files.lock)
		if err != nil {
			return err
		}
		defer lock.Unlock()
		fmt.Println("held")
		time.Sleep(time.Minute) // until killed
		return nil
	},
	"print an hmac": func(l *Log, _ int) error {
		_, err := fmt.Print(l.ArgsHMAC([]byte("{}")))
		return err
	},
}

func TestMain(m *testing.M) {
	role, ok := roles[os.Getenv(roleVariable)]
	if !ok {
		os.Exit(m.Run())
	}
	count, err := strconv.Atoi(os.Args[2])
	if err == nil {
		var l *Log
		if l, err = Open(os.Args[1], Options{LockTimeout: 30 * time.Second}); err == nil {
			err = role(l, count)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// process is another process in a role, not yet started. It ends with the test.
func process(t testing.TB, role, path string, count int) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0], path, strconv.Itoa(count))
	c.Env = append(os.Environ(), roleVariable+"="+role)
	return c
}

func TestEightProcessesWriteOneChain(t *testing.T) {
	t.Parallel()
	const processes = 8
	each := 200
	if testing.Short() {
		each = 40
	}
	path := newPath(t)
	var all sync.WaitGroup
	for range processes {
		all.Go(func() {
			if out, err := process(t, "append", path, each).CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		all.Wait()
	}()
	for verified := false; !verified; { // all the while the log is good
		select {
		case <-done:
			verified = true
		default:
			if r, err := Verify(ctx, path); err == nil && r.Problem != nil {
				t.Fatal(r.Problem)
			}
		}
	}
	if r := good(t, path); r.Entries-int64(r.Checkpoints) != int64(processes*each) || len(r.Notes) != 0 {
		t.Errorf("report: %+v", r)
	}
}

func TestManyLogsAndGoroutinesWriteOneChain(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	var all sync.WaitGroup
	for range 4 {
		l := openAt(t, path)
		l.lockTimeout, l.now = 30*time.Second, time.Now
		for range 4 {
			all.Go(func() {
				for range 5 {
					if err := l.Append(ctx, sample()); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
	if r := good(t, path); r.Entries != 80 || len(r.Notes) != 0 {
		t.Errorf("report: %+v", r)
	}
}

// Wherever a process is killed while it appends, the log is good and goes on.
func TestKilledWhileAppending(t *testing.T) {
	t.Parallel()
	kills := 200
	if testing.Short() {
		kills = 30
	}
	path := newPath(t)
	l := openAt(t, path)
	l.now = time.Now
	appendTo(t, l)
	entries := int64(1)
	for range kills {
		child := process(t, "append", path, 1<<30)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		grown := time.Now().Add(20 * time.Second)
		for size(t, path) == l.seen.size && time.Now().Before(grown) {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(rand.N(8 * time.Millisecond))
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // killed
		r := good(t, path)
		if r.Entries <= entries {
			t.Fatalf("%d entries, after %d before", r.Entries, entries)
		}
		appendTo(t, l)
		if entries = good(t, path).Entries; entries <= r.Entries {
			t.Fatalf("%d entries, after %d before", entries, r.Entries)
		}
	}
}

func size(t testing.TB, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// holdLock makes another process hold the lock until the test ends or release
// is called.
func holdLock(t testing.TB, path string) (release func()) {
	t.Helper()
	holder := process(t, "hold the lock", path, 0)
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	release = func() {
		once.Do(func() {
			_ = holder.Process.Kill()
			_ = holder.Wait()
		})
	}
	t.Cleanup(release)
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return release
}

func TestALockHeldByAnotherProcess(t *testing.T) {
	t.Parallel()
	path := filled(t, 1)
	release := holdLock(t, path)

	l, err := Open(path, Options{LockTimeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatalf("a locked log opens, and Append refuses; got %v", err)
	}
	defer l.Close()
	err = l.Append(ctx, sample())
	if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "audit.jsonl.lock was held by somebody else for 50ms") {
		t.Errorf("Append: %v", err)
	}

	cancelled, cancel := contextFor(time.Millisecond)
	defer cancel()
	l.lockTimeout = time.Minute
	if err := l.Append(cancelled, sample()); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "the call ended") {
		t.Errorf("Append: %v", err)
	}

	release()
	l.lockTimeout = 30 * time.Second
	appendTo(t, l)
	if r := good(t, path); r.Entries != 2 {
		t.Errorf("report: %+v", r)
	}
}

// Even the first start of all does not fail for a lock.
func TestALockHeldBeforeTheLogExists(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	release := holdLock(t, path)
	remove("", ".head", ".key")(t, path)
	l, err := Open(path, Options{LockTimeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Append(ctx, sample()); !errors.Is(err, ErrUnavailable) {
		t.Errorf("Append: %v", err)
	}
	release()
	l.lockTimeout = 30 * time.Second
	appendTo(t, l)
	good(t, path)
}

func TestALockFileRemovedWhileHeld(t *testing.T) {
	t.Parallel()
	path := filled(t, 1)
	l := openAt(t, path)
	held, err := lock(ctx, path+".lock")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path + ".lock"); err != nil {
		t.Skip("an open file can't be removed here")
	}
	appendTo(t, l) // on a lock of its own, which is the one that counts now
	if err := held.Unlock(); err != nil {
		t.Fatal(err)
	}
	good(t, path)
}

func TestProcessesThatStartAtOnceShareOneKey(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	sums := make([]string, 8)
	var all sync.WaitGroup
	for i := range sums {
		all.Go(func() {
			out, err := process(t, "print an hmac", path, 0).Output()
			if err != nil {
				t.Error(err)
			}
			sums[i] = string(out)
		})
	}
	all.Wait()
	for _, sum := range sums {
		if len(sum) != 64 || sum != sums[0] {
			t.Fatalf("processes have different keys: %q", sums)
		}
	}
}

// Many that append at once on a slow disk wait for each other: nobody holds the lock.
func TestManyAppendsOnASlowDisk(t *testing.T) {
	t.Parallel()
	l, err := Open(filepath.Join(t.TempDir(), "audit.jsonl"), Options{LockTimeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	l.sync = func(f *os.File) error {
		time.Sleep(100 * time.Millisecond)
		return f.Sync()
	}
	var all sync.WaitGroup
	for range 30 { // three times as long as the lock is waited for
		all.Go(func() {
			if err := l.Append(ctx, sample()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
