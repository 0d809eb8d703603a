package audit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// BenchmarkAppend measures an append alone, each in turn with a write and a sync of as many
// bytes: to a log that begins, and to one of a gigabyte and two million entries.
func BenchmarkAppend(b *testing.B) {
	first, late := openAt(b, newPath(b)), openAt(b, longPath(b))
	late.maxSize = -1
	plain := syncedWrites(b)
	parts := []struct {
		name string
		run  func()
		took []time.Duration
	}{
		{name: "baseline", run: plain}, {name: "ours", run: func() { appendTo(b, first) }}, {name: "late", run: func() { appendTo(b, late) }},
	}
	for b.Loop() {
		for range 20 {
			for i := range parts {
				begin := time.Now()
				parts[i].run()
				parts[i].took = append(parts[i].took, time.Since(begin))
			}
		}
	}
	for _, part := range parts {
		reportTimes(b, part.name, part.took)
	}
}

// longPath is a log of a gigabyte, of which the disk has the first line and the last: what
// lies between them is not read by whoever appends.
func longPath(b *testing.B) (path string) {
	path = newPath(b)
	last := position{seq: 2_000_000}
	line, hash, err := appendLine([]byte("\n"), new(sample()), last.seq, tick()(), noHash)
	if err != nil {
		b.Fatal(err)
	}
	last.hash, last.size = hash, 1<<30+int64(len(line))
	mkdir(b, filepath.Dir(path))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.Write(plainLine(b))
	}
	if err == nil {
		_, err = f.WriteAt(line, 1<<30)
	}
	if err := errors.Join(err, f.Close(), writeHead(path+".head", last)); err != nil {
		b.Fatal(err)
	}
	return path
}

// syncedWrites writes a line to a plain file each time, and syncs it.
func syncedWrites(b *testing.B) func() {
	line := plainLine(b)
	f, err := os.OpenFile(filepath.Join(b.TempDir(), "plain"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = f.Close() })
	return func() {
		if err := writeSynced(f, line); err != nil {
			b.Fatal(err)
		}
	}
}

func plainLine(t testing.TB) []byte {
	line, _, err := appendLine(nil, new(sample()), 1, tick()(), noHash)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

func writeSynced(f *os.File, line []byte) error {
	if _, err := f.Write(line); err != nil {
		return err
	}
	return f.Sync()
}

// reportTimes reports the median of times, and what 99 of 100 are within.
func reportTimes(b *testing.B, name string, took []time.Duration) {
	slices.Sort(took)
	micros := func(at int) float64 { return float64(took[at].Nanoseconds()) / 1e3 }
	b.ReportMetric(micros(len(took)/2), name+"-p50-µs")
	b.ReportMetric(micros(len(took)*99/100), name+"-p99-µs")
}

func init() {
	roles["append, and say how long each took"] = func(l *Log, count int) error {
		l.maxSize = -1
		for range count {
			begin := time.Now()
			if err := l.Append(ctx, sample()); err != nil {
				return err
			}
			fmt.Println(time.Since(begin))
		}
		return nil
	}
	// What it takes whoever writes it: a lock that the system hands on, a write, a sync.
	roles["lock, write, sync, and say how long each took"] = func(l *Log, count int) error {
		f, err := os.OpenFile(l.files.log+".plain", os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			return err
		}
		defer f.Close()
		line, _, err := appendLine(nil, new(sample()), 1, time.Now(), noHash)
		if err != nil {
			return err
		}
		lock := flock.New(l.files.log + ".plain.lock")
		for range count {
			begin := time.Now()
			if err := lock.Lock(); err != nil {
				return err
			}
			if err := writeSynced(f, line); err != nil {
				return err
			}
			if err := lock.Unlock(); err != nil {
				return err
			}
			fmt.Println(time.Since(begin))
		}
		return nil
	}
}

// BenchmarkAppendFrom measures appends of many processes at once to one log of a gigabyte,
// in turns with as many that lock, write and sync.
func BenchmarkAppendFrom(b *testing.B) {
	path := longPath(b)
	for _, processes := range []int{8, 32} {
		b.Run(fmt.Sprint(processes, " processes"), func(b *testing.B) {
			parts := []struct {
				name, role string
				took       []time.Duration
				all        time.Duration
			}{
				{name: "baseline", role: "lock, write, sync, and say how long each took"}, {name: "ours", role: "append, and say how long each took"},
			}
			for b.Loop() {
				for i := range parts {
					begin := time.Now()
					parts[i].took = append(parts[i].took, fromProcesses(b, processes, parts[i].role, path, 1600/processes)...)
					parts[i].all += time.Since(begin)
				}
			}
			for _, part := range parts {
				b.ReportMetric(float64(len(part.took))/part.all.Seconds(), part.name+"-appends/s")
				reportTimes(b, part.name, part.took)
			}
		})
	}
}

// fromProcesses has processes do something at once, and returns how long each time took.
func fromProcesses(b *testing.B, processes int, role, path string, each int) (took []time.Duration) {
	var mu sync.Mutex
	var all sync.WaitGroup
	for range processes {
		all.Go(func() {
			out, err := process(b, role, path, each).Output()
			if err != nil {
				b.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for said := range strings.Lines(string(out)) {
				if one, err := time.ParseDuration(strings.TrimSuffix(said, "\n")); err == nil {
					took = append(took, one)
				}
			}
		})
	}
	all.Wait()
	if len(took) != processes*each {
		b.Fatalf("%d of %d", len(took), processes*each)
	}
	return took
}
