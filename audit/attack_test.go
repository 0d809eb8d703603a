package audit

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// Every attack that docs/security.md lists against the log is found, and where it is not,
// that is what the page says.
func TestAttackTable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		attack  func(t testing.TB, s scattered)
		says    string // "" if the log alone can't show it
		against string // what the checkpoint says, if the log alone says nothing
	}{
		{"nothing", func(testing.TB, scattered) {}, "", ""},
		{"a line is deleted", func(t testing.TB, s scattered) {
			edit(func(l []string) []string { return slices.Delete(l, 1, 2) })(t, s.path)
		}, "what was between them is missing", ""},
		{"lines are swapped", func(t testing.TB, s scattered) {
			edit(func(l []string) []string { l[1], l[2] = l[2], l[1]; return l })(t, s.path)
		}, "stands after entry", ""},
		{"a line is doubled", func(t testing.TB, s scattered) {
			edit(func(l []string) []string { return slices.Insert(l, 1, l[1]) })(t, s.path)
		}, "doubled or moved", ""},
		{"a line is inserted", func(t testing.TB, s scattered) {
			edit(func(l []string) []string { return slices.Insert(l, 1, "{}") })(t, s.path)
		}, "does not begin with a version", ""},
		{"the file is emptied", func(t testing.TB, s scattered) { write(t, s.path, nil) }, "shorter than its head", ""},
		{"the file is deleted", func(t testing.TB, s scattered) { remove("")(t, s.path) }, "is missing", ""},
		{"the head is deleted", func(t testing.TB, s scattered) { remove(".head")(t, s.path) }, "the head, which is missing", ""},
		{"an old head with a longer log", func(t testing.TB, s scattered) { write(t, s.path+".head", s.oldHead) }, "", ""}, // what a crash leaves, too: nothing is lost by it
		{"an old log with its old head", func(t testing.TB, s scattered) {
			write(t, s.path, s.old)
			write(t, s.path+".head", s.oldHead)
		}, "", ""}, // the checkpoint is of that entry
		{"an older log with its head", func(t testing.TB, s scattered) {
			edit(func(l []string) []string { return l[:2] })(t, s.path)
			lines := strings.Split(string(read(t, s.path)), "\n")
			var l line
			if reason := l.parse([]byte(lines[1])); reason != "" {
				t.Fatal(reason)
			}
			write(t, s.path+".head", encodeHead(position{l.seq, hexHash(l.hash), int64(len(read(t, s.path)))}))
		}, "", "the log ends before entry"},
		{"everything is rewritten, and every hash recomputed", func(t testing.TB, s scattered) { s.rewriteAll(t) }, "", "the log was rewritten"},
		{"another log in its place", func(t testing.TB, s scattered) {
			other := newScattered(t)
			write(t, s.path, read(t, other.path))
			write(t, s.path+".head", read(t, other.path+".head"))
		}, "does not follow the last entry", ""},
		{"an entry of another log", func(t testing.TB, s scattered) {
			other := newScattered(t)
			lines := strings.SplitAfter(string(read(t, other.path)), "\n")
			edit(func(l []string) []string { l[2] = strings.TrimSuffix(lines[2], "\n"); return l })(t, s.path)
		}, "does not follow the entry before it", ""},
		{"a crash is faked to hide entries", func(t testing.TB, s scattered) {
			b := read(t, s.path)
			write(t, s.path, b[:len(b)-300])
		}, "shorter than its head", ""},
		{"a crash is faked, with the head taken away", func(t testing.TB, s scattered) {
			b := read(t, s.path)
			write(t, s.path, b[:len(b)-300])
			remove(".head")(t, s.path)
		}, "the head, which is missing", ""},

		{"a rotated file is edited", func(t testing.TB, s scattered) {
			s.repack(t, 1, func(b []byte) []byte { return bytes.Replace(b, []byte("alice"), []byte("mallo"), 1) })
		}, "has been changed", ""},
		{"a rotated file is edited, and its hashes recomputed", func(t testing.TB, s scattered) {
			s.repack(t, 1, onLines(func(l []string) []string { return rechain(l) }))
		}, "does not follow the last entry", ""},
		{"a rotated file is cut", func(t testing.TB, s scattered) {
			s.repack(t, 1, onLines(func(l []string) []string { return l[:len(l)-1] }))
		}, "its end was cut off", ""},
		{"a rotated file is cut in a line", func(t testing.TB, s scattered) {
			s.repack(t, 1, func(b []byte) []byte { return b[:len(b)-100] })
		}, "its end was cut off", ""},
		{"a rotated file is emptied", func(t testing.TB, s scattered) {
			s.repack(t, 1, func(b []byte) []byte { return nil })
		}, "its end was cut off", ""},
		{"what is compressed is cut", func(t testing.TB, s scattered) {
			packed := s.parts[1].path + packedSuffix
			b := read(t, packed)
			write(t, packed, b[:len(b)/2])
		}, "can't be read", ""},
		{"what is compressed is followed by something", func(t testing.TB, s scattered) {
			packed := s.parts[1].path + packedSuffix
			write(t, packed, append(read(t, packed), "more"...))
		}, "can't be read", ""},
		{"the first rotated file is dropped", func(t testing.TB, s scattered) { s.parts[0].remove() }, "no entry says that they were deleted for their age", ""},
		{"all rotated files are dropped", func(t testing.TB, s scattered) {
			for _, p := range s.parts {
				p.remove()
			}
		}, "no entry says that they were deleted for their age", ""},
		{"a rotated file in the middle is dropped", func(t testing.TB, s scattered) { s.parts[1].remove() }, "are missing", ""},
		{"the last rotated file is dropped", func(t testing.TB, s scattered) { s.parts[3].remove() }, "are missing", ""},
		{"two rotated files change names", func(t testing.TB, s scattered) {
			a, b := unpackedPart(t, s.parts[1]), unpackedPart(t, s.parts[2])
			compressTo(t, s.parts[1].path+packedSuffix, b)
			compressTo(t, s.parts[2].path+packedSuffix, a)
		}, "are missing", ""},
		{"a rotated file is decompressed and edited", func(t testing.TB, s scattered) {
			b := unpackedPart(t, s.parts[1])
			s.parts[1].remove()
			write(t, s.parts[1].path, bytes.Replace(b, []byte("alice"), []byte("mallo"), 1))
		}, "has been changed", ""},
		{"a rotated file lies beside what it was compressed to, edited", func(t testing.TB, s scattered) {
			write(t, s.parts[1].path, bytes.Replace(unpackedPart(t, s.parts[1]), []byte("alice"), []byte("mallo"), 1))
		}, "has been changed", ""},
		{"a rotated file of another log", func(t testing.TB, s scattered) {
			s.parts[1].remove()
			compressTo(t, s.parts[1].path+packedSuffix, unpackedPart(t, newScattered(t).parts[1]))
		}, "does not follow the last entry", ""},
		{"a rotated file takes the log's place", func(t testing.TB, s scattered) { write(t, s.path, unpackedPart(t, s.parts[3])) }, "", ""},
		{"a file is decompressed and left as it was", func(t testing.TB, s scattered) {
			b := unpackedPart(t, s.parts[1])
			s.parts[1].remove()
			write(t, s.parts[1].path, b)
		}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newScattered(t)
			good(t, s.path)
			c.attack(t, s)
			if c.name == "a rotated file takes the log's place" { // how it is said depends on its length
				c.says = "but what lies before it is"
			}
			report := verify(t, s.path)
			independently(t, s.path, "", report.Problem == nil)
			if c.says != "" {
				if report.Problem == nil || !strings.Contains(report.Problem.String(), c.says) {
					t.Fatalf("verify says %v, want %q", report.Problem, c.says)
				}
				return
			}
			if report.Problem != nil {
				t.Fatalf("verify says %v", report.Problem)
			}
			held, err := VerifyAgainst(ctx, s.path, s.checkpoint)
			if err != nil {
				t.Fatal(err)
			}
			independently(t, s.path, s.checkpoint[0].Note, held.Problem == nil)
			switch {
			case c.against == "" && held.Problem != nil:
				t.Errorf("against the checkpoint: %v", held.Problem)
			case c.against != "" && (held.Problem == nil || !strings.Contains(held.Problem.Reason, c.against)):
				t.Errorf("against the checkpoint: %v, want %q", held.Problem, c.against)
			}
		})
	}
}
