package audit

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A power cut right after a rotation may leave either file that heads are written to as it
// was synced last. Whichever it is, the log goes on.
func TestAPowerCutAfterARotation(t *testing.T) {
	t.Parallel()
	for _, more := range []int{1, 2, 3} {
		path := newPath(t)
		l := small(t, path, Options{MaxSize: -1})
		for i := range 5 {
			if err := l.Append(ctx, called(i)); err != nil {
				t.Fatal(err)
			}
		}
		var synced []string
		l.interrupted = func() { // what both hold once the log has its new file
			synced = nil
			for _, side := range []string{".head", ".head.tmp"} {
				if b, err := os.ReadFile(path + side); err == nil {
					synced = append(synced, string(b))
				}
			}
			if len(archived(t, path)) == 1 && !isGone(path) {
				l.interrupted = nil
			}
		}
		if _, err := l.rotateNow(ctx, &Entry{Session: "by hand"}); err != nil {
			t.Fatal(err)
		}
		for i := range more {
			if err := l.Append(ctx, called(5+i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		for _, head := range synced {
			write(t, path+".head", []byte(head))
			good(t, path)
			again := small(t, path, Options{MaxSize: -1})
			if err := again.Append(ctx, called(100)); err != nil {
				t.Errorf("with the head %s: %v", head, err)
			}
			if err := again.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A session knows what it has written, whatever was taken away with it.
func TestLogAndHeadTakenAwayUnderASession(t *testing.T) {
	t.Parallel()
	for _, sides := range [][]string{{"", ".head"}, {"", ".head", ".head.tmp"}, {"", ".head", ".lock"}, {"", ".head", ".lock", ".key"}} {
		path := newPath(t)
		l := openAt(t, path)
		appendTo(t, l)
		appendTo(t, l)
		remove(sides...)(t, path)
		for range 2 {
			if err := l.Append(ctx, sample()); !errors.Is(err, ErrUnavailable) {
				t.Errorf("%q: %v", sides, err)
			}
		}
		// A session that begins makes a new log, which says so or begins with its first entry.
		appendTo(t, openAt(t, path))
		if err := l.Append(ctx, sample()); !errors.Is(err, ErrUnavailable) {
			t.Errorf("%q: it goes on in a log that is not its own: %v", sides, err)
		}
	}
}

// Compressing never writes over what is there: a file that somebody put beside an archive
// would be what is left of it.
func TestCompressingReplacesNoArchive(t *testing.T) {
	t.Parallel()
	s := newScattered(t)
	p := s.parts[1]
	was := string(read(t, p.path+packedSuffix))
	write(t, p.path, []byte("something else\n"))
	err := packAll(ctx, filesOf(s.path))
	if err == nil || !strings.Contains(err.Error(), p.name()) {
		t.Errorf("%v", err)
	}
	if got := string(read(t, p.path+packedSuffix)); got != was {
		t.Error("the archive was written over")
	}
	if err := os.Remove(p.path); err != nil {
		t.Fatal(err)
	}
	good(t, s.path)
	// What a crash leaves, the same twice, is tidied up.
	write(t, p.path, unpackedPart(t, p))
	if err := packAll(ctx, filesOf(s.path)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(p.path); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	good(t, s.path)
}

// A file that somebody puts among the rotated ones makes none of them old.
func TestForgedFilesMakeNothingExpire(t *testing.T) {
	t.Parallel()
	old := func(seq int64, continues string) []byte {
		e := Entry{Kind: KindRotate, Session: "x", continues: continues, keptFrom: 0}
		line, _, err := appendLine(nil, &e, seq, time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC), noHash)
		if err != nil {
			t.Fatal(err)
		}
		return line
	}
	for name, forge := range map[string]func(s scattered){
		"one between": func(s scattered) {
			write(t, filepath.Join(filepath.Dir(s.path), archiveName(s.path, s.parts[0].last+1)), old(s.parts[0].last+1, s.parts[0].name()))
		},
		"one at the end": func(s scattered) {
			write(t, filepath.Join(filepath.Dir(s.path), archiveName(s.path, 5000)), old(s.parts[3].last+1, s.parts[3].name()))
		},
		"one in place of another": func(s scattered) {
			write(t, filepath.Join(filepath.Dir(s.path), archiveName(s.path, s.parts[0].last+1)), old(s.parts[0].last+1, s.parts[0].name()))
			rename(t, s.parts[1].path+packedSuffix, filepath.Join(filepath.Dir(s.path), archiveName(s.path, s.parts[1].last+1)+packedSuffix))
		},
		"a first line that was changed": func(s scattered) {
			s.repack(t, 1, func(b []byte) []byte { return []byte(strings.Replace(string(b), `"time":"2031`, `"time":"2001`, 1)) })
		},
	} {
		s := newScattered(t)
		last, err := time.Parse(timeLayout, string(firstTime(t, s.path)))
		if err != nil {
			t.Fatal(err)
		}
		now := last.Add(time.Hour)
		forge(s)
		l := small(t, s.path, Options{MaxSize: -1, Keep: 24 * time.Hour, Now: func() time.Time { return now }})
		if _, err := l.rotateNow(ctx, &Entry{Session: "by hand"}); err != nil {
			t.Fatal(err)
		}
		for _, p := range s.parts {
			if name == "one in place of another" && p == s.parts[1] {
				continue
			}
			if f, err := p.open(); err != nil {
				t.Errorf("%s: %v", name, err)
			} else if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func firstTime(t testing.TB, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := beginningOf(f)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(b.time)
}

// Files that are deleted by a clock that was set ahead: it shows how old they were by that
// clock, and that it was set back.
func TestAClockThatWasSetAhead(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	now := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
	l := small(t, path, Options{MaxSize: -1, Keep: 90 * 24 * time.Hour, Now: func() time.Time { return now }})
	rotate := func(ahead time.Duration) {
		t.Helper()
		now = now.Add(ahead)
		if err := l.Append(ctx, called(1)); err != nil {
			t.Fatal(err)
		}
		if _, err := l.rotateNow(ctx, &Entry{Session: "by hand"}); err != nil {
			t.Fatal(err)
		}
		now = now.Add(-ahead)
	}
	for range 3 {
		rotate(0)
	}
	rotate(2400 * time.Hour)
	rotate(2400 * time.Hour) // once is not enough
	rotate(0)
	said := strings.Join(good(t, path).Notes, "\n")
	for _, want := range []string{"were deleted for their age, which was 2400h0m0s by then", "the clock was set back by 2400h0m0s before entry"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q, want %q", said, want)
		}
	}
}

// Entries that a checkpoint knew a moment ago are not deleted for their age.
func TestACheckpointOfWhatWasDeletedEarly(t *testing.T) {
	t.Parallel()
	for _, days := range []time.Duration{0, 100} { // from the checkpoint to the deletion, by a clock of its own
		path := newPath(t)
		now := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
		l := small(t, path, Options{MaxSize: -1, Keep: 24 * time.Hour, Now: func() time.Time { return now }})
		rotate := func() {
			t.Helper()
			if err := l.Append(ctx, called(1)); err != nil {
				t.Fatal(err)
			}
			if _, err := l.rotateNow(ctx, &Entry{Session: "by hand"}); err != nil {
				t.Fatal(err)
			}
		}
		rotate()
		made, err := l.Checkpoint(ctx, Entry{Session: "by hand"}, false)
		if err != nil {
			t.Fatal(err)
		}
		now = now.Add(48 * time.Hour)
		for range 4 {
			rotate()
			now = now.Add(days * 24 * time.Hour)
		}
		now = now.Add(48 * time.Hour)
		for range 2 {
			rotate()
		}
		if made.Source = "kept"; days == 0 { // whoever deleted had another clock than whoever signed
			made.Time = now.Add(-time.Hour)
		}
		r, err := VerifyAgainst(ctx, path, []Checkpoint{made})
		if err != nil || r.From <= made.Seq {
			t.Fatalf("%+v %v", r, err)
		}
		if early := days == 0; early != (r.Problem != nil) || early && r.Problem.Sort() != Gap {
			t.Errorf("%d days: %v", days, r.Problem)
		}
	}
}
