package tools_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aegis/gate"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// Names in an archive mean nothing: what a file is, and whether policy shows it,
// is told by the tree.
func TestI6_NamesInArchivesMeanNothing(t *testing.T) {
	t.Parallel()
	files := map[string]string{"a.txt": "needle a\n", "b/c.txt": "needle c\n", "copy.txt": "needle a\n", "secrets/prod.txt": "needle hidden\n"}
	own := []string{"a.txt:1 needle a", "b/c.txt:1 needle c", "copy.txt:1 needle a"}
	for name, row := range map[string]struct {
		pack    func(w *tar.Writer)
		want    []string
		missing float64
	}{
		"without a top folder": {func(w *tar.Writer) {
			for path, content := range files {
				packFile(w, path, content)
			}
		}, own, 0},
		"another top folder": {func(w *tar.Writer) {
			for path, content := range files {
				packFile(w, "former-name/"+path, content)
			}
		}, own, 0},
		"hidden content at a shown path": {func(w *tar.Writer) {
			packFile(w, "app/a.txt", files["secrets/prod.txt"])
			packFile(w, "app/b/c.txt", files["secrets/prod.txt"])
		}, []string{}, 3},
		"names that lead out": {func(w *tar.Writer) {
			for _, name := range []string{"../../etc/passwd", "/etc/passwd", "app/../../x", "app/./a.txt", "app//a.txt", "app/.git/config", `app\a.txt`, "app/\x00", "", "app/" + strings.Repeat("n", 5000)} {
				packFile(w, name, "needle from outside\n")
				packFile(w, name, files["b/c.txt"])
			}
		}, []string{"b/c.txt:1 needle c"}, 2},
		"files twice": {func(w *tar.Writer) {
			packFile(w, "app/a.txt", "needle other\n")
			for range 3 {
				packFile(w, "app/a.txt", files["a.txt"])
			}
		}, []string{"a.txt:1 needle a", "copy.txt:1 needle a"}, 1},
		"links and devices": {func(w *tar.Writer) {
			for _, kind := range []byte{tar.TypeSymlink, tar.TypeLink, tar.TypeChar, tar.TypeBlock, tar.TypeFifo, tar.TypeDir} {
				_ = w.WriteHeader(&tar.Header{Typeflag: kind, Name: "app/a.txt", Linkname: "/etc/passwd"})
			}
		}, []string{}, 3},
		"nothing": {func(*tar.Writer) {}, []string{}, 3},
		"lines by CRLF": {func(w *tar.Writer) {
			for path, content := range files {
				packFile(w, "app/"+path, strings.ReplaceAll(content, "\n", "\r\n"))
			}
		}, own, 0},
		"a large one first": {func(w *tar.Writer) {
			packFile(w, "app/big", strings.Repeat("needle\n", 1<<20))
			packFile(w, "app/b/c.txt", files["b/c.txt"])
		}, []string{"b/c.txt:1 needle c"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newCodeForge(t, files)
			f.pack = row.pack
			a := f.door(t, hidesSecrets).Ask("search_code", inApp+`"needle"}`)
			if got := found(t, a); !slices.Equal(got, row.want) {
				t.Errorf("%q, want %q", got, row.want)
			}
			skipped, _ := a.Fields["files_skipped"].(map[string]any)
			if missing, _ := skipped["not_archived"].(float64); missing != row.missing || a.Fields["withheld"] != nil {
				t.Errorf("%s", a.Object)
			}
		})
	}
}

// An archive that is not what was asked for fails the call; nothing of it shows.
func TestSearchCodeRefusesBadArchives(t *testing.T) {
	t.Parallel()
	files := map[string]string{"a.txt": strings.Repeat("needle a\n", 100), "b.txt": "needle b\n"}
	good := (&codeForge{files: files}).archive(codeCommit)
	raw := unzip(t, good)
	send := func(body []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }
	}
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	two := (&codeForge{files: map[string]string{}}).archive(codeCommit)
	for name, row := range map[string]struct {
		send http.HandlerFunc
		code gate.Code
	}{
		"of another commit":   {send((&codeForge{files: files}).archive(strings.Repeat("1", 40))), gate.GiteaError},
		"of no commit":        {send((&codeForge{files: files}).archive("")), gate.GiteaError},
		"without its comment": {send(zip(raw[2*512+512:])), gate.GiteaError},
		"with two comments":   {send(zip(append(bytes.TrimRight(unzip(t, two), "\x00"), raw...))), gate.GiteaError},
		"cut in its middle":   {send(good[:len(good)/2]), gate.GiteaError},
		"cut at its begin":    {send(good[:5]), gate.GiteaError},
		"cut when unpacked":   {send(zip(raw[:len(raw)/2-100])), gate.GiteaError},
		"empty":               {send(nil), gate.GiteaError},
		"not zipped":          {send(raw), gate.GiteaError},
		"no archive":          {send(zip(bytes.Repeat([]byte("needle"), 1000))), gate.GiteaError},
		"JSON":                {send([]byte(`{"message":"needle"}`)), gate.GiteaError},
		"fewer than announced": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			_, _ = w.Write(good[:100])
		}, gate.GiteaError},
		"a bomb": {bomb, gate.TooLarge},
		"at another address": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://s3.example/bucket/needle?signature=x", http.StatusSeeOther)
		}, gate.GiteaError},
		"gone":      {status(http.StatusNotFound), gate.NotFound},
		"forbidden": {status(http.StatusForbidden), gate.GiteaForbidden},
		"broken":    {status(http.StatusInternalServerError), gate.GiteaError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newCodeForge(t, files)
			f.send = row.send
			d := f.door(t, "")
			f.more = []map[string]any{{"path": "z.txt", "mode": "100644", "type": "blob", "size": 5, "sha": strings.Repeat("9", 40)}} // in no archive: it is read to its end
			a := d.Ask("search_code", inApp+`"needle"}`)
			if a.Code != row.code || strings.Contains(a.All, "needle") || strings.Contains(a.All, "s3.example") {
				t.Errorf("want %s: %s", row.code, a.Object)
			}
			f.mu.Lock()
			f.send, f.more = nil, nil
			f.mu.Unlock()
			next := gatetest.Open(t, gatetest.Config{URL: f.URL})
			if got := found(t, next.Ask("search_code", inApp+`"needle b"}`)); len(got) != 1 {
				t.Errorf("afterwards: %q", got)
			}
		})
	}
}

func unzip(t *testing.T, packed []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func zip(raw []byte) []byte {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(raw)
	_ = w.Close()
	return packed.Bytes()
}

// bomb is an archive of 300 MiB in 300 KB.
func bomb(w http.ResponseWriter, _ *http.Request) {
	zipped, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
	archive := tar.NewWriter(zipped)
	_ = archive.WriteHeader(&tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": codeCommit}})
	_ = archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "app/bomb", Size: 300 << 20})
	zeros := make([]byte, 1<<20)
	for range 300 {
		if _, err := archive.Write(zeros); err != nil {
			return
		}
	}
	_, _ = archive.Close(), zipped.Close()
}

// An answer that never ends ends with the call.
func TestSearchCodeEndsWithItsCall(t *testing.T) {
	t.Parallel()
	f := newCodeForge(t, map[string]string{"a.txt": "needle\n"})
	stuck := make(chan struct{})
	f.send = func(w http.ResponseWriter, r *http.Request) {
		archive := f.archive(codeCommit)
		_, _ = w.Write(archive[:20])
		_ = http.NewResponseController(w).Flush()
		close(stuck)
		<-r.Context().Done()
	}
	d := f.door(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-stuck; cancel() }()
	begin := time.Now()
	if a := d.AskContext(ctx, "search_code", inApp+`"needle"}`); a.Code != gate.Timeout || time.Since(begin) > 10*time.Second {
		t.Errorf("%s after %s", a.Object, time.Since(begin))
	}
}

// A search that takes long ends with its call, too.
func TestSearchCodeEndsInTheMidstOfAFile(t *testing.T) {
	t.Parallel()
	f := newCodeForge(t, map[string]string{"a.txt": strings.Repeat(strings.Repeat("a", 200)+"\n", 5000)})
	d := gatetest.Open(t, gatetest.Config{URL: f.URL, Timeout: 700 * time.Millisecond})
	begin := time.Now()
	a := d.Ask("search_code", inApp+`"(?:a?b?){200}c$","regexp":true}`)
	if took := time.Since(begin); a.Code != gate.Timeout || took > 20*time.Second {
		t.Errorf("%.300s after %s", a.Object, took)
	}
}

// A line that would take longer than a call is not looked at, and that is told.
func TestI10_LinesTooLongForAPatternAreCounted(t *testing.T) {
	t.Parallel()
	f := newCodeForge(t, map[string]string{"a.js": strings.Repeat("ab", 400_000) + "\nshort c\n"})
	d := f.door(t, "")
	if a := d.Ask("search_code", inApp+`"(?:a?b?){200}c$","regexp":true}`); a.IsError || a.Fields["lines_skipped"] != 1.0 || a.Fields["total_hits"] != 1.0 {
		t.Errorf("%.300s", a.Object)
	}
	if a := d.Ask("search_code", inApp+`"ba+b|c$","regexp":true}`); a.IsError || a.Fields["lines_skipped"] != nil || a.Fields["total_hits"] != 2.0 {
		t.Errorf("%.300s", a.Object)
	}
}

// Searches at once read the archive once.
func TestSearchCodeAtOnce(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 200 {
		files[fmt.Sprintf("f%03d.txt", i)] = fmt.Sprintf("needle %d\n%s", i, strings.Repeat("text\n", 100))
	}
	f := newCodeForge(t, files)
	d := f.door(t, "version: 1\nlimits: {calls_per_minute_per_tool: 1000, calls_per_minute: 1000}\n")
	var calls sync.WaitGroup
	for i := range 12 {
		calls.Go(func() {
			a := d.Ask("search_code", fmt.Sprintf(inApp+`"needle %d","path":"f%d*"}`, i*9, i%2))
			want := 0
			for n := range 200 {
				if n/100 == i%2 && strings.HasPrefix(fmt.Sprint(n), fmt.Sprint(i*9)) {
					want++
				}
			}
			if a.IsError || a.Fields["total_hits"] != float64(want) || a.Fields["files_searched"] != 100.0 {
				t.Errorf("%d: want %d hits: %.300s", i, want, a.Object)
			}
		})
	}
	calls.Wait()
	if f.asked() > 2 {
		t.Errorf("the archive was asked for %d times", f.asked())
	}
}

// Progress is told in percents that grow, at most twice a second.
func TestSearchCodeTellsHowFarItIs(t *testing.T) {
	t.Parallel()
	files := map[string]string{"hidden/x.txt": "x"}
	for i := range 40 {
		files[fmt.Sprintf("f%03d.txt", i)] = fmt.Sprintf("needle %d\n", i)
	}
	f := newCodeForge(t, files)
	f.send = func(w http.ResponseWriter, _ *http.Request) {
		archive := f.archive(codeCommit)
		half := len(archive) / 2
		_, _ = w.Write(archive[:half])
		_ = http.NewResponseController(w).Flush()
		time.Sleep(600 * time.Millisecond)
		_, _ = w.Write(archive[half:])
	}
	d := f.door(t, "version: 1\npaths: {deny: [\"hidden/**\"]}\n")
	var tool tools.Tool
	for _, each := range tools.All() {
		if each.Name == "search_code" {
			tool = each
		}
	}
	type step struct {
		done, total float64
		message     string
		at          time.Time
	}
	var told []step
	call := gate.Call{Args: []byte(inApp + `"needle"}`), Progress: func(done, total float64, message string) {
		told = append(told, step{done, total, message, time.Now()})
	}}
	if a := d.Do(t.Context(), tool.Tool, call); a.IsError {
		t.Fatalf("%s", a.Object)
	}
	if len(told) < 2 || told[0].done != 0 {
		t.Fatalf("told %v", told)
	}
	for i, s := range told {
		if s.total != 100 || s.done > 100 || s.message == "" || i > 0 && (s.done <= told[i-1].done || s.at.Sub(told[i-1].at) < 450*time.Millisecond) {
			t.Errorf("told %v", told)
		}
	}
	told = nil
	if a := d.Do(t.Context(), tool.Tool, call); a.IsError || len(told) != 0 {
		t.Errorf("what is kept takes no time to tell of: %v, %s", told, a.Object)
	}
}
