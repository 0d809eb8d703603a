package tools_test

import (
	"fmt"
	gobuild "go/build"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aegis/internal/gatetest"
)

// BenchmarkSearchCode searches 5,000 files of the standard library, the first
// time, which reads and scrubs them all, and again.
func BenchmarkSearchCode(b *testing.B) {
	files, size := sources(b, 5000)
	f := newCodeForge(b, files)
	open := func() *gatetest.Door {
		return f.door(b, "version: 1\nlimits: {calls_per_minute: 1000000, calls_per_minute_per_tool: 1000000}\n")
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			d := open()
			b.StartTimer()
			ask(b, d, `"func TestServer"`)
		}
		b.ReportMetric(float64(size)/1e6, "MB")
	})
	d := open()
	for _, query := range []string{`"func TestServer"`, `"err"`, `"^func [A-Z]\\w+\\(t \\*testing"`, `"(?i)todo|fixme"`} {
		args := query
		if strings.ContainsAny(query, `|\`) {
			args += `,"regexp":true`
		}
		ask(b, d, args)
		b.Run("again/"+strings.Map(func(r rune) rune {
			if strings.ContainsRune(`"\ /`, r) {
				return '_'
			}
			return r
		}, query), func(b *testing.B) {
			for b.Loop() {
				ask(b, d, args)
			}
		})
	}
	if testing.Verbose() {
		b.Logf("the archive was asked for %d times", f.asked())
	}
}

func ask(b *testing.B, d *gatetest.Door, args string) {
	b.Helper()
	if a := d.Ask("search_code", inApp+args+"}"); a.IsError || a.Fields["files_searched"] != 5000.0 {
		b.Fatalf("%.500s", a.Object)
	}
}

// sources are the first n files of the standard library's source that a search
// looks at.
func sources(tb testing.TB, n int) (files map[string]string, size int) {
	tb.Helper()
	files = make(map[string]string)
	root := filepath.Join(gobuild.Default.GOROOT, "src")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case len(files) == n:
			return fs.SkipAll
		case entry.IsDir() || !strings.HasSuffix(path, ".go"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil || len(text) > 1<<20 {
			return err
		}
		name := fmt.Sprintf("src/%s", filepath.ToSlash(strings.TrimPrefix(path, root)[1:]))
		if !strings.Contains(string(text), "\x00") {
			files[name] = string(text)
			size += len(text)
		}
		return nil
	})
	if err != nil || len(files) < n {
		tb.Fatalf("%d files of the standard library: %v", len(files), err)
	}
	return files, size
}
