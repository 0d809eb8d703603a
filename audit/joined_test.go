package audit

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"
)

// joined writes all lines of a log into one file, as a log shipper does.
func joined(t testing.TB, path string) (lines [][]byte) {
	t.Helper()
	if _, err := Show(ctx, path, Query{}, func(s Stored) error {
		lines = append(lines, bytes.Clone(s.Raw))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return lines
}

// The lines of a log that was rotated are one chain in one file, too, and what is done to
// that file shows.
func TestJoinedFiles(t *testing.T) {
	t.Parallel()
	lines := joined(t, rotatedLog(t, 12))
	seam := slices.IndexFunc(lines, func(l []byte) bool { return bytes.Contains(l, []byte(`"continues":`)) })
	if seam < 2 {
		t.Fatalf("the seam is line %d of %d", seam, len(lines))
	}
	for name, c := range map[string]struct {
		holds bool
		lines [][]byte
	}{
		"whole":                      {true, lines},
		"from a later file on":       {true, lines[seam:]},
		"from amid a file on":        {false, lines[2:]},
		"without the end of a file":  {false, slices.Delete(slices.Clone(lines), seam-1, seam)},
		"without a file's beginning": {false, slices.Delete(slices.Clone(lines), seam, seam+1)},
		"without the seam":           {false, slices.Delete(slices.Clone(lines), seam-1, seam+1)},
		"a beginning doubled":        {false, slices.Insert(slices.Clone(lines), seam, lines[seam])},
		"an end doubled":             {false, slices.Insert(slices.Clone(lines), seam, lines[seam-1])},
		"a line sent again":          {false, append(slices.Clone(lines), lines[len(lines)-1])},
		"the seam swapped":           {false, append(append(slices.Clone(lines[:seam-1]), lines[seam], lines[seam-1]), lines[seam+1:]...)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "audit.jsonl")
			write(t, path, append(bytes.Join(c.lines, []byte("\n")), '\n'))
			if r := verify(t, path); (r.Problem == nil) != c.holds {
				t.Errorf("%v", r.Problem)
			}
			independently(t, path, "", c.holds)
		})
	}
}

// The last lines are found without the older files, which may even be gone from the disk:
// that they were not read is said.
func TestLastLinesNeedTheNewestFilesOnly(t *testing.T) {
	t.Parallel()
	path := rotatedLog(t, 60)
	parts := archived(t, path)
	for _, p := range parts[:len(parts)-3] {
		write(t, p.path+packedSuffix, []byte("no gzip"))
	}
	for _, c := range []struct {
		q      Query
		unread bool
		lines  int
	}{
		{Query{Limit: 1}, true, 1},
		{Query{Newest: 2}, true, -1},
		{Query{Limit: 1, Tool: "none"}, false, 0},
		{Query{Limit: 1000}, false, -1},
		{Query{}, false, -1},
	} {
		n := 0
		reading, err := Show(ctx, path, c.q, func(Stored) error { n++; return nil })
		if err != nil || (reading.Unread > 0) != c.unread || (len(reading.Problems) > 0) == c.unread || c.lines >= 0 && n != c.lines {
			t.Errorf("%+v: %d lines, %d unread, %v %v", c.q, n, reading.Unread, reading.Problems, err)
		}
	}
}

// However the files of a log are cut, the last lines of them are the last lines of all.
func TestLastLinesAreThoseOfTheWhole(t *testing.T) {
	t.Parallel()
	path := rotatedLog(t, 60)
	all := joined(t, path)
	for limit := 1; limit <= len(all)+1; limit += 7 {
		var got [][]byte
		reading, err := Show(ctx, path, Query{Limit: limit}, func(s Stored) error { got = append(got, bytes.Clone(s.Raw)); return nil })
		want := all[max(0, len(all)-limit):]
		if err != nil || !slices.EqualFunc(got, want, bytes.Equal) || reading.Last.Seq != int64(len(all)) {
			t.Errorf("%d: %d lines, %v %v", limit, len(got), reading, err)
		}
	}
}
