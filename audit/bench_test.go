package audit

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func BenchmarkAppend(b *testing.B) {
	b.Run("write+fsync baseline", func(b *testing.B) {
		line, _, err := appendLine(nil, new(sample()), 1, tick()(), noHash)
		if err != nil {
			b.Fatal(err)
		}
		f, err := os.OpenFile(filepath.Join(b.TempDir(), "plain"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		for b.Loop() {
			if _, err := f.Write(line); err != nil {
				b.Fatal(err)
			}
			if err := f.Sync(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("ours", func(b *testing.B) {
		l := openAt(b, newPath(b))
		for b.Loop() {
			appendTo(b, l)
		}
	})
	b.Run("ours, after 1,000,000 entries", func(b *testing.B) {
		l := openAt(b, newPath(b))
		l.maxSize = -1
		appendTo(b, l)
		for range 50 {
			writeChain(b, l, 20_000)
		}
		for b.Loop() {
			appendTo(b, l)
		}
	})
	b.Run("ours, 32 processes", func(b *testing.B) {
		const processes, each = 32, 60
		path := newPath(b)
		for b.Loop() {
			var all sync.WaitGroup
			for range processes {
				all.Go(func() {
					if out, err := process(b, "append", path, each).CombinedOutput(); err != nil {
						b.Errorf("%v: %s", err, out)
					}
				})
			}
			all.Wait()
		}
		b.ReportMetric(processes*each*float64(b.N)/b.Elapsed().Seconds(), "appends/s")
		good(b, path)
	})
	b.Run("ours, 8 processes", func(b *testing.B) {
		const processes, each = 8, 250
		path := newPath(b)
		for b.Loop() {
			var all sync.WaitGroup
			for range processes {
				all.Go(func() {
					if out, err := process(b, "append", path, each).CombinedOutput(); err != nil {
						b.Errorf("%v: %s", err, out)
					}
				})
			}
			all.Wait()
		}
		b.ReportMetric(processes*each*float64(b.N)/b.Elapsed().Seconds(), "appends/s")
		good(b, path)
	})
}

func BenchmarkVerify(b *testing.B) {
	const entries = 20_000
	path := newPath(b)
	l := openAt(b, path)
	appendTo(b, l)
	writeChain(b, l, entries-1)
	log := read(b, path)
	b.Run("sha256 baseline", func(b *testing.B) {
		for b.Loop() {
			for rest := log; len(rest) > 0; {
				n := bytes.IndexByte(rest, '\n') + 1
				sha256.Sum256(rest[:n])
				rest = rest[n:]
			}
		}
		b.ReportMetric(entries*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	})
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(log)))
		for b.Loop() {
			if r := good(b, path); r.Entries != entries {
				b.Fatalf("%d entries", r.Entries)
			}
		}
		b.ReportMetric(entries*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	})
}

// writeChain appends n entries in one write, as if by n appends.
func writeChain(t testing.TB, l *Log, n int) {
	t.Helper()
	var lines []byte
	before, at := l.before, l.seen
	for range n {
		before = at
		length := len(lines)
		var err error
		if lines, at.hash, err = appendLine(lines, new(sample()), at.seq+1, l.now(), at.hash); err != nil {
			t.Fatal(err)
		}
		at.seq++
		at.size += int64(len(lines) - length)
	}
	l.line = lines
	if err := l.store(before, at); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkRotated verifies a log in several compressed files, and one that is in one.
func BenchmarkRotated(b *testing.B) {
	const files, each = 10, 10_000
	for _, rotated := range []bool{false, true} {
		b.Run(map[bool]string{false: "in one file", true: "in ten, compressed"}[rotated], func(b *testing.B) {
			path := newPath(b)
			l := openAt(b, path)
			l.maxSize = -1
			for range files {
				appendTo(b, l)
				writeChain(b, l, each-1)
				if rotated {
					if _, err := l.Rotate(ctx, Entry{Session: "by hand"}); err != nil {
						b.Fatal(err)
					}
				}
			}
			for b.Loop() {
				if r := good(b, path); r.Entries < files*each {
					b.Fatalf("%d entries", r.Entries)
				}
			}
			b.ReportMetric(files*each*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

// BenchmarkFleet verifies the logs of a thousand machines, and one that is as long as all of them.
func BenchmarkFleet(b *testing.B) {
	const machines, each = 1000, 100
	b.Run("one log", func(b *testing.B) {
		path := newPath(b)
		l := openAt(b, path)
		appendTo(b, l)
		writeChain(b, l, machines*each-1)
		for b.Loop() {
			good(b, path)
		}
		b.ReportMetric(machines*each*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	})
	b.Run("fleet", func(b *testing.B) {
		dir := b.TempDir()
		for i := range machines {
			path := filepath.Join(dir, fmt.Sprint("m", i), "audit.jsonl")
			l := openAt(b, path)
			if err := l.Append(ctx, called(i)); err != nil {
				b.Fatal(err)
			}
			writeChain(b, l, each-1)
			if err := l.Close(); err != nil {
				b.Fatal(err)
			}
		}
		for b.Loop() {
			all, err := Fleet(ctx, dir, FleetOptions{})
			if err != nil || len(all) != machines {
				b.Fatal(err)
			}
		}
		b.ReportMetric(machines*each*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	})
}
