package audit

import (
	"bytes"
	"fmt"
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
