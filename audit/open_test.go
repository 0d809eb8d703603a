package audit

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpenMakesWhatIsMissing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a", "b", "audit.jsonl")
	l := openAt(t, path)
	if r := good(t, path); r.Entries != 0 || r.Head != strings.Repeat("0", 64) || !r.First.IsZero() {
		t.Errorf("report: %+v", r)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(read(t, path+".key"))))
	if err != nil || len(key) != 32 {
		t.Errorf("the key is %d bytes, %v", len(key), err)
	}
	appendTo(t, l)
	if r := good(t, path); r.Entries != 1 || len(r.Notes) != 0 || !r.First.Equal(r.Last) || r.First.IsZero() {
		t.Errorf("report: %+v", r)
	}
}

func TestArgsHMAC(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	one, again, other := openAt(t, path), openAt(t, path), openAt(t, newPath(t))
	sum := one.ArgsHMAC([]byte(`{"owner":"acme"}`))
	if len(sum) != 64 || sum != again.ArgsHMAC([]byte(`{"owner":"acme"}`)) {
		t.Error("equal arguments under one key have different sums")
	}
	if sum == one.ArgsHMAC([]byte(`{"owner":"acne"}`)) || sum == other.ArgsHMAC([]byte(`{"owner":"acme"}`)) {
		t.Error("other arguments, or another key, have the same sum")
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		make func(t *testing.T, path string)
		want string
	}{
		{"a folder in place of the log", func(t *testing.T, path string) { mkdir(t, path) }, "not a regular file"},
		{"a folder in place of the head", func(t *testing.T, path string) { mkdir(t, path+".head") }, "not a regular file"},
		{"a folder in place of the lock", func(t *testing.T, path string) { mkdir(t, path+".lock") }, "not a regular file"},
		{"a file in place of the folder", func(t *testing.T, path string) { write(t, filepath.Dir(path), nil) }, "not a directory"},
		{"a key that is none", func(t *testing.T, path string) {
			mkdir(t, filepath.Dir(path))
			write(t, path+".key", []byte(strings.Repeat("xy", 32)))
		}, "does not hold a key of 64 hex digits"},
		{"a key that is too long", func(t *testing.T, path string) {
			mkdir(t, filepath.Dir(path))
			write(t, path+".key", []byte(strings.Repeat("ab", 33)))
		}, "does not hold a key of 64 hex digits"},
		{"half a key", func(t *testing.T, path string) {
			mkdir(t, filepath.Dir(path))
			write(t, path+".key", []byte("abab"))
		}, "the key is incomplete: remove"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := newPath(t)
			c.make(t, path)
			_, err := Open(path, Options{LockTimeout: 1})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "audit log "+path) {
				t.Errorf("Open: %v, want %q", err, c.want)
			}
		})
	}
	if _, err := Open("", Options{}); err == nil {
		t.Error("an empty path was opened")
	}
}

func mkdir(t testing.TB, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestAppendToAClosedLog(t *testing.T) {
	t.Parallel()
	l := openAt(t, newPath(t))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Append(ctx, sample()); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "it was closed") {
		t.Errorf("Append: %v", err)
	}
}

func TestAppendUnderAnEndedContext(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	l := openAt(t, path)
	ended, cancel := contextFor(0)
	cancel()
	for range 20 {
		if err := l.Append(ended, sample()); !errors.Is(err, ErrUnavailable) {
			t.Fatalf("Append: %v", err)
		}
	}
	if size(t, path) != 0 {
		t.Error("something was written")
	}
}

func TestVerifyOfNothing(t *testing.T) {
	t.Parallel()
	if _, err := Verify(ctx, filepath.Join(t.TempDir(), "audit.jsonl")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Verify: %v", err)
	}
	if _, err := Verify(ctx, t.TempDir()); err == nil {
		t.Error("a folder was verified")
	}
	ended, cancel := contextFor(0)
	cancel()
	if _, err := Verify(ended, filled(t, 1)); err == nil {
		t.Error("verified under an ended context")
	}
}

// Verifying makes and changes nothing: an auditor may only be able to read.
func TestVerifyLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	path := filled(t, 2)
	remove(".lock")(t, path)
	good(t, path)
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".lock") {
			t.Error("verify made a lock")
		}
	}
}
