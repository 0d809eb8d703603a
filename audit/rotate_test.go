package audit

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"aegis/internal/race"
)

// small is a log that is rotated after a few entries.
func small(t testing.TB, path string, opts Options) *Log {
	t.Helper()
	if opts.Now == nil {
		opts.Now = tick()
	}
	if opts.MaxSize == 0 {
		opts.MaxSize = 2000
	}
	opts.LockTimeout = 30 * time.Second
	l, err := Open(path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// archived lists the rotated files of a log by their numbers.
func archived(t testing.TB, path string) []part {
	t.Helper()
	parts, err := archivesOf(path)
	if err != nil {
		t.Fatal(err)
	}
	return parts
}

// callsOf returns the calls of all files, in their order.
func callsOf(t testing.TB, path string) (all []string) {
	t.Helper()
	reading, err := Show(ctx, path, Query{}, func(s Stored) error {
		if s.Call != "" {
			all = append(all, s.Call)
		}
		return nil
	})
	if err != nil || len(reading.Problems) > 0 {
		t.Fatalf("%v %v", err, reading.Problems)
	}
	return all
}

func called(n int) Entry {
	e := sample()
	e.Call = fmt.Sprintf("c%04d", n)
	return e
}

// rotatedLog writes n entries over several files, and packs what was rotated.
func rotatedLog(t testing.TB, n int) (path string) {
	t.Helper()
	path = newPath(t)
	l := small(t, path, Options{})
	for i := range n {
		if err := l.Append(ctx, called(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := packAll(ctx, filesOf(path)); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRotationContinuesTheChain(t *testing.T) {
	t.Parallel()
	path := rotatedLog(t, 50)
	parts := archived(t, path)
	if len(parts) < 5 {
		t.Fatalf("%d files", len(parts))
	}
	r := good(t, path)
	if r.Files != len(parts)+1 || r.Entries != int64(50+2*len(parts)) || r.Seq != r.Entries || len(r.Notes) != 0 {
		t.Errorf("%+v", r)
	}
	if got := callsOf(t, path); len(got) != 50 || !slices.IsSorted(got) {
		t.Errorf("%q", got)
	}
	for _, p := range parts {
		if _, err := os.Stat(p.path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there beside what it was compressed to: %v", p.name(), err)
		}
	}
	// Each file by itself is a copy of a part.
	for _, p := range parts[1:] {
		if r := good(t, p.path+packedSuffix); r.Problem != nil || !strings.Contains(strings.Join(r.Notes, " "), "continues a chain") {
			t.Errorf("%+v", r)
		}
	}
	// The last few entries lie in several files.
	for limit := range 30 {
		var got []string
		if _, err := Show(ctx, path, Query{Tool: "get_file_contents", Limit: limit + 1}, func(s Stored) error { got = append(got, s.Call); return nil }); err != nil {
			t.Fatal(err)
		}
		if len(got) != limit+1 || got[limit] != "c0049" || !slices.IsSorted(got) {
			t.Errorf("the last %d: %q", limit+1, got)
		}
	}
}

// Sessions that run go on, whoever rotates and however often.
func TestSessionsGoOnThroughRotations(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	a, b := small(t, path, Options{MaxSize: -1}), small(t, path, Options{MaxSize: -1})
	n := 0
	add := func(l *Log) {
		t.Helper()
		if err := l.Append(ctx, called(n)); err != nil {
			t.Fatal(err)
		}
		n++
	}
	for round := range 6 {
		add(a)
		add(b)
		for range round { // b misses none, one, several
			name, err := a.Rotate(ctx, Entry{Session: "by hand"})
			if err != nil || name == "" {
				t.Fatalf("%q %v", name, err)
			}
			add(a)
		}
		add(b)
	}
	if got := callsOf(t, path); len(got) != n {
		t.Errorf("%d of %d: %q", len(got), n, got)
	}
	good(t, path)
}

func TestNothingToRotate(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	l := small(t, path, Options{})
	for range 2 {
		if name, err := l.Rotate(ctx, Entry{Session: "by hand"}); name != "" || err != nil {
			t.Errorf("%q %v", name, err)
		}
	}
	appendTo(t, l)
	if name, err := l.Rotate(ctx, Entry{Session: "by hand"}); name == "" || err != nil {
		t.Errorf("%q %v", name, err)
	}
	if name, err := l.Rotate(ctx, Entry{Session: "by hand"}); name != "" || err != nil {
		t.Errorf("%q %v", name, err)
	}
}

func TestKeepAll(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	now := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
	l := small(t, path, Options{Now: func() time.Time { return now }})
	for i := range 30 {
		if err := l.Append(ctx, called(i)); err != nil {
			t.Fatal(err)
		}
		now = now.AddDate(1, 0, 0)
	}
	if r := good(t, path); r.From != 1 || r.Files < 3 {
		t.Errorf("%+v", r)
	}
}

// errCut stands for the end of the process.
var errCut = errors.New("cut")

// cutAt appends entries to a log that ends at the nth place where it may end while it
// rotates, and returns how many were acknowledged, and whether there was such a place.
func cutAt(t testing.TB, path string, nth int) (acknowledged int, cut bool) {
	t.Helper()
	l := small(t, path, Options{Keep: 100 * time.Second}) // of a clock that ticks by seconds
	cut = cutShort(l, nth, func() {
		for i := range 60 {
			if err := l.Append(ctx, called(i)); err != nil {
				t.Fatal(err)
			}
			acknowledged++
		}
	})
	return acknowledged, cut
}

// cutShort runs what ends at the nth place where a process may end, and reports whether
// there was such a place.
func cutShort(l *Log, nth int, run func()) (cut bool) {
	l.interrupted = func() {
		if nth--; nth == 0 {
			panic(errCut)
		}
	}
	defer func() {
		if r := recover(); r != nil && r != any(errCut) {
			panic(r)
		} else if r != nil {
			cut = true
		}
	}()
	run()
	return false
}

// Wherever a rotation is interrupted, nothing is lost, and the log goes on by itself.
func TestARotationCutShortAnywhere(t *testing.T) {
	t.Parallel()
	for nth := 1; ; nth++ {
		path := newPath(t)
		acknowledged, cut := cutAt(t, path, nth)
		if !cut {
			if nth < 20 {
				t.Errorf("only %d places", nth)
			}
			return
		}
		good(t, path)
		if nth%5 == 1 || !race.On {
			independently(t, path, "", true)
		}
		l := small(t, path, Options{Keep: 100 * time.Second})
		for i := range 20 {
			if err := l.Append(ctx, called(1000+i)); err != nil {
				t.Fatalf("place %d: %v", nth, err)
			}
		}
		good(t, path)
		got := callsOf(t, path)
		if !slices.Contains(got, fmt.Sprintf("c%04d", acknowledged-1)) || got[len(got)-1] != "c1019" {
			t.Errorf("place %d: entry %d, which was acknowledged, is not there: %q", nth, acknowledged-1, got)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Something else rotates the log: it is put back, or whoever has to is told how.
func TestOthersWhoRotate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		rotate func(t testing.TB, path string)
		byHand bool // needs `aegis audit rotate`
	}{
		{"renamed", func(t testing.TB, path string) { rename(t, path, path+".1") }, false},
		{"renamed by date", func(t testing.TB, path string) { rename(t, path, path+"-20310203") }, false},
		{"renamed, and created anew", func(t testing.TB, path string) {
			rename(t, path, path+".1")
			write(t, path, nil)
		}, false},
		{"copied and truncated", func(t testing.TB, path string) {
			write(t, path+".1", read(t, path))
			if err := os.Truncate(path, 0); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"renamed and compressed", func(t testing.TB, path string) {
			compressTo(t, path+".1.gz", read(t, path))
			remove("")(t, path)
		}, true},
		{"copied, compressed and truncated", func(t testing.TB, path string) {
			compressTo(t, path+".1.gz", read(t, path))
			if err := os.Truncate(path, 0); err != nil {
				t.Fatal(err)
			}
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := newPath(t)
			var told []string
			l := small(t, path, Options{MaxSize: -1, Logger: func(err error) { told = append(told, err.Error()) }})
			other := small(t, path, Options{MaxSize: -1})
			for i := range 5 {
				if err := l.Append(ctx, called(i)); err != nil {
					t.Fatal(err)
				}
			}
			c.rotate(t, path)
			if c.byHand {
				if err := l.Append(ctx, called(5)); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "`aegis audit rotate`") {
					t.Fatalf("Append: %v", err)
				}
				if name, err := other.Rotate(ctx, Entry{Session: "by hand"}); err != nil || name == "" {
					t.Fatalf("Rotate: %q %v", name, err)
				}
			} else if r := verify(t, path); r.Problem != nil || r.Entries != 5 {
				t.Errorf("before it is put back: %+v", r)
			} else {
				independently(t, path, "", true)
			}
			if err := l.Append(ctx, called(6)); err != nil {
				t.Fatal(err)
			}
			if said := strings.Join(told, "\n"); !c.byHand && !strings.Contains(said, "run `aegis audit rotate` instead") {
				t.Errorf("told %q", said)
			}
			if name, err := other.Rotate(ctx, Entry{Session: "by hand"}); err != nil || name == "" {
				t.Fatalf("Rotate: %q %v", name, err)
			}
			if err := l.Append(ctx, called(7)); err != nil {
				t.Fatal(err)
			}
			good(t, path)
			independently(t, path, "", true)
			if got := strings.Join(callsOf(t, path), " "); got != "c0000 c0001 c0002 c0003 c0004 c0006 c0007" {
				t.Errorf("%s", got)
			}
		})
	}
}

// A file that can't be renamed is gone on with.
func TestARotationThatCantBeDone(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	var told []error
	l := small(t, path, Options{Logger: func(err error) { told = append(told, err) }})
	for i := range 5 {
		if err := l.Append(ctx, called(i)); err != nil {
			t.Fatal(err)
		}
	}
	at := l.seen.seq
	for n := range int64(40) { // whatever it would be called is there
		mkdir(t, filepath.Join(filepath.Dir(path), archiveName(path, at+n)))
	}
	for i := range 10 {
		if err := l.Append(ctx, called(5+i)); err != nil {
			t.Fatal(err)
		}
	}
	good(t, path)
	if len(told) == 0 || !errors.Is(told[0], errNotRotated) {
		t.Errorf("told %v", told)
	}
}

func rename(t testing.TB, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func compressTo(t testing.TB, path string, b []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	w := gzip.NewWriter(f)
	_, err = w.Write(b)
	if err := errors.Join(err, w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// unpackedPart returns what a rotated file holds.
func unpackedPart(t testing.TB, p part) []byte {
	t.Helper()
	f, err := p.open()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
