package audit

import (
	"bytes"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A log that does not hold together is set aside as it lay, and a new one is chained on.
// Sessions that were denied go on.
func TestRestart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(t testing.TB, s scattered)
		whole bool // rotated files are set aside as well
	}{
		{"the newest is cut", func(t testing.TB, s scattered) { edit(func(l []string) []string { return l[:2] })(t, s.path) }, false},
		{"the newest is changed", func(t testing.TB, s scattered) { edit(replaceIn(2, "alice", "mallo"))(t, s.path) }, false},
		{"the newest is emptied", func(t testing.TB, s scattered) { write(t, s.path, nil) }, false},
		{"the newest is gone", func(t testing.TB, s scattered) { remove("")(t, s.path) }, false},
		{"the head is none", func(t testing.TB, s scattered) { write(t, s.path+".head", []byte("{}")) }, false},
		{"a rotated one is changed", func(t testing.TB, s scattered) {
			s.repack(t, 1, func(b []byte) []byte { return bytes.Replace(b, []byte("alice"), []byte("mallo"), 1) })
		}, true},
		{"a rotated one is gone", func(t testing.TB, s scattered) { s.parts[1].remove() }, true},
		{"the first is gone", func(t testing.TB, s scattered) { s.parts[0].remove() }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newScattered(t)
			running := small(t, s.path, Options{MaxSize: -1})
			appendTo(t, running)
			c.spoil(t, s)
			if verify(t, s.path).Problem == nil {
				t.Fatal("nothing is wrong with it")
			}
			by := small(t, s.path, Options{MaxSize: -1})
			aside, err := by.Restart(ctx, Entry{Session: "by hand", Principal: "alice"}, "a disk was replaced")
			if err != nil {
				t.Fatal(err)
			}
			r := good(t, s.path)
			if said := strings.Join(r.Notes, "\n"); !strings.Contains(said, "is a restart") || !strings.Contains(said, "a disk was replaced") || strings.Contains(said, "has been changed since") {
				t.Errorf("%q", said)
			}
			if r.Seq <= 50 {
				t.Errorf("it begins anew with entry %d", r.Seq)
			}
			if left := len(archived(t, s.path)) == 0; left != c.whole {
				t.Errorf("rotated files are set aside: %v", left)
			}
			appendTo(t, running)
			appendTo(t, by)
			good(t, s.path)
			if _, err := by.Restart(ctx, Entry{Session: "by hand"}, "again"); !errors.Is(err, ErrHolds) {
				t.Errorf("again: %v", err)
			}
			// A checkpoint of what was set aside holds if that is there, and a restart hides nothing.
			inAside, err := VerifyAgainst(ctx, s.path, s.checkpoint)
			if err != nil {
				t.Fatal(err)
			}
			stillThere := c.whole || !slices.Contains([]string{"the newest is cut", "the newest is emptied", "the newest is gone"}, c.name)
			if stillThere != (inAside.Problem == nil) {
				t.Errorf("against the checkpoint: %v", inAside.Problem)
			}
			independently(t, s.path, s.checkpoint[0].Note, inAside.Problem == nil)
			// What was set aside can still be looked at, and is not changed unnoticed.
			if c.name == "the newest is changed" {
				old := filepath.Join(aside, filepath.Base(s.path))
				if verify(t, old).Problem == nil {
					t.Error("what was set aside is good")
				}
				write(t, old, append(read(t, old), '\n'))
				if said := strings.Join(good(t, s.path).Notes, "\n"); !strings.Contains(said, "has been changed since") {
					t.Errorf("%q", said)
				}
			}
		})
	}
}

// Wherever a restart is interrupted, nothing is appended until it is run again, and then
// all is as if it had not been.
func TestARestartCutShortAnywhere(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(s scattered){
		"the newest is changed": func(s scattered) { edit(replaceIn(2, "alice", "mallo"))(t, s.path) },
		"a rotated one is changed": func(s scattered) {
			s.repack(t, 1, func(b []byte) []byte { return bytes.Replace(b, []byte("alice"), []byte("mallo"), 1) })
		},
	} {
		for nth, cut := 1, true; cut; nth++ {
			s := newScattered(t)
			spoil(s)
			restarting := small(t, s.path, Options{MaxSize: -1})
			cut = cutShort(restarting, nth, func() {
				if _, err := restarting.Restart(ctx, Entry{Session: "by hand"}, "a disk was replaced"); err != nil {
					t.Fatal(err)
				}
			})
			if !cut && nth < 5 {
				t.Errorf("only %d places", nth)
			}
			running := small(t, s.path, Options{MaxSize: -1})
			appended := running.Append(ctx, sample())
			if held := verify(t, s.path).Problem == nil; name == "the newest is changed" && nth > 1 && held != (appended == nil) {
				t.Errorf("%s, place %d: Append says %v, and verify that it holds: %v", name, nth, appended, held)
			}
			by := small(t, s.path, Options{MaxSize: -1})
			if _, err := by.Restart(ctx, Entry{Session: "by hand"}, "a disk was replaced"); err != nil && !errors.Is(err, ErrHolds) {
				t.Fatalf("%s, place %d: %v", name, nth, err)
			}
			appendTo(t, running)
			r := good(t, s.path)
			if said := strings.Join(r.Notes, "\n"); strings.Count(said, "a disk was replaced") != 1 || strings.Contains(said, "set aside has") || strings.Contains(said, "not beside") {
				t.Errorf("%s, place %d: %q", name, nth, said)
			}
			if held, err := VerifyAgainst(ctx, s.path, s.checkpoint); err != nil || held.Problem != nil {
				t.Errorf("%s, place %d, against the checkpoint: %v %v", name, nth, held.Problem, err)
			}
			independently(t, s.path, s.checkpoint[0].Note, true)
		}
	}
}
