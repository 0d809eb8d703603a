//go:build unix

package audit

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func mode(t testing.TB, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func chmod(t testing.TB, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func link(t testing.TB, target, name string) {
	t.Helper()
	mkdir(t, filepath.Dir(name))
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
}

func TestFilesAreTheUsersOwn(t *testing.T) {
	t.Parallel()
	path := filled(t, 1)
	sides := []string{"", ".lock", ".head", ".key"}
	if got := mode(t, filepath.Dir(path)); got != 0o700 {
		t.Errorf("the folder is %o", got)
	}
	for _, side := range sides {
		if got := mode(t, path+side); got != 0o600 {
			t.Errorf("LOG%s is %o", side, got)
		}
		chmod(t, path+side, 0o644)
	}
	openAt(t, path)
	for _, side := range sides {
		if got := mode(t, path+side); got != 0o600 {
			t.Errorf("LOG%s stayed %o", side, got)
		}
	}
}

func TestFoldersOthersMayWriteTo(t *testing.T) {
	t.Parallel()
	for mode, refused := range map[fs.FileMode]bool{0o700: false, 0o755: false, 0o775: true, 0o757: true, 0o777 | fs.ModeSticky: true} {
		folder := filepath.Join(t.TempDir(), "state")
		mkdir(t, folder)
		chmod(t, folder, mode)
		l, err := Open(filepath.Join(folder, "audit.jsonl"), Options{})
		if refused && (err == nil || !strings.Contains(err.Error(), "others may write to its folder")) || !refused && err != nil {
			t.Errorf("a folder of mode %v: %v", mode, err)
		}
		if mode&fs.ModeSticky != 0 && err != nil && !strings.Contains(err.Error(), "mount a tmpfs there with mode=0700,uid=") {
			t.Errorf("what to do with a tmpfs? %v", err)
		}
		if l != nil {
			_ = l.Close()
		}
	}
}

// By whatever name the log goes, it has one lock, one head and one key.
func TestALinkedLog(t *testing.T) {
	t.Parallel()
	path := filled(t, 1)
	name := filepath.Join(t.TempDir(), "elsewhere", "log")
	link(t, path, name)
	folder := filepath.Join(t.TempDir(), "folder")
	link(t, filepath.Dir(path), folder)
	for _, by := range []string{name, filepath.Join(folder, "audit.jsonl")} {
		l := openAt(t, by)
		appendTo(t, l)
		if real, _ := filepath.EvalSymlinks(path); l.Path() != real {
			t.Errorf("%s is %s, want %s", by, l.Path(), real)
		}
		if r := good(t, by); len(r.Notes) != 0 {
			t.Errorf("report: %+v", r)
		}
	}
	if r := good(t, path); r.Entries != 3 {
		t.Errorf("report: %+v", r)
	}
}

func TestLinksThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, side, target, want string }{
		{"the log, to nothing", "", "/nonexistent/log", "leads nowhere"},
		{"the log, to a device", "", "/dev/null", ""},
		{"the key", ".key", "/dev/zero", "not a regular file"},
		{"the head", ".head", "/dev/zero", "not a regular file"},
		{"the lock", ".lock", "/dev/zero", "not a regular file"},
	} {
		path := newPath(t)
		link(t, c.target, path+c.side)
		if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// Links that appear while a session runs are not followed either.
func TestLinksThatAppear(t *testing.T) {
	t.Parallel()
	for _, side := range []string{"", ".lock", ".head", ".head.tmp"} {
		path := newPath(t)
		l := openAt(t, path)
		appendTo(t, l)
		appendTo(t, l)
		target := filepath.Join(t.TempDir(), "target")
		if err := os.Rename(path+side, target); err != nil {
			if side == ".head.tmp" { // where heads are not exchanged
				continue
			}
			t.Fatal(err)
		}
		before := read(t, target)
		link(t, target, path+side)
		if err := l.Append(ctx, sample()); err == nil {
			t.Errorf("LOG%s was followed", side)
		}
		if string(read(t, target)) != string(before) {
			t.Errorf("what LOG%s leads to was written to", side)
		}
	}
}

func TestAPipeInPlaceOfTheLog(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	mkdir(t, filepath.Dir(path))
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("Open: %v", err)
	}
}

// Reading what is no file would wait for ever.
func TestAPipeIsNotRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{path, os.DevNull} {
		if _, err := Verify(ctx, at); err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("verify %s: %v", at, err)
		}
		if _, err := Show(ctx, at, Query{}, nil); err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("show %s: %v", at, err)
		}
	}
}
