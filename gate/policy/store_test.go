package policy

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"aegis/internal/operatorfile"
)

const (
	lax    = "version: 1\ntools: {deny: []}            \n"
	strict = "version: 1\ntools: {deny: [get_me]}      \n"
	broken = "version: 1\ntools: {deny: [get_you]}     \n"
)

// file is a policy file in a folder that nobody else may write.
func file(t *testing.T, source string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "etc")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(folder, "policy.yaml")
	write(t, name, source)
	return name
}

func write(t *testing.T, name, source string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestLoadJudgesTheFinalFile(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has other permissions")
	}
	for _, c := range []struct {
		name         string
		file, folder fs.FileMode
		want         string // in the error, or in the only warning
		loads        bool
	}{
		{"private", 0o600, 0o700, "", true},
		{"readable by all", 0o644, 0o755, "", true},
		{"world-writable file", 0o602, 0o700, "the file is world-writable (mode 0602)", false},
		{"world-writable folder", 0o600, 0o703, "etc is world-writable (mode 0703)", false},
		{"sticky folder", 0o600, 0o703 | fs.ModeSticky, "", true},
		{"group-writable file", 0o660, 0o700, "the file is group-writable (mode 0660)", true},
		{"group-writable folder", 0o600, 0o770, "etc is group-writable (mode 0770)", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			name := file(t, lax)
			link := filepath.Join(t.TempDir(), "linked.yaml")
			if err := errors.Join(os.Chmod(name, c.file), os.Chmod(filepath.Dir(name), c.folder), os.Symlink(name, link)); err != nil {
				t.Fatal(err)
			}
			for _, at := range []string{name, link} {
				p, warnings, err := Load(at)
				said := ""
				if err != nil {
					said = err.Error()
				}
				for _, w := range warnings {
					said += w.String()
				}
				if (p != nil) != c.loads || !strings.Contains(said, c.want) || c.want == "" && said != "" || len(warnings) > 1 {
					t.Errorf("loads: %t, says %q", p != nil, said)
				}
				if p != nil && p.name(rule{"tools", 2}).String() != filepath.Base(at)+":2 tools" {
					t.Errorf("rules are named %q", p.name(rule{"tools", 2}))
				}
			}
		})
	}
}

func TestLoadRefusesWhatIsNoFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, name := range []string{folder, filepath.Join(folder, "missing"), os.DevNull} {
		if p, _, err := Load(name); p != nil || err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	name := file(t, "version: 1\nx")
	if _, _, err := Load(name); err == nil || !strings.HasPrefix(err.Error(), "policy.yaml:") {
		t.Errorf("%v", err)
	}
}

// clock is a time that only tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) wait(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// open makes a store whose file was written long ago.
func open(t *testing.T, source string) (*Store, string, *clock) {
	t.Helper()
	name := file(t, source)
	c := &clock{at: time.Now().Add(time.Hour)}
	s := &Store{file: name, now: c.now}
	if _, err := s.first(); err != nil {
		t.Fatal(err)
	}
	return s, name, c
}

func (s *Store) want(t *testing.T, source string, changed, loaded bool) {
	t.Helper()
	p, change := s.Current()
	want, _, err := Parse("policy.yaml", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case p.SHA256() != want.SHA256():
		t.Errorf("another policy is in force")
	case (change != nil) != changed:
		t.Errorf("change is %+v", change)
	case change != nil && (change.Loaded != loaded || (change.Err == nil) != loaded || change.SHA256 != p.SHA256()):
		t.Errorf("change is %+v", change)
	}
}

func TestStoreFollowsItsFile(t *testing.T) {
	t.Parallel()
	s, name, _ := open(t, lax)
	s.want(t, lax, false, false)

	write(t, name, strict)
	s.want(t, strict, true, true)
	s.want(t, strict, false, false)

	write(t, name, broken)
	s.want(t, strict, true, false)
	s.want(t, strict, false, false)
	write(t, name, "version: 2\n")
	s.want(t, strict, true, false)

	write(t, name, strict) // whole again, with what is in force
	s.want(t, strict, true, true)
	s.want(t, strict, false, false)

	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	s.want(t, strict, true, false)
	s.want(t, strict, false, false)
	write(t, name, lax)
	s.want(t, lax, true, true)

	// Touching a file is no change.
	if err := os.Chtimes(name, time.Time{}, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	s.want(t, lax, false, false)

	// Replacing it is.
	write(t, name+".new", strict)
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
	s.want(t, strict, true, true)
}

func TestStoreNoticesForgedStamps(t *testing.T) {
	t.Parallel()
	s, name, c := open(t, lax)
	stamp := time.Now().Add(-time.Hour).Truncate(time.Second)
	set := func() {
		t.Helper()
		if err := os.Chtimes(name, stamp, stamp); err != nil {
			t.Fatal(err)
		}
	}
	set()
	s.want(t, lax, false, false)
	write(t, name, strict) // the same size
	set()
	c.wait(operatorfile.Reread)
	s.want(t, strict, true, true)

	// Right after a change stamps say nothing, so the file is read each time.
	c.mu.Lock()
	c.at = stamp
	c.mu.Unlock()
	s.want(t, strict, false, false)
	write(t, name, lax)
	set()
	s.want(t, lax, true, true)
}

func TestStoreRefusesAFileThatBecomesWritable(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has other permissions")
	}
	s, name, c := open(t, lax)
	if err := os.Chmod(name, 0o606); err != nil {
		t.Fatal(err)
	}
	s.want(t, lax, true, false)
	if err := errors.Join(os.Chmod(name, 0o600), os.Chmod(filepath.Dir(name), 0o707)); err != nil {
		t.Fatal(err)
	}
	s.want(t, lax, true, false)
	if err := os.Chmod(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	c.wait(operatorfile.Reread)
	s.want(t, lax, true, true)
}

func TestStoreWithoutAFile(t *testing.T) {
	t.Parallel()
	s, warnings, err := NewStore("", nil)
	if err != nil || len(warnings) > 0 {
		t.Fatal(warnings, err)
	}
	if p, change := s.Current(); p != Builtin() || change != nil {
		t.Error("the built-in policy is not in force")
	}
	if s, _, err := NewStore(filepath.Join(t.TempDir(), "missing"), nil); s != nil || err == nil {
		t.Error("a store without its file")
	}
	if s, _, err := NewStore(file(t, strict), nil); err != nil {
		t.Error(err)
	} else if p, _ := s.Current(); p.Source() != s.file {
		t.Errorf("source is %s", p.Source())
	}
}

func TestStoreTellsAChangeOnce(t *testing.T) {
	t.Parallel()
	s, name, _ := open(t, lax)
	write(t, name, strict)
	var wg sync.WaitGroup
	changes := make(chan *Change, 64)
	for range 8 {
		wg.Go(func() {
			for range 8 {
				if p, change := s.Current(); change != nil {
					changes <- change
				} else if p == nil {
					t.Error("no policy")
				}
			}
		})
	}
	wg.Wait()
	if len(changes) != 1 {
		t.Errorf("told %d times", len(changes))
	}
}

// Whoever asks whether the file loads takes no change from whoever decides by it.
func TestErrLeavesTheChange(t *testing.T) {
	t.Parallel()
	const first, second = "version: 1\n", "version: 1\ndefaults: {read: deny}\n"
	s, name, c := open(t, first)
	write := func(source string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
		c.wait(time.Hour)
	}
	if err := s.Err(); err != nil {
		t.Error(err)
	}
	for range 2 {
		write("version: 2\n")
		for range 2 {
			if s.Err() == nil {
				t.Error("a file that does not load does")
			}
		}
		s.want(t, first, true, false)
		s.want(t, first, false, false)
		if s.Err() == nil {
			t.Error("it is forgotten")
		}
		write(first)
		if err := s.Err(); err != nil {
			t.Error(err)
		}
		s.want(t, first, true, true)
	}
	write(second)
	if err := s.Err(); err != nil {
		t.Error(err)
	}
	s.want(t, second, true, true)
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	c.wait(time.Hour)
	if s.Err() == nil {
		t.Error("a file that is gone loads")
	}
	s.want(t, second, true, false)
}
