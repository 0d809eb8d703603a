package state

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func open1(t *testing.T, name string) *File {
	t.Helper()
	f, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// What was saved is there when the file is opened again, and nobody else can read it.
func TestWhatIsSavedIsThere(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "state", "state.db")
	f := open1(t, name)
	if saved, err := f.Load("key:ci"); saved != nil || err != nil {
		t.Errorf("%q %v", saved, err)
	}
	for _, text := range []string{"first", "second"} {
		if err := f.Save("key:ci", []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Save("key:ci", nil); err == nil {
		t.Error("a closed file takes something")
	}
	again := open1(t, name)
	if saved, err := again.Load("key:ci"); string(saved) != "second" || err != nil {
		t.Errorf("%q %v", saved, err)
	}
	if saved, err := again.Load("key:other"); saved != nil || err != nil {
		t.Errorf("%q %v", saved, err)
	}
	if info, err := os.Stat(name); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

func TestOneHasTheFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "state.db")
	first := open1(t, name)
	if _, err := Open(name); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), name) {
		t.Errorf("the second: %v", err)
	}
	_ = first.Close()
	open1(t, name)
}

// What can't be used is an error of each Load and Save, and of nothing else, until it can.
func TestAFileThatCantBeUsed(t *testing.T) {
	t.Parallel()
	for what, make := range map[string]func(t *testing.T, name string){
		"a folder":       func(t *testing.T, name string) { _ = os.Mkdir(name, 0o700) },
		"a text":         func(t *testing.T, name string) { _ = os.WriteFile(name, []byte("no state\n"), 0o600) },
		"zeros":          func(t *testing.T, name string) { _ = os.WriteFile(name, bytes.Repeat([]byte{0}, 1<<16), 0o600) },
		"half of itself": func(t *testing.T, name string) { halve(t, name) },
		"others'":        func(t *testing.T, name string) { _ = os.WriteFile(name, nil, 0o600); _ = os.Chmod(name, 0o666) },
		"a link":         func(t *testing.T, name string) { _ = os.Symlink("/dev/null", name) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			if runtime.GOOS == "windows" && (what == "others'" || what == "a link") {
				t.Skip("modes say nothing here")
			}
			name := filepath.Join(t.TempDir(), "state.db")
			make(t, name)
			f := open1(t, name)
			if f.Err() == nil {
				t.Fatal("it can be used")
			}
			if _, err := f.Load("key:ci"); err == nil {
				t.Error("loaded")
			}
			if f.Save("key:ci", []byte("x")) == nil {
				t.Error("saved")
			}
			if err := os.RemoveAll(name); err != nil {
				t.Fatal(err)
			}
			f.tried = time.Time{}
			if err := f.Save("key:ci", []byte("x")); err != nil {
				t.Errorf("when it can be used: %v", err)
			}
		})
	}
}

// halve leaves of a state file what a bad copy does.
func halve(t *testing.T, name string) {
	f, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		if err := f.Save(strings.Repeat("k", i+1), bytes.Repeat([]byte("x"), 500)); err != nil {
			t.Fatal(err)
		}
	}
	_ = f.Close()
	if err := os.Truncate(name, 4096); err != nil {
		t.Fatal(err)
	}
}

// A file is looked at by writing to it, and what was saved stays.
func TestCheck(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "state", "state.db")
	f := open1(t, name)
	if err := f.Save("key:ci", []byte("shown")); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := f.Check(); err != nil {
			t.Error(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if f.Check() == nil {
		t.Error("a closed file can be written")
	}
	again := open1(t, name)
	if saved, err := again.Load("key:ci"); string(saved) != "shown" || err != nil {
		t.Errorf("%q %v", saved, err)
	}
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if open1(t, filepath.Join(blocked, "state.db")).Check() == nil {
		t.Error("a file in no folder can be written")
	}
}

// A file that is taken away, or exchanged, is told of, and nothing more is kept in what
// nobody finds again. Once it is back it is used again.
func TestAFileThatIsTakenAway(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open is not taken away there")
	}
	name := filepath.Join(t.TempDir(), "state.db")
	f := open1(t, name)
	if err := f.Save("key:ci", []byte("first")); err != nil {
		t.Fatal(err)
	}
	aside := name + ".aside"
	if err := os.Rename(name, aside); err != nil {
		t.Fatal(err)
	}
	refused := func(what string) {
		t.Helper()
		_, loaded := f.Load("key:ci")
		if f.Check() == nil || f.Err() == nil || loaded == nil || f.Save("key:ci", []byte("second")) == nil {
			t.Errorf("%s: it is used all the same", what)
		}
	}
	refused("away")
	other, err := Open(name)
	if err != nil {
		t.Fatal(err)
	}
	refused("another's")
	_ = other.Close()
	if err := os.Rename(aside, name); err != nil {
		t.Fatal(err)
	}
	if saved, err := f.Load("key:ci"); string(saved) != "first" || err != nil || f.Check() != nil {
		t.Errorf("back: %q %v", saved, err)
	}
}
