package audit

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// No byte of any file can become another: what a compressed file holds is what counts.
func TestEveryFlippedByteOfAllFiles(t *testing.T) {
	t.Parallel()
	s := newScattered(t)
	step := 1
	if testing.Short() {
		step = 17
	}
	for i, p := range append(s.parts, part{path: s.path}) {
		path, packed := p.path, false
		if _, err := os.Stat(path); err != nil {
			path, packed = path+packedSuffix, true
		}
		whole, content := read(t, path), unpackedPart(t, p)
		for at := i % step; at < len(whole); at += step {
			changed := bytes.Clone(whole)
			changed[at] ^= 1
			write(t, path, changed)
			if verify(t, s.path).Problem != nil {
				continue
			}
			if f, err := p.open(); !packed || err != nil { // of gzip's header some bytes mean nothing
				t.Fatalf("byte %d of %s: %v", at, filepath.Base(path), err)
			} else if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(unpackedPart(t, p), content) {
				t.Fatalf("byte %d of %s changed what it holds, and nobody noticed", at, filepath.Base(path))
			}
		}
		write(t, path, whole)
	}
}

// Any line of any file: deleted, doubled, swapped with the next, or with another before it.
func TestEveryLineOfAllFiles(t *testing.T) {
	t.Parallel()
	s := newScattered(t)
	changes := map[string]func(lines []string, i int) []string{
		"deleted": func(lines []string, i int) []string { return slices.Delete(lines, i, i+1) },
		"doubled": func(lines []string, i int) []string { return slices.Insert(lines, i, lines[i]) },
		"swapped": func(lines []string, i int) []string {
			lines[i], lines[(i+1)%len(lines)] = lines[(i+1)%len(lines)], lines[i]
			return lines
		},
		"after a foreign one": func(lines []string, i int) []string { return slices.Insert(lines, i, "hello") },
		"after one of its own kind": func(lines []string, i int) []string {
			return slices.Insert(lines, i, strings.Replace(lines[i], "alice", "mallo", 1)+" ")
		},
	}
	for _, p := range append(s.parts, part{path: s.path}) {
		content := unpackedPart(t, p)
		if p.path != s.path {
			p.remove() // it is read as it is, decompressed
		}
		for i := range bytes.Count(content, []byte("\n")) {
			for name, change := range changes {
				write(t, p.path, onLines(func(lines []string) []string { return change(lines, i) })(content))
				if verify(t, s.path).Problem == nil {
					t.Errorf("line %d of %s %s, and nobody noticed", i+1, filepath.Base(p.path), name)
				}
			}
		}
		write(t, p.path, content)
		good(t, s.path)
	}
}

// Cut anywhere, the log is shorter than its head.
func TestEveryCutOfTheNewestFile(t *testing.T) {
	t.Parallel()
	s := newScattered(t)
	whole := read(t, s.path)
	for n := len(whole) - 1; n >= 0; n-- {
		write(t, s.path, whole[:n])
		if verify(t, s.path).Problem == nil {
			t.Fatalf("%d of %d bytes are left and nobody noticed", n, len(whole))
		}
	}
}

func TestCheckpointsThatDoNotCount(t *testing.T) {
	t.Parallel()
	s, other := newScattered(t), newScattered(t)
	mine, others := s.checkpoint[0].Note, other.checkpoint[0].Note
	file := filepath.Join(t.TempDir(), "notes")
	for _, c := range []struct{ name, text, says string }{
		{"of another log", others, "not signed by a key that is known"},
		{"changed", strings.Replace(mine, "T0", "T1", 1), "not signed"},
		{"signed by nobody", mine[:strings.Index(mine, "\n\n")+2], "not a checkpoint"},
		{"nothing", "", "no checkpoint"},
		{"something else", "hello\n", "not a checkpoint"},
		{"two, one of them of another", mine + others, "checkpoint 2"},
	} {
		write(t, file, []byte(c.text))
		if _, err := ReadCheckpoints(file, s.keys); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
	}
	// By whoever has no key, another log's is found out by the hash.
	write(t, file, []byte(others))
	read, err := ReadCheckpoints(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := VerifyAgainst(ctx, s.path, read); err != nil || r.Problem == nil || !strings.Contains(r.Problem.Reason, "or the checkpoint is of another") {
		t.Errorf("%v %v", r.Problem, err)
	}
	// An older one still holds, and says how far it reaches.
	r, err := VerifyAgainst(ctx, s.path, s.checkpoint)
	if err != nil || r.Problem != nil || !strings.Contains(fmt.Sprint(r.Notes), "entries after that, of which they don't tell: 2") {
		t.Errorf("%+v %v", r, err)
	}
}
