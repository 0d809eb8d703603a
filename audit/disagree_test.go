package audit

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// judge is contrib/verify_audit.py in a process that judges log after log.
type judge struct {
	in  io.Writer
	out *bufio.Scanner
}

const judging = `
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("verify_audit", sys.argv[1])
v = importlib.util.module_from_spec(spec); spec.loader.exec_module(v)
for line in sys.stdin:
    log = json.loads(line)
    why = ""
    try:
        v.verify(log, {})
    except Exception as reason:
        why = str(reason) or repr(reason)
    print(json.dumps(why), flush=True)
`

func newJudge(t testing.TB) *judge {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("NOT RUN: there is no python3 here")
	}
	c := exec.CommandContext(t.Context(), python, "-c", judging, filepath.Join("..", "contrib", "verify_audit.py"))
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = c.Wait() })
	return &judge{in, bufio.NewScanner(out)}
}

// says returns why a log does not hold, "" if it does.
func (j *judge) says(t testing.TB, log string) (why string) {
	t.Helper()
	question, err := json.Marshal(log)
	if err == nil {
		_, err = fmt.Fprintf(j.in, "%s\n", question)
	}
	if err != nil || !j.out.Scan() {
		t.Fatalf("verify_audit.py ended: %v %v", err, j.out.Err())
	}
	if err := json.Unmarshal(j.out.Bytes(), &why); err != nil {
		t.Fatal(err)
	}
	return why
}

// spoils are ways to spoil a log: what somebody who may write to its folder does.
var spoils = []struct {
	name string
	do   func(t testing.TB, s scattered, r *rand.Rand)
}{
	{"another size in the head", func(t testing.TB, s scattered, r *rand.Rand) {
		head, err := readHead(s.path + ".head")
		if err == nil {
			head.size += int64(r.IntN(3)) - 1
			write(t, s.path+".head", encodeHead(head))
		}
	}},
	{"a head with a space", func(t testing.TB, s scattered, _ *rand.Rand) {
		if b, err := os.ReadFile(s.path + ".head"); err == nil {
			write(t, s.path+".head", append([]byte(" "), b...))
		}
	}},
	{"a head of before", func(t testing.TB, s scattered, _ *rand.Rand) { write(t, s.path+".head", s.oldHead) }},
	{"a head of an old file", func(t testing.TB, s scattered, r *rand.Rand) {
		p := s.parts[r.IntN(len(s.parts))]
		if f, err := p.open(); err == nil {
			b, err := io.ReadAll(f)
			_ = f.Close()
			lines := bytes.SplitAfter(b, []byte("\n"))
			if err != nil || len(lines) < 3 {
				return
			}
			n := 1 + r.IntN(len(lines)-1)
			var l line
			if l.parse(bytes.TrimSuffix(lines[n-1], []byte("\n"))) == "" {
				write(t, s.path+".head", encodeHead(position{l.seq, hexHash(l.hash), int64(len(bytes.Join(lines[:n], nil)))}))
			}
		}
	}},
	{"a head that begins", func(t testing.TB, s scattered, _ *rand.Rand) { write(t, s.path+".head", encodeHead(start)) }},
	{"an empty head", func(t testing.TB, s scattered, _ *rand.Rand) { write(t, s.path+".head", nil) }},
	{"no head", func(_ testing.TB, s scattered, _ *rand.Rand) { _ = os.Remove(s.path + ".head") }},
	{"no lock", func(_ testing.TB, s scattered, _ *rand.Rand) { _ = os.Remove(s.path + ".lock") }},
	{"no key", func(_ testing.TB, s scattered, _ *rand.Rand) { _ = os.Remove(s.path + ".key") }},
	{"no log", func(_ testing.TB, s scattered, _ *rand.Rand) { _ = os.Remove(s.path) }},
	{"the end cut off", func(t testing.TB, s scattered, r *rand.Rand) {
		if b, err := os.ReadFile(s.path); err == nil && len(b) > 0 {
			write(t, s.path, b[:r.IntN(len(b))])
		}
	}},
	{"a line taken out", func(t testing.TB, s scattered, r *rand.Rand) {
		if b, err := os.ReadFile(s.path); err == nil {
			lines := strings.SplitAfter(string(b), "\n")
			at := r.IntN(len(lines))
			write(t, s.path, []byte(strings.Join(slices.Delete(lines, at, at+1), "")))
		}
	}},
	{"bytes at the end", func(t testing.TB, s scattered, r *rand.Rand) {
		if b, err := os.ReadFile(s.path); err == nil {
			more := []string{"{", "{}\n", "\n", `{"v":1,"seq":`, "\x00\x00", "{\"v\":1,\"seq\":56,\"time\":\"20", "\xff\n", `,"entry_hash":"`, "}"}
			write(t, s.path, append(b, more[r.IntN(len(more))]...))
		}
	}},
	{"a byte of a rotated file", func(t testing.TB, s scattered, r *rand.Rand) {
		at := s.parts[r.IntN(len(s.parts))].path
		for _, path := range []string{at, at + packedSuffix} {
			if b, err := os.ReadFile(path); err == nil && len(b) > 0 {
				b[r.IntN(len(b))] ^= byte(1 << r.IntN(8))
				write(t, path, b)
			}
		}
	}},
	{"bytes after what is compressed", func(t testing.TB, s scattered, r *rand.Rand) {
		path := s.parts[r.IntN(3)].path + packedSuffix
		if b, err := os.ReadFile(path); err == nil {
			more := []string{"\x00", "\x00\x00\x00\x00", "more", "\x1f", "\x1f\x8b", string(gzipped(t, nil, gzip.Header{})), string(gzipped(t, []byte("{}\n"), gzip.Header{})), string(b)}
			write(t, path, append(b, more[r.IntN(len(more))]...))
		}
	}},
	{"compressed another way", func(t testing.TB, s scattered, r *rand.Rand) {
		p := s.parts[r.IntN(3)]
		f, err := p.open()
		if err != nil {
			return
		}
		b, err := io.ReadAll(f)
		_ = f.Close()
		if err != nil {
			return
		}
		cut := r.IntN(len(b) + 1)
		headers := []gzip.Header{{}, {Name: "a"}, {Name: strings.Repeat("n", 600)}, {Comment: "c"}, {Extra: []byte("extra")}}
		h := headers[r.IntN(len(headers))]
		if len(h.Name) > 500 { // such a header is only read by some
			h.Comment = h.Name[:100]
			h.Name = h.Name[:500]
		}
		write(t, p.path+packedSuffix, append(gzipped(t, b[:cut], h), gzipped(t, b[cut:], gzip.Header{})...))
	}},
	{"a rotated file that is gone", func(_ testing.TB, s scattered, r *rand.Rand) { s.parts[r.IntN(len(s.parts))].remove() }},
	{"a rotated file under another name", func(_ testing.TB, s scattered, r *rand.Rand) {
		p := s.parts[r.IntN(len(s.parts))]
		for _, side := range []string{"", packedSuffix} {
			_ = os.Rename(p.path+side, filepath.Join(filepath.Dir(s.path), archiveName(s.path, p.last+int64(r.IntN(5))-2))+side)
		}
	}},
	{"a file that is none of it", func(t testing.TB, s scattered, r *rand.Rand) {
		names := []string{".000000000001", ".1", ".000000000013.gz.tmp", ".00000000000x", ".99999999999999999999", ".000000000000", ".0000000000013", ".000000000014.gz"}
		write(t, s.path+names[r.IntN(len(names))], []byte("{}\n"))
	}},
	{"a folder for a file", func(t testing.TB, s scattered, r *rand.Rand) {
		_ = os.Mkdir(s.path+[]string{".000000000005", ".000000000013", ".000000000070.gz"}[r.IntN(3)], 0o700)
	}},
	{"a rotated file twice, one of them other", func(t testing.TB, s scattered, r *rand.Rand) {
		p := s.parts[r.IntN(3)]
		if _, err := os.Lstat(p.path + packedSuffix); err == nil {
			write(t, p.path, []byte("{}\n"))
		}
	}},
}

func gzipped(t testing.TB, b []byte, h gzip.Header) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	w.Header = h
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// Whatever somebody does to the folder, verify, show and the independent verifier come to
// the same.
func TestWhoReadsALogComesToTheSame(t *testing.T) {
	t.Parallel()
	rounds := 12 * len(spoils)
	if testing.Short() {
		rounds = 2 * len(spoils)
	}
	j, r := newJudge(t), rand.New(rand.NewPCG(16, 2))
	whole := newScattered(t)
	sides, err := os.ReadDir(filepath.Dir(whole.path))
	if err != nil {
		t.Fatal(err)
	}
	for round := range rounds {
		s := whole
		folder := filepath.Join(t.TempDir(), "state")
		mkdir(t, folder)
		for _, side := range sides {
			write(t, filepath.Join(folder, side.Name()), read(t, filepath.Join(filepath.Dir(whole.path), side.Name())))
		}
		s.path = filepath.Join(folder, filepath.Base(whole.path))
		s.parts = slices.Clone(whole.parts)
		for i := range s.parts {
			s.parts[i].path = filepath.Join(folder, s.parts[i].name())
		}
		var done []string
		for n := range 1 + round/len(spoils)%3 {
			spoil := spoils[(round+n*r.IntN(len(spoils)))%len(spoils)]
			done = append(done, spoil.name)
			spoil.do(t, s, r)
		}
		report, err := Verify(ctx, s.path)
		ours := err == nil && report.Problem == nil
		theirs := j.says(t, s.path)
		if ours != (theirs == "") {
			t.Errorf("%q: verify says %v %v, verify_audit.py %q", done, report.Problem, err, theirs)
		}
		reading, showErr := Show(ctx, s.path, Query{}, func(Stored) error { return nil })
		if shown := showErr == nil && len(reading.Problems) == 0; shown != ours {
			t.Errorf("%q: verify says %v %v, show %v %v", done, report.Problem, err, reading.Problems, showErr)
		}
	}
}
