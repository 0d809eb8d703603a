package audit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// gather copies a log with all that lies beside it, and its checkpoint, as a shipper would.
func gather(t testing.TB, s scattered, folder string) {
	t.Helper()
	mkdir(t, folder)
	names, err := os.ReadDir(filepath.Dir(s.path))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if side := strings.TrimPrefix(name.Name(), filepath.Base(s.path)); side == "" || strings.HasSuffix(side, ".gz") || strings.HasPrefix(side, ".0") || side == ".checkpoint.pub" {
			write(t, filepath.Join(folder, name.Name()), read(t, filepath.Join(filepath.Dir(s.path), name.Name())))
		}
	}
	write(t, filepath.Join(folder, "checkpoints"), []byte(s.checkpoint[0].Note))
}

// Of many machines each is told that is not good, and of what sort that is.
func TestFleet(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	machine := func(name string, change func(log string, s scattered)) scattered {
		s := newScattered(t)
		gather(t, s, at(name))
		if change != nil {
			change(filepath.Join(at(name), filepath.Base(s.path)), s)
		}
		return s
	}
	machine("good", nil)
	cloned := machine("cloned", nil)
	machine("changed", func(log string, _ scattered) { edit(replaceIn(2, "alice", "mallo"))(t, log) })
	machine("back", func(log string, _ scattered) { edit(func(l []string) []string { return l[:2] })(t, log) })
	machine("gap", func(log string, s scattered) {
		if err := os.Remove(filepath.Join(filepath.Dir(log), s.parts[1].name()+packedSuffix)); err != nil {
			t.Fatal(err)
		}
	})
	machine("rewritten", func(log string, s scattered) {
		s.rewriteAll(t)
		if err := os.RemoveAll(filepath.Dir(log)); err != nil {
			t.Fatal(err)
		}
		gather(t, s, filepath.Dir(log))
	})
	machine("anothers", func(log string, s scattered) {
		write(t, filepath.Join(filepath.Dir(log), "checkpoints"), []byte(cloned.checkpoint[0].Note))
	})
	gather(t, cloned, at("zz-copy"))
	mkdir(t, at("empty"))
	all, err := Fleet(ctx, dir, FleetOptions{Hosts: []string{"good", "nowhere"}, Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"good": "ok", "changed": "changed", "back": "rolled back", "gap": "gap", "rewritten": "forked", "anothers": "forked",
		"cloned": "copy", "zz-copy": "copy", "empty": "missing", "nowhere": "missing",
	}
	for _, m := range all {
		if m.Status != want[m.Name] {
			t.Errorf("%s is %s (%s), want %s", m.Name, m.Status, m.Says, want[m.Name])
		}
		delete(want, m.Name)
	}
	if len(want) > 0 {
		t.Errorf("nothing is said of %v", want)
	}
	all, err = Fleet(ctx, dir, FleetOptions{Stale: time.Hour, Now: time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if m.Name == "good" && m.Status != "stale" {
			t.Errorf("good is %s", m.Status)
		}
	}
}
