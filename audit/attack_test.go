package audit

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// scattered is a log in several files, of which all but the newest rotated one are
// compressed, with a checkpoint of its last entry but one.
type scattered struct {
	path       string
	parts      []part
	checkpoint []Checkpoint
	keys       []string
	old        []byte // the newest file as it was when half of it was written
	oldHead    []byte
}

var sessions atomic.Int64

func newScattered(t testing.TB) (s scattered) {
	t.Helper()
	s.path = newPath(t)
	session := fmt.Sprintf("s%d", sessions.Add(1)) // no two are the same
	l := small(t, s.path, Options{MaxSize: -1})
	for i := range 50 {
		e := called(i)
		e.Session = session
		if err := l.Append(ctx, e); err != nil {
			t.Fatal(err)
		}
		if i%12 == 11 {
			if _, err := l.rotateNow(ctx, &Entry{Session: "by hand"}); err != nil {
				t.Fatal(err)
			}
			if i < 40 {
				if err := packAll(ctx, l.files); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	s.old, s.oldHead = read(t, s.path), read(t, s.path+".head")
	made, err := l.Checkpoint(ctx, Entry{Session: "by hand"}, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Append(ctx, called(50)); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	made.Source = "kept"
	s.checkpoint, s.parts = []Checkpoint{made}, archived(t, s.path)
	if s.keys, err = KnownKeys(s.path); err != nil || len(s.keys) != 1 || len(s.parts) != 4 {
		t.Fatalf("%v, %d parts, keys %q", err, len(s.parts), s.keys)
	}
	return s
}

// repack changes what a compressed file holds.
func (s scattered) repack(t testing.TB, i int, change func([]byte) []byte) {
	t.Helper()
	b := unpackedPart(t, s.parts[i])
	s.parts[i].remove()
	compressTo(t, s.parts[i].path+packedSuffix, change(bytes.Clone(b)))
}

// onLines changes the lines of a file.
func onLines(change func([]string) []string) func([]byte) []byte {
	return func(b []byte) []byte {
		lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
		return []byte(strings.Join(change(lines), "\n") + "\n")
	}
}

// rewriteAll changes an early entry and recomputes every hash of every file, and the head.
func (s scattered) rewriteAll(t testing.TB) {
	t.Helper()
	prev := noHash
	again := func(lines []string) []string {
		for i, line := range lines {
			body := strings.Replace(line[:strings.Index(line, prevMember)], "alice", "mallo", 1) + prevMember + string(prev[:]) + `"`
			if strings.Contains(line, `"kind":"checkpoint"`) { // its note would not fit any more
				body = strings.Replace(body[:strings.Index(body, `,"checkpoint":`)], `"kind":"checkpoint"`, `"kind":"policy"`, 1) + prevMember + string(prev[:]) + `"`
			}
			prev = hashOf([]byte(body))
			lines[i] = body + hashMember + string(prev[:]) + `"}`
		}
		return lines
	}
	for i := range s.parts {
		s.repack(t, i, onLines(again))
	}
	write(t, s.path, onLines(again)(read(t, s.path)))
	log := read(t, s.path)
	last := log[bytes.LastIndexByte(log[:len(log)-1], '\n')+1:]
	var l line
	if reason := l.parse(last[:len(last)-1]); reason != "" {
		t.Fatal(reason)
	}
	write(t, s.path+".head", encodeHead(position{l.seq, hexHash(l.hash), int64(len(log))}))
}

// Every attack that docs/security.md lists against the log is found, and where it is not,
// that is what the page says.
func TestAttackTable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		attack  func(t testing.TB, s scattered)
		says    string // "" if the log alone can't show it
		against string // what the checkpoint says, if the log alone says nothing
	}{
		{"nothing", func(testing.TB, scattered) {}, "", ""},
		{"a line is deleted", func(t testing.TB, s scattered) {
			edit(func(l []string) []string { return slices.Delete(l, 1, 2) })(t, s.path)
		}, "what was between them is missing", ""},
		{"lines are swapped", func(t testing.TB, s scattered) {
			edit(func(l []string) []string { l[1], l[2] = l[2], l[1]; return l })(t, s.path)
		}, "stands after entry", ""},
		{"a line is doubled", func(t testing.TB, s scattered) {
			edit(func(l []string) []string { return slices.Insert(l, 1, l[1]) })(t, s.path)
		}, "doubled or moved", ""},
		{"a line is inserted", func(t testing.TB, s scattered) {
			edit(func(l []string) []string { return slices.Insert(l, 1, "{}") })(t, s.path)
		}, "does not begin with a version", ""},
		{"the file is emptied", func(t testing.TB, s scattered) { write(t, s.path, nil) }, "shorter than its head", ""},
		{"the file is deleted", func(t testing.TB, s scattered) { remove("")(t, s.path) }, "is missing", ""},
		{"the head is deleted", func(t testing.TB, s scattered) { remove(".head")(t, s.path) }, "the head, which is missing", ""},
		{"an old head with a longer log", func(t testing.TB, s scattered) { write(t, s.path+".head", s.oldHead) }, "", ""}, // what a crash leaves, too: nothing is lost by it
		{"an old log with its old head", func(t testing.TB, s scattered) {
			write(t, s.path, s.old)
			write(t, s.path+".head", s.oldHead)
		}, "", ""}, // the checkpoint is of that entry
		{"an older log with its head", func(t testing.TB, s scattered) {
			edit(func(l []string) []string { return l[:2] })(t, s.path)
			lines := strings.Split(string(read(t, s.path)), "\n")
			var l line
			if reason := l.parse([]byte(lines[1])); reason != "" {
				t.Fatal(reason)
			}
			write(t, s.path+".head", encodeHead(position{l.seq, hexHash(l.hash), int64(len(read(t, s.path)))}))
		}, "", "the log ends before entry"},
		{"everything is rewritten, and every hash recomputed", func(t testing.TB, s scattered) { s.rewriteAll(t) }, "", "the log was rewritten"},
		{"another log in its place", func(t testing.TB, s scattered) {
			other := newScattered(t)
			write(t, s.path, read(t, other.path))
			write(t, s.path+".head", read(t, other.path+".head"))
		}, "does not follow the last entry", ""},
		{"an entry of another log", func(t testing.TB, s scattered) {
			other := newScattered(t)
			lines := strings.SplitAfter(string(read(t, other.path)), "\n")
			edit(func(l []string) []string { l[2] = strings.TrimSuffix(lines[2], "\n"); return l })(t, s.path)
		}, "does not follow the entry before it", ""},
		{"a crash is faked to hide entries", func(t testing.TB, s scattered) {
			b := read(t, s.path)
			write(t, s.path, b[:len(b)-300])
		}, "shorter than its head", ""},
		{"a crash is faked, with the head taken away", func(t testing.TB, s scattered) {
			b := read(t, s.path)
			write(t, s.path, b[:len(b)-300])
			remove(".head")(t, s.path)
		}, "the head, which is missing", ""},

		{"a rotated file is edited", func(t testing.TB, s scattered) {
			s.repack(t, 1, func(b []byte) []byte { return bytes.Replace(b, []byte("alice"), []byte("mallo"), 1) })
		}, "has been changed", ""},
		{"a rotated file is edited, and its hashes recomputed", func(t testing.TB, s scattered) {
			s.repack(t, 1, onLines(func(l []string) []string { return rechain(l) }))
		}, "does not follow the last entry", ""},
		{"a rotated file is cut", func(t testing.TB, s scattered) {
			s.repack(t, 1, onLines(func(l []string) []string { return l[:len(l)-1] }))
		}, "its end was cut off", ""},
		{"a rotated file is cut in a line", func(t testing.TB, s scattered) {
			s.repack(t, 1, func(b []byte) []byte { return b[:len(b)-100] })
		}, "its end was cut off", ""},
		{"a rotated file is emptied", func(t testing.TB, s scattered) {
			s.repack(t, 1, func(b []byte) []byte { return nil })
		}, "its end was cut off", ""},
		{"what is compressed is cut", func(t testing.TB, s scattered) {
			packed := s.parts[1].path + packedSuffix
			b := read(t, packed)
			write(t, packed, b[:len(b)/2])
		}, "can't be read", ""},
		{"what is compressed is followed by something", func(t testing.TB, s scattered) {
			packed := s.parts[1].path + packedSuffix
			write(t, packed, append(read(t, packed), "more"...))
		}, "can't be read", ""},
		{"the first rotated file is dropped", func(t testing.TB, s scattered) { s.parts[0].remove() }, "no entry says that they were deleted for their age", ""},
		{"all rotated files are dropped", func(t testing.TB, s scattered) {
			for _, p := range s.parts {
				p.remove()
			}
		}, "no entry says that they were deleted for their age", ""},
		{"a rotated file in the middle is dropped", func(t testing.TB, s scattered) { s.parts[1].remove() }, "are missing", ""},
		{"the last rotated file is dropped", func(t testing.TB, s scattered) { s.parts[3].remove() }, "are missing", ""},
		{"two rotated files change names", func(t testing.TB, s scattered) {
			a, b := unpackedPart(t, s.parts[1]), unpackedPart(t, s.parts[2])
			compressTo(t, s.parts[1].path+packedSuffix, b)
			compressTo(t, s.parts[2].path+packedSuffix, a)
		}, "are missing", ""},
		{"a rotated file takes the log's place", func(t testing.TB, s scattered) { write(t, s.path, unpackedPart(t, s.parts[3])) }, "", ""},
		{"a file is decompressed and left as it was", func(t testing.TB, s scattered) {
			b := unpackedPart(t, s.parts[1])
			s.parts[1].remove()
			write(t, s.parts[1].path, b)
		}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newScattered(t)
			good(t, s.path)
			c.attack(t, s)
			if c.name == "a rotated file takes the log's place" { // how it is said depends on its length
				c.says = "but what lies before it is"
			}
			report := verify(t, s.path)
			independently(t, s.path, "", report.Problem == nil)
			if c.says != "" {
				if report.Problem == nil || !strings.Contains(report.Problem.String(), c.says) {
					t.Fatalf("verify says %v, want %q", report.Problem, c.says)
				}
				return
			}
			if report.Problem != nil {
				t.Fatalf("verify says %v", report.Problem)
			}
			held, err := VerifyAgainst(ctx, s.path, s.checkpoint)
			if err != nil {
				t.Fatal(err)
			}
			independently(t, s.path, s.checkpoint[0].Note, held.Problem == nil)
			switch {
			case c.against == "" && held.Problem != nil:
				t.Errorf("against the checkpoint: %v", held.Problem)
			case c.against != "" && (held.Problem == nil || !strings.Contains(held.Problem.Reason, c.against)):
				t.Errorf("against the checkpoint: %v, want %q", held.Problem, c.against)
			}
		})
	}
}

// No byte of any file can become another: what a compressed file holds is what counts.
func TestEveryFlippedByteOfAllFiles(t *testing.T) {
	t.Parallel()
	s := newScattered(t)
	step := 1
	if testing.Short() {
		step = 17
	}
	for i, p := range append(s.parts, part{path: s.path}) {
		path, packed := p.path, false
		if _, err := os.Stat(path); err != nil {
			path, packed = path+packedSuffix, true
		}
		whole, content := read(t, path), unpackedPart(t, p)
		for at := i % step; at < len(whole); at += step {
			changed := bytes.Clone(whole)
			changed[at] ^= 1
			write(t, path, changed)
			if verify(t, s.path).Problem != nil {
				continue
			}
			if f, err := p.open(); !packed || err != nil { // of gzip's header some bytes mean nothing
				t.Fatalf("byte %d of %s: %v", at, filepath.Base(path), err)
			} else if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(unpackedPart(t, p), content) {
				t.Fatalf("byte %d of %s changed what it holds, and nobody noticed", at, filepath.Base(path))
			}
		}
		write(t, path, whole)
	}
}

// Cut anywhere, the log is shorter than its head.
func TestEveryCutOfTheNewestFile(t *testing.T) {
	t.Parallel()
	s := newScattered(t)
	whole := read(t, s.path)
	for n := len(whole) - 1; n >= 0; n-- {
		write(t, s.path, whole[:n])
		if verify(t, s.path).Problem == nil {
			t.Fatalf("%d of %d bytes are left and nobody noticed", n, len(whole))
		}
	}
}

func TestCheckpointsThatDoNotCount(t *testing.T) {
	t.Parallel()
	s, other := newScattered(t), newScattered(t)
	mine, others := s.checkpoint[0].Note, other.checkpoint[0].Note
	file := filepath.Join(t.TempDir(), "notes")
	for _, c := range []struct{ name, text, says string }{
		{"of another log", others, "not signed by a key that is known"},
		{"changed", strings.Replace(mine, "T0", "T1", 1), "not signed"},
		{"signed by nobody", mine[:strings.Index(mine, "\n\n")+2], "not a checkpoint"},
		{"nothing", "", "no checkpoint"},
		{"something else", "hello\n", "not a checkpoint"},
		{"two, one of them of another", mine + others, "checkpoint 2"},
	} {
		write(t, file, []byte(c.text))
		if _, err := ReadCheckpoints(file, s.keys); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
	}
	// By whoever has no key, another log's is found out by the hash.
	write(t, file, []byte(others))
	read, err := ReadCheckpoints(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := VerifyAgainst(ctx, s.path, read); err != nil || r.Problem == nil || !strings.Contains(r.Problem.Reason, "or the checkpoint is of another") {
		t.Errorf("%v %v", r.Problem, err)
	}
	// An older one still holds, and says how far it reaches.
	r, err := VerifyAgainst(ctx, s.path, s.checkpoint)
	if err != nil || r.Problem != nil || !strings.Contains(fmt.Sprint(r.Notes), "entries after that, of which they don't tell: 2") {
		t.Errorf("%+v %v", r, err)
	}
}
