package audit

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"

	"aegis/internal/cputime"
)

// BenchmarkVerify verifies a million entries, beside the SHA-256 of their lines. Rates are
// by processor time, as a machine has it that does nothing else.
func BenchmarkVerify(b *testing.B) {
	const entries, part = 1_000_000, 20_000
	short, long := chainOf(b, part), chainOf(b, entries)
	lines := read(b, short)
	b.Run("sha256 baseline", func(b *testing.B) {
		perSecond(b, part, func() {
			for rest := lines; len(rest) > 0; {
				n := bytes.IndexByte(rest, '\n') + 1
				sha256.Sum256(rest[:n])
				rest = rest[n:]
			}
		})
	})
	b.Run("ours", func(b *testing.B) {
		perSecond(b, entries, func() {
			if r := good(b, long); r.Entries != entries {
				b.Fatalf("%d entries", r.Entries)
			}
		})
		b.ReportMetric(allocated(func() { good(b, short) }), "baseline-allocated-KB")
		b.ReportMetric(allocated(func() { good(b, long) }), "ours-allocated-KB")
	})
}

// perSecond reports how many entries something goes through, by processor time.
func perSecond(b *testing.B, entries int, run func()) {
	begin := cputime.Used()
	for b.Loop() {
		run()
	}
	b.ReportMetric(float64(entries)*float64(b.N)/(cputime.Used()-begin).Seconds(), "entries/cpu-s")
	b.ReportMetric(float64(entries)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

// allocated is how much memory something asks for, kept or not.
func allocated(run func()) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	run()
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / 1024
}

// chainOf writes a log of n entries into one file.
func chainOf(t testing.TB, n int) (path string) {
	path = newPath(t)
	l := openAt(t, path)
	l.maxSize = -1
	appendTo(t, l)
	for left := n - 1; left > 0; {
		some := min(left, 20_000)
		writeChain(t, l, some)
		left -= some
	}
	return path
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
	b.Run("in one file", func(b *testing.B) {
		path := chainOf(b, files*each)
		perSecond(b, files*each, func() { good(b, path) })
	})
	b.Run("in ten, compressed", func(b *testing.B) {
		path := newPath(b)
		l := openAt(b, path)
		l.maxSize = -1
		for range files {
			appendTo(b, l)
			writeChain(b, l, each-1)
			if _, err := l.Rotate(ctx, Entry{Session: "by hand"}); err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b, files*each, func() { good(b, path) })
	})
}

// BenchmarkFleet verifies the logs of a thousand machines, and one that is as long as all of them.
func BenchmarkFleet(b *testing.B) {
	const machines, each = 1000, 100
	b.Run("one log", func(b *testing.B) {
		path := chainOf(b, machines*each)
		perSecond(b, machines*each, func() { good(b, path) })
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
		perSecond(b, machines*each, func() {
			all, err := Fleet(ctx, dir, FleetOptions{})
			if err != nil || len(all) != machines {
				b.Fatal(err)
			}
		})
	})
}
