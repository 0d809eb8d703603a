package audit

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// A log is fit for an entry or not, and looking for that leaves nothing in it and beside it.
func TestCheck(t *testing.T) {
	t.Parallel()
	path := filled(t, 2)
	l := openAt(t, path)
	beside := func() (names []string) {
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			names = append(names, entry.Name())
		}
		return names
	}
	before, names := read(t, path), beside()
	for range 3 {
		if err := l.Check(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if after := read(t, path); string(after) != string(before) || !slices.Equal(beside(), names) {
		t.Errorf("the log has changed, or what is beside it: %v", beside())
	}
	appendTo(t, l)

	// Whoever holds the lock is waited for, and not for longer than one wants to.
	held, err := lock(ctx, path+".lock")
	if err != nil {
		t.Fatal(err)
	}
	soon, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	if err := l.Check(soon); !errors.Is(err, ErrUnavailable) {
		t.Errorf("locked: %v", err)
	}
	_ = held.Unlock()

	// What no append would be made to is not fit.
	whole := read(t, path)
	for what, spoilt := range map[string][]byte{"shorter": whole[:len(before)], "another": append(whole[:len(whole)-3:len(whole)-3], "x\"}\n"...), "empty": nil} {
		write(t, path, spoilt)
		if err := l.Check(ctx); !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
	write(t, path, whole)
	if err := l.Check(ctx); err != nil {
		t.Errorf("whole again: %v", err)
	}
	if runtime.GOOS != "windows" { // nothing beside it can be written
		if err := os.Mkdir(path+".room", 0o700); err != nil {
			t.Fatal(err)
		}
		if err := l.Check(ctx); !errors.Is(err, ErrUnavailable) {
			t.Errorf("no room: %v", err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Check(ctx); !errors.Is(err, ErrUnavailable) {
		t.Errorf("closed: %v", err)
	}
}

// Looking is in no append's way, of this process or another's.
func TestCheckWhileOthersAppend(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	l, other := openAt(t, path), openAt(t, path)
	var all sync.WaitGroup
	for _, log := range []*Log{l, other, l} {
		all.Go(func() {
			for range 50 {
				if err := log.Append(ctx, sample()); err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for range 20 {
				if err := log.Check(ctx); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if report, err := Verify(ctx, path); err != nil || report.Problem != nil {
		t.Errorf("%v %v", err, report.Problem)
	}
}
