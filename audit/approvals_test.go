package audit

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func keeper(t testing.TB, opts Options) (l *Log, folder string) {
	t.Helper()
	path := newPath(t)
	opts.KeepApprovals = true
	return small(t, path, opts), path + ".approvals"
}

// What is approved is on disk, byte by byte, for this user alone.
func TestApprovalsAreKept(t *testing.T) {
	t.Parallel()
	l, folder := keeper(t, Options{})
	text := "create_issue wants to be carried out.\n\xff\u202e" + strings.Repeat("x", 12<<10)
	if err := l.KeepApproval("s-1", text); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "s-1.txt")
	if got := read(t, file); string(got) != text {
		t.Errorf("%d bytes of %d", len(got), len(text))
	}
	if runtime.GOOS != "windows" {
		for path, want := range map[string]os.FileMode{folder: 0o700, file: 0o600} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: %v %v", path, info.Mode(), err)
			}
		}
	}
	if all, _ := filepath.Glob(filepath.Join(folder, "*")); len(all) != 1 {
		t.Errorf("%v", all)
	}
	if err := l.KeepApproval("s-1", "something else"); !errors.Is(err, ErrUnavailable) || string(read(t, file)) != text {
		t.Errorf("another text of the same call: %v", err)
	}
	if p := verify(t, l.Path()).Problem; p != nil {
		t.Error(p)
	}
	other := small(t, newPath(t), Options{})
	if err := other.KeepApproval("s-1", text); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(other.files.approvals); err == nil {
		t.Error("kept although nobody wants it")
	}
}

// What can't be kept whole is an error, and nothing of it is left.
func TestApprovalsThatCantBeKept(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		call, text string
		meddle     func(l *Log, folder string) error
	}{
		"too long":       {"s-1", strings.Repeat("x", MaxApproval+1), nil},
		"no call":        {"", "text", nil},
		"a path":         {"../s-1", "text", nil},
		"a folder":       {"s/1", "text", nil},
		"a stream":       {"s:1", "text", nil},
		"no folder":      {"s-1", "text", func(_ *Log, folder string) error { return os.WriteFile(folder, nil, 0o600) }},
		"a disk is full": {"s-1", "text", func(l *Log, _ string) error { l.sync = func(*os.File) error { return os.ErrClosed }; return nil }},
		"no log folder": {"s-1", "text", func(l *Log, _ string) error {
			l.files.approvals = filepath.Join(l.files.folder, "gone", "a")
			return nil
		}},
		"folder is a link": {"s-1", "text", func(_ *Log, folder string) error {
			return os.Symlink(filepath.Dir(folder), folder)
		}},
		"file is a link": {"s-1", "text", func(_ *Log, folder string) error {
			return errors.Join(os.Mkdir(folder, 0o700), os.Symlink(filepath.Join(folder, "elsewhere"), filepath.Join(folder, "s-1.txt")))
		}},
		"others may write": {"s-1", "text", func(_ *Log, folder string) error {
			return errors.Join(os.Mkdir(folder, 0o700), os.Chmod(folder, 0o777))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if runtime.GOOS == "windows" && (strings.Contains(name, "link") || strings.Contains(name, "others")) {
				t.Skip("it is otherwise there")
			}
			l, folder := keeper(t, Options{})
			if c.meddle != nil {
				if err := c.meddle(l, folder); err != nil {
					t.Fatal(err)
				}
			}
			if err := l.KeepApproval(c.call, c.text); !errors.Is(err, ErrUnavailable) {
				t.Errorf("%v", err)
			}
			left, _ := filepath.Glob(filepath.Join(folder, "*.*t"))
			if len(left) > 0 && name != "file is a link" && name != "folder is a link" {
				t.Errorf("left: %v", left)
			}
			if _, err := os.Lstat(filepath.Join(folder, "elsewhere")); err == nil {
				t.Error("written through a link")
			}
		})
	}
}

// The texts go with the entries of their time: none before, and none stays for good.
func TestApprovalsAreDeletedWithTheirEntries(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l, folder := keeper(t, Options{MaxSize: -1, Keep: 10 * 24 * time.Hour, Now: func() time.Time { return now }})
	has := func() (names []string) {
		all, _ := filepath.Glob(filepath.Join(folder, "*"))
		for _, file := range all {
			names = append(names, filepath.Base(file))
		}
		return names
	}
	stranger := ""
	for day := range 30 {
		if err := l.Append(ctx, called(day)); err != nil {
			t.Fatal(err)
		}
		name := called(day).Call
		if err := l.KeepApproval(name, "text"); err != nil {
			t.Fatal(err)
		}
		if stranger == "" {
			stranger = filepath.Join(folder, "notes")
			if err := os.WriteFile(stranger, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, file := range []string{filepath.Join(folder, name+".txt"), stranger} {
			if err := os.Chtimes(file, now, now); err != nil {
				t.Fatal(err)
			}
		}
		now = now.Add(24 * time.Hour)
		if _, err := l.Rotate(ctx, sample()); err != nil {
			t.Fatal(err)
		}
		kept := map[string]bool{}
		for _, call := range callsOf(t, l.Path()) {
			kept[call] = true
		}
		files := map[string]bool{}
		for _, file := range has() {
			files[file] = true
		}
		for d := range day + 1 {
			if file := called(d).Call + ".txt"; kept[called(d).Call] && !files[file] {
				t.Errorf("day %d: %s is gone, and its entry is not", day, file)
			} else if files[file] && !kept[called(d).Call] {
				t.Errorf("day %d: %s is there, and its entry is not", day, file)
			}
		}
	}
	if n := len(has()); n > 20 {
		t.Errorf("%d files", n)
	}
	if _, err := os.Stat(stranger); err != nil {
		t.Error("a file that is no approval's was deleted")
	}
}
