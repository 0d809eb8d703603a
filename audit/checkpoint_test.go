package audit

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// A log makes checkpoints on its own: each so many entries, after so much time, and at a
// session's end. The first makes the key.
func TestCheckpointsOfItsOwn(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	var mu sync.Mutex
	var published []Checkpoint
	var keys []string
	now := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
	open := func() *Log {
		return small(t, path, Options{MaxSize: 5000, Now: func() time.Time { return now }, Checkpoints: CheckpointOptions{
			Every: 5, KeyMade: func(public string) { keys = append(keys, public) },
			Publish: func(_ context.Context, c Checkpoint) error {
				mu.Lock()
				defer mu.Unlock()
				published = append(published, c)
				return nil
			},
		}})
	}
	l := open()
	for range 10 {
		appendTo(t, l)
	}
	if r := good(t, path); r.Checkpoints == 0 || len(r.Notes) != 0 {
		t.Errorf("%+v", r)
	}
	if _, err := l.Checkpoint(ctx, Entry{Session: "by hand"}, false); err != nil {
		t.Fatal(err)
	}
	if len(keys) != 1 || keys[0] != l.files.verifiers {
		t.Fatalf("%q", keys)
	}
	if runtime.GOOS != "windows" {
		if info, err := os.Stat(l.files.signer); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the key: %v %v", info.Mode(), err)
		}
	}
	for range 20 {
		appendTo(t, l)
	}
	now = now.Add(2 * time.Hour)
	appendTo(t, l)
	byTime := good(t, path).Checkpoints
	if err := l.Append(ctx, Entry{Kind: KindSessionEnd, Session: "s1"}); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	r := good(t, path)
	if r.Checkpoints < 5 || r.Checkpoints != byTime+1 || len(r.Notes) != 0 {
		t.Errorf("%d checkpoints, %d before the end; %q", r.Checkpoints, byTime, r.Notes)
	}
	if len(published) != r.Checkpoints {
		t.Errorf("%d were published of %d", len(published), r.Checkpoints)
	}
	// All of them hold, by the key beside the log, however the file was written.
	var file strings.Builder
	for _, c := range published {
		file.WriteString(c.Note)
	}
	keys, err := KnownKeys(path)
	if err != nil || len(keys) != 1 {
		t.Fatalf("%q %v", keys, err)
	}
	for _, text := range []string{file.String(), strings.ReplaceAll(file.String(), "\n", "\r\n"), "\n" + file.String() + "\n\n"} {
		read, err := ParseCheckpoints(text, "notes", keys)
		if err != nil || len(read) != len(published) {
			t.Fatalf("%d %v", len(read), err)
		}
		if r, err := VerifyAgainst(ctx, path, read); err != nil || r.Problem != nil {
			t.Errorf("%v %v", r.Problem, err)
		}
		independently(t, path, file.String(), true)
	}
}

// A short log whose checkpoints go nowhere has no key, and none is made for its sessions'
// ends. A long one has one, by whomever it was written.
func TestTheFirstKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	end := Entry{Kind: KindSessionEnd, Session: "s1"}
	path := newPath(t)
	session := func(publish func(context.Context, Checkpoint) error) Report {
		l := small(t, path, Options{MaxSize: -1, Checkpoints: CheckpointOptions{Every: 8, Publish: publish}})
		appendTo(t, l)
		appendTo(t, l)
		if err := errors.Join(l.Append(ctx, end), l.Close()); err != nil {
			t.Fatal(err)
		}
		return good(t, path)
	}
	for i, want := range []int{0, 0, 2, 3} { // the third has the eighth entry, and its end is signed, too
		if r := session(nil); r.Checkpoints != want {
			t.Errorf("session %d: %+v", i+1, r)
		}
	}
	path = newPath(t)
	if r := session(func(context.Context, Checkpoint) error { return nil }); r.Checkpoints != 1 {
		t.Errorf("if they go elsewhere: %+v", r)
	}
}

func TestANewKey(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	told := ""
	l := small(t, path, Options{MaxSize: -1, Checkpoints: CheckpointOptions{KeyMade: func(public string) { told = public }}})
	if _, err := l.Checkpoint(ctx, Entry{Session: "by hand"}, false); err == nil {
		t.Error("of nothing a checkpoint was made")
	}
	appendTo(t, l)
	var notes strings.Builder
	for _, renew := range []bool{false, false, true, false} {
		told = ""
		made, err := l.Checkpoint(ctx, Entry{Session: "by hand"}, renew)
		if err != nil || (told != "") != (renew || notes.Len() == 0) {
			t.Fatalf("%q %v", told, err)
		}
		notes.WriteString(made.Note)
	}
	keys, err := KnownKeys(path)
	if err != nil || len(keys) != 2 {
		t.Fatalf("%q %v", keys, err)
	}
	if read, err := ParseCheckpoints(notes.String(), "notes", keys); err != nil || len(read) != 4 || !read[0].Signed {
		t.Errorf("%v %v", read, err)
	}
	if r := good(t, path); r.Checkpoints != 4 || len(r.Notes) != 0 {
		t.Errorf("%+v", r)
	}
	// A checkpoint that is signed by none of its keys is noted, and one that is forged found.
	write(t, path+".checkpoint.pub", []byte(keys[1]+"\n"))
	if r := good(t, path); len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "2 of 4 checkpoints") {
		t.Errorf("%q", r.Notes)
	}
	write(t, path+".checkpoint.key", []byte("no key\n"))
	if _, err := l.Checkpoint(ctx, Entry{Session: "by hand"}, false); err == nil {
		t.Error("by what is no key")
	}
}

// That a checkpoint can't be made, or brought anywhere, stops nothing and is told.
func TestCheckpointsStopNothing(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	var mu sync.Mutex
	var told []string
	opts := Options{MaxSize: -1, Checkpoints: CheckpointOptions{Every: 1, Publish: func(context.Context, Checkpoint) error { return errors.New("no way there") }}, Logger: func(err error) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, err.Error())
	}}
	l := small(t, path, opts)
	appendTo(t, l)
	if _, err := l.Checkpoint(ctx, Entry{Session: "by hand"}, false); err != nil {
		t.Fatal(err)
	}
	appendTo(t, l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, path+".checkpoint.key", []byte("no key\n"))
	l = small(t, path, opts)
	appendTo(t, l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	good(t, path)
	if said := strings.Join(told, "\n"); !strings.Contains(said, "no way there") || !strings.Contains(said, "checkpoints can't be made") {
		t.Errorf("%q", said)
	}
}

// What an attacker who has not the key puts into the log as a checkpoint is found.
func TestForgedCheckpointsInTheLog(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(string) string{
		"of another entry": func(line string) string { return strings.Replace(line, `\u000a1\u000a`, `\u000a2\u000a`, 1) },
		"signed by nobody": func(line string) string {
			at := strings.LastIndex(line[:strings.Index(line, prevMember)], `\u000a`)
			return line[:at-8] + "AAAA" + line[at-4:]
		},
		"no checkpoint at all": func(line string) string { return strings.Replace(line, `"checkpoint":"`, `"checkpoint":"x`, 1) },
	} {
		path := newPath(t)
		l := small(t, path, Options{MaxSize: -1})
		appendTo(t, l)
		if _, err := l.Checkpoint(ctx, Entry{Session: "by hand"}, false); err != nil {
			t.Fatal(err)
		}
		before := read(t, path)
		forge(func(lines []string) []string {
			lines[1] = change(lines[1])
			return lines
		})(t, path)
		if bytes.Equal(before, read(t, path)) {
			t.Errorf("%s: nothing was changed", name)
		}
		if p := verify(t, path).Problem; p == nil || !strings.Contains(p.Reason, "is a checkpoint") {
			t.Errorf("%s: %v", name, p)
		}
	}
}

// Any text is read as checkpoints or refused, and what is read is what was written.
func FuzzParseCheckpoints(f *testing.F) {
	path := filepath.Join(f.TempDir(), "audit.jsonl")
	l := openAt(f, path)
	appendTo(f, l)
	made, err := l.Checkpoint(ctx, Entry{Session: "by hand"}, false)
	if err != nil {
		f.Fatal(err)
	}
	keys, err := KnownKeys(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(made.Note)
	f.Add(made.Note + made.Note)
	f.Add(made.Note + "\n" + made.Note[:50])
	f.Add("a\n1\n\n— a b\n")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := ParseCheckpoints(text, "fuzz", nil)
		if err != nil {
			return
		}
		for _, c := range all {
			if again, err := parseCheckpoint(c.Note); err != nil || again.Seq != c.Seq || again.Hash != c.Hash || c.Signed {
				t.Errorf("%+v %v", again, err)
			}
		}
		signed, err := ParseCheckpoints(text, "fuzz", keys)
		for _, c := range signed {
			if err == nil && (c.Seq != made.Seq || c.Hash != made.Hash) {
				t.Errorf("signed by nobody: %+v", c)
			}
		}
	})
}
