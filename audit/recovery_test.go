package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// scene is a log at rest and what one more append adds to it, from which every
// state that a crash during that append can leave is made.
type scene struct {
	log, head, next []byte
}

// stage sets the scene at a path of its own, with the log ending in tail.
func (s scene) stage(t testing.TB, tail []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "audit.jsonl")
	s.stageAt(t, path, tail)
	return path
}

// stageAt sets the scene at path again. It writes over what is there: thousands
// of new files would keep the disk's journal busy.
func (s scene) stageAt(t testing.TB, path string, tail []byte) {
	t.Helper()
	for side, b := range map[string][]byte{
		"":      append(bytes.Clone(s.log), tail...),
		".head": s.head,
		".key":  []byte(strings.Repeat("ab", keySize) + "\n"),
	} {
		f, err := os.OpenFile(path+side, os.O_WRONLY|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.WriteAt(b, 0)
		if err := errors.Join(err, f.Truncate(int64(len(b))), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// newScene stages log, head and tail, appends once, and returns what that added.
func newScene(t testing.TB, before scene, tail []byte) scene {
	t.Helper()
	path := before.stage(t, tail)
	l := openAt(t, path)
	appendTo(t, l)
	return scene{
		log:  append(bytes.Clone(before.log), tail...),
		head: before.head,
		next: read(t, path)[len(before.log)+len(tail):],
	}
}

func firstScene(t testing.TB) scene {
	t.Helper()
	path := filled(t, 2)
	return newScene(t, scene{log: read(t, path), head: read(t, path+".head")}, nil)
}

// heals checks that a log with such a tail is good, takes an entry, keeps all
// its bytes and is good again.
func (s scene) heals(t testing.TB, path string, tail []byte) {
	t.Helper()
	s.stageAt(t, path, tail)
	left := read(t, path)
	if p := verify(t, path).Problem; p != nil {
		t.Fatalf("after a cut to %d bytes: %s", len(tail), p)
	}
	l := openAt(t, path)
	l.sync = func(*os.File) error { return nil } // what is tested is what a killed process leaves
	if err := l.Append(ctx, sample()); err != nil {
		t.Fatalf("after a cut to %d bytes: %v", len(tail), err)
	}
	if !bytes.HasPrefix(read(t, path), left) {
		t.Fatalf("after a cut to %d bytes: something was removed", len(tail))
	}
	if p := verify(t, path).Problem; p != nil {
		t.Fatalf("recovered from a cut to %d bytes: %s", len(tail), p)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

// An append may be interrupted after any of its bytes.
func TestEveryCutOfAnAppendIsRecoveredFrom(t *testing.T) {
	t.Parallel()
	s, path := firstScene(t), filepath.Join(t.TempDir(), "audit.jsonl")
	for n := range len(s.next) + 1 {
		s.heals(t, path, s.next[:n])
	}
}

// So may the append that recovers from that, and the one after.
func TestEveryCutOfARecoveryIsRecoveredFrom(t *testing.T) {
	t.Parallel()
	first, path := firstScene(t), filepath.Join(t.TempDir(), "audit.jsonl")
	step := 1
	if testing.Short() {
		step = 7
	}
	for _, n := range []int{1, 20, 120, len(first.next) - 82, len(first.next) - 1} {
		second := newScene(t, first, first.next[:n])
		for m := 0; m <= len(second.next); m += step {
			second.heals(t, path, second.next[:m])
		}
		// Twice in a row, at the places where something ends.
		line := bytes.IndexByte(second.next[1:], '\n') + 1
		for _, m := range []int{1, 2, line, line + 1, line + 2, len(second.next) - 1} {
			third := newScene(t, second, second.next[:m])
			for k := 0; k <= len(third.next); k += 40 + step {
				third.heals(t, path, third.next[:k])
			}
		}
	}
}

// What a recovery entry says of a fragment.
func TestRecoveryNamesTheFragment(t *testing.T) {
	t.Parallel()
	s := firstScene(t)
	for _, c := range []struct {
		name, tail string
		reason     string
	}{
		{"the beginning of an entry", string(s.next[:100]), "a write was cut short: the bytes before this entry are no entry"},
		{"an entry without its newline", string(s.next[:len(s.next)-1]), "a write was cut short: the entry before this one lacked its newline"},
		{"zeros, as a power loss leaves them", strings.Repeat("\x00", 300), "a write was cut short: the bytes before this entry are no entry"},
		{"something foreign, never ended", "hello", "a write was cut short: the bytes before this entry are no entry"},
		{"something longer than any line", strings.Repeat("x", 3*readBuffer), "a write was cut short: the bytes before this entry are no entry"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "audit.jsonl")
			s.heals(t, path, []byte(c.tail))
			added := read(t, path)[len(s.log):]
			rest, ok := bytes.CutPrefix(added, []byte(c.tail+"\n"))
			if !ok {
				t.Fatal("the fragment was not kept and ended")
			}
			var entry struct {
				Kind, Reason, Session, Principal string
				FragmentBytes                    int64  `json:"fragment_bytes"`
				FragmentSHA256                   string `json:"fragment_sha256"`
			}
			if err := json.NewDecoder(bytes.NewReader(rest)).Decode(&entry); err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256([]byte(c.tail))
			if entry.Kind != "recovery" || entry.FragmentBytes != int64(len(c.tail)) || entry.FragmentSHA256 != hex.EncodeToString(sum[:]) {
				t.Errorf("recovery entry says %+v", entry)
			}
			if entry.Reason != c.reason || entry.Session != "s1" || entry.Principal != "alice" {
				t.Errorf("recovery entry says %+v", entry)
			}
			if notes := verify(t, path).Notes; len(notes) != 1 || !strings.Contains(notes[0], "is a recovery") {
				t.Errorf("notes: %q", notes)
			}
		})
	}
}

func TestAnUnfinishedEndIsNoted(t *testing.T) {
	t.Parallel()
	s := firstScene(t)
	for _, c := range []struct {
		name string
		tail []byte
		note string
	}{
		{"a whole entry", s.next, "1 entries lie beyond the head"},
		{"an entry without its newline", s.next[:len(s.next)-1], "entry 3 lacks its newline"},
		{"half an entry", s.next[:200], "after entry 2 stand 200 bytes of an entry that was never finished"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if notes := strings.Join(good(t, s.stage(t, c.tail)).Notes, "\n"); !strings.Contains(notes, c.note) {
				t.Errorf("notes: %q, want %q", notes, c.note)
			}
		})
	}
}

// A fragment that was recovered from can't be taken away, even where no head
// would miss it.
func TestARecoveredFragmentIsBound(t *testing.T) {
	t.Parallel()
	s := firstScene(t)
	for _, tail := range [][]byte{s.next[:100], s.next[:len(s.next)-1]} {
		path := filepath.Join(t.TempDir(), "audit.jsonl")
		s.heals(t, path, tail)
		log := read(t, path)
		remove(".head", ".key", ".lock")(t, path)
		without := append(bytes.Clone(s.log), log[len(s.log)+len(tail)+1:]...)
		write(t, path, without)
		if verify(t, path).Problem == nil {
			t.Error("a fragment was removed and nobody noticed")
		}
	}
}

func TestAMissingHead(t *testing.T) {
	t.Parallel()
	gone := map[string]func(testing.TB, string){
		"removed":                  remove(".head"),
		"empty":                    overwrite(".head", ""),
		"zeros after a power loss": overwrite(".head", strings.Repeat("\x00", 90)),
	}
	for name, lose := range gone {
		t.Run(name+": verify fails where the log is kept, and the next append records it", func(t *testing.T) {
			t.Parallel()
			path := filled(t, 3)
			lose(t, path)
			if p := verify(t, path).Problem; p == nil || !strings.Contains(p.Reason, "head, which is missing") {
				t.Errorf("problem: %v", p)
			}
			l := openAt(t, path)
			appendTo(t, l)
			r := good(t, path)
			if r.Entries != 5 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "verified up to entry 3, entries after it may have been cut off") {
				t.Errorf("report: %+v", r)
			}
		})
		t.Run(name+": the whole chain must be good", func(t *testing.T) {
			t.Parallel()
			path := filled(t, 3)
			lose(t, path)
			edit(replaceIn(1, "alice", "mallo"))(t, path)
			l := openAt(t, path)
			if err := l.Append(ctx, sample()); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "has been changed") {
				t.Errorf("Append: %v", err)
			}
		})
	}
	t.Run("of a copy is only noted", func(t *testing.T) {
		t.Parallel()
		path := filled(t, 3)
		remove(".head", ".key", ".lock")(t, path)
		if r := good(t, path); len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "no head beside this copy") {
			t.Errorf("notes: %q", r.Notes)
		}
	})
	for name, lose := range map[string]func(testing.TB, string){
		"with the log":         remove("", ".head"),
		"and the log emptied":  func(t testing.TB, path string) { remove(".head")(t, path); write(t, path, nil) },
		"while a session runs": nil,
	} {
		t.Run(name+": the new log says so", func(t *testing.T) {
			t.Parallel()
			path := filled(t, 3)
			var l *Log
			if lose == nil {
				l = openAt(t, path)
				remove("", ".head")(t, path)
			} else {
				lose(t, path)
				l = openAt(t, path)
			}
			appendTo(t, l)
			if r := good(t, path); r.Entries != 2 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "what was there before, if anything, is gone") {
				t.Errorf("report: %+v", r)
			}
		})
	}
}

// A head that could not be replaced is caught up with.
func TestAHeadThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	l := openAt(t, path)
	appendTo(t, l)
	_ = os.Remove(path + ".head.tmp")
	if err := os.Mkdir(path+".head.tmp", 0o700); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := l.Append(ctx, sample()); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "the head could not be replaced") {
			t.Fatalf("Append: %v", err)
		}
	}
	if r := good(t, path); r.Entries != 4 || len(r.Notes) != 1 {
		t.Errorf("report: %+v", r)
	}
	remove(".head.tmp")(t, path)
	appendTo(t, l)
	if r := good(t, path); r.Entries != 5 || len(r.Notes) != 0 {
		t.Errorf("report: %+v", r)
	}
}

// An entry whose sync failed is not known to be on disk. It stays on the chain.
func TestASyncThatFails(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	l := openAt(t, path)
	appendTo(t, l)
	l.sync = func(*os.File) error { return errors.New("I/O error") }
	if err := l.Append(ctx, sample()); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "could not be synced to disk: I/O error") {
		t.Fatalf("Append: %v", err)
	}
	l.sync = (*os.File).Sync
	appendTo(t, l)
	if r := good(t, path); r.Entries != 3 {
		t.Errorf("report: %+v", r)
	}
}

func TestAWriteThatFails(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	l := openAt(t, path)
	appendTo(t, l)
	writable := l.file
	readOnly, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	l.file = readOnly
	if err := l.Append(ctx, sample()); !errors.Is(err, ErrUnavailable) {
		t.Fatalf("Append: %v", err)
	}
	l.file = writable
	if err := readOnly.Close(); err != nil {
		t.Fatal(err)
	}
	appendTo(t, l)
	if r := good(t, path); r.Entries != 2 {
		t.Errorf("report: %+v", r)
	}
}
