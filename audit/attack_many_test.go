package audit

import (
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"aegis/internal/race"
)

// An archive that unpacks to very much is read as a stream, to its end, and is found out.
func TestAnArchiveThatUnpacksToVeryMuch(t *testing.T) {
	s := newScattered(t) // not parallel: it counts what is allocated
	f, err := os.Create(s.parts[1].path + packedSuffix)
	if err != nil {
		t.Fatal(err)
	}
	w, zeros := gzip.NewWriter(f), make([]byte, 1<<20)
	megabytes := 256
	if race.On {
		megabytes = 64
	}
	for range megabytes {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if verify(t, s.path).Problem == nil {
		t.Error("nothing is wrong with it")
	}
	if _, err := s.parts[1].beginning(); err != nil {
		t.Error(err)
	}
	runtime.ReadMemStats(&after)
	if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 32 {
		t.Errorf("%d MiB were allocated", n)
	}
	independently(t, s.path, "", false)
}

// What takes the place of a log that was moved away and compressed fills no disk.
func TestWhatIsPutBackIsBounded(t *testing.T) {
	t.Parallel()
	path := filled(t, 3)
	f, err := os.Create(path + ".1.gz")
	if err != nil {
		t.Fatal(err)
	}
	w, zeros := gzip.NewWriter(f), make([]byte, 1<<20)
	for range beyondHead>>20 + 2 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), f.Close(), os.Remove(path)); err != nil {
		t.Fatal(err)
	}
	l := small(t, path, Options{})
	if _, err := l.Rotate(ctx, Entry{Session: "by hand"}); err == nil || !strings.Contains(err.Error(), "more than the log can have had") {
		t.Errorf("%v", err)
	}
	if _, err := os.Lstat(path + ".unpacked"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// manyFiles makes a log in n rotated files, an hour each, and the newest.
func manyFiles(t *testing.T, n int) (path string, now time.Time) {
	t.Helper()
	path = newPath(t)
	mkdir(t, filepath.Dir(path))
	now = time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
	at, name := start, ""
	var b []byte
	add := func(e Entry) {
		var err error
		if b, at.hash, err = appendLine(b, &e, at.seq+1, now, at.hash); err != nil {
			t.Fatal(err)
		}
		at.seq++
	}
	for range n {
		b = nil
		if name != "" {
			add(Entry{Kind: KindRotate, Session: "x", continues: name})
		}
		add(sample())
		name = archiveName(path, at.seq+1)
		add(Entry{Kind: KindRotate, Session: "x", archived: name})
		compressTo(t, filepath.Join(filepath.Dir(path), name+packedSuffix), b)
		now = now.Add(time.Hour)
	}
	b = nil
	add(Entry{Kind: KindRotate, Session: "x", continues: name})
	add(sample())
	at.size = int64(len(b))
	write(t, path, b)
	write(t, path+".head", encodeHead(at))
	return path, now
}

// However many files were rotated away, an append does not look at them, and a rotation
// keeps others waiting for less than they wait for the lock.
func TestVeryManyRotatedFiles(t *testing.T) {
	t.Parallel()
	n := 10_000
	if testing.Short() {
		n = 500
	}
	path, now := manyFiles(t, n)
	good(t, path)
	l := small(t, path, Options{MaxSize: -1, Keep: time.Duration(n/2) * time.Hour, Now: func() time.Time { return now }})
	begin := time.Now()
	for range 20 {
		appendTo(t, l)
	}
	appended := time.Since(begin) / 20
	begin = time.Now()
	if _, err := l.rotateNow(ctx, &Entry{Session: "by hand"}); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files: an append %s, a rotation that deletes %d of them %s", n, appended, maxExpired, time.Since(begin))
	r := good(t, path)
	if left := len(archived(t, path)); left != n+1-maxExpired || r.From == 1 {
		t.Errorf("%d files are left, from entry %d on", left, r.From)
	}
}
