package jobs_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"aegis/internal/jobs"
)

// desk is a folder with a file of jobs, a secret and a credential.
type desk struct {
	t    *testing.T
	dir  string
	mu   sync.Mutex
	told []string
}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, dir: t.TempDir()}
	if err := os.Chmod(d.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d.write("hook.secret", "a secret that is long enough\n")
	d.write("bot.token", "0123456789abcdef0123456789abcdef01234567\n")
	d.write("jobs.yaml", small)
	return d
}

// write replaces a file as a whole, so that each reading sees another one.
func (d *desk) write(name, text string) {
	d.t.Helper()
	text = strings.ReplaceAll(text, "/etc/aegis", filepath.ToSlash(d.dir))
	next := filepath.Join(d.dir, "next")
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
	if err := os.Rename(next, filepath.Join(d.dir, name)); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) open() (*jobs.Store, error) {
	return jobs.Open(filepath.Join(d.dir, "jobs.yaml"), catalog(), func(c jobs.Change) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.told = append(d.told, c.String())
	})
}

func (d *desk) saidLast() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.told) == 0 {
		return ""
	}
	return d.told[len(d.told)-1]
}

// What changes is in force at the next look, as a whole or not at all.
func TestAStoreThatChanges(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s, err := d.open()
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Jobs().Jobs) != 2 || len(s.Secrets()) != 1 || s.Credential(s.Jobs().Jobs[0]) == "" || len(d.told) > 0 {
		t.Errorf("%+v, told %q", s.Jobs(), d.told)
	}
	d.write("jobs.yaml", strings.Replace(small, "  info:", "  more:", 1))
	if s.Jobs().ByName("more") == nil || s.Jobs().ByName("info") != nil || d.saidLast() != "jobs loaded: 2" {
		t.Errorf("%+v, told %q", s.Jobs(), d.told)
	}
	before := s.Jobs()
	d.write("jobs.yaml", strings.Replace(strings.Replace(small, "  stale:", "  other:", 1), "[opened]", "[open]", 1))
	for range 3 {
		if s.Jobs() != before || s.Err() == nil {
			t.Error("half of a wrong file is in force")
		}
	}
	if len(d.told) != 2 || !strings.HasPrefix(d.saidLast(), "jobs in force stay: jobs.yaml:17:") {
		t.Errorf("told %q", d.told)
	}
	if err := os.Remove(filepath.Join(d.dir, "jobs.yaml")); err != nil {
		t.Fatal(err)
	}
	if len(s.Jobs().Jobs) != 0 || len(s.Secrets()) != 0 || !strings.HasPrefix(d.saidLast(), "no job is in force") {
		t.Errorf("without a file: told %q", d.told)
	}
	d.write("jobs.yaml", small)
	if len(s.Jobs().Jobs) != 2 || s.Err() != nil {
		t.Errorf("when it is there again: %v", s.Err())
	}
	if runtime.GOOS != "windows" {
		if err := os.Chmod(filepath.Join(d.dir, "jobs.yaml"), 0o666); err != nil {
			t.Fatal(err)
		}
		if len(s.Jobs().Jobs) != 0 {
			t.Error("a file that everybody can write is in force")
		}
	}
}

// A secret and a credential are read anew as well, and one that can't be read stays.
func TestSecretsThatChange(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	s, err := d.open()
	if err != nil {
		t.Fatal(err)
	}
	job := s.Jobs().Jobs[0]
	d.write("bot.token", "another\n")
	if got := s.Credential(job); got != "another" {
		t.Errorf("%q", got)
	}
	d.write("bot.token", "")
	for range 3 {
		if got := s.Credential(job); got != "another" {
			t.Errorf("%q", got)
		}
	}
	if len(d.told) != 1 || !strings.Contains(d.saidLast(), "job stale") || strings.Contains(d.saidLast(), "another") {
		t.Errorf("told %q", d.told)
	}
	d.write("hook.secret", "short\n")
	if err := receive(s.Secrets(), "acme/app", "short"); err == nil {
		t.Error("a secret that can be guessed signs")
	}
}

// A store does not open on what can't be used.
func TestAStoreThatDoesNotOpen(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		file, text, says string
	}{
		"a wrong file":       {"jobs.yaml", "version: 2\n", "jobs.yaml:1:10"},
		"an empty secret":    {"hook.secret", "", "the secret of a webhook"},
		"a short secret":     {"hook.secret", "short", "openssl rand"},
		"an empty token":     {"bot.token", "", "job stale"},
		"a token of 2 lines": {"bot.token", "a\nb\n", "more than one line"},
	} {
		d := newDesk(t)
		d.write(c.file, c.text)
		if _, err := d.open(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", what, err)
		}
	}
	d := newDesk(t)
	_ = os.Remove(filepath.Join(d.dir, "jobs.yaml"))
	if _, err := d.open(); err == nil {
		t.Error("without a file")
	}
}
