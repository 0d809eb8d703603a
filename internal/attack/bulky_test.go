package attack_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

// bulky has a file of 5 MB with secrets at its begin, in its midst and at its end.
const (
	bulky      = "acme/bulky"
	bulkyFile  = "data/rows.csv"
	bulkyLines = 80_000
)

// secretsAt are the lines of the file that hold what no answer may.
func secretsAt(world *giteatest.World) map[int]string {
	return map[int]string{
		3:              world.Plant.PAT,
		bulkyLines / 2: world.Plant.AWS,
		bulkyLines - 1: world.Reader.Token,
		bulkyLines:     base64.StdEncoding.EncodeToString([]byte("key " + world.Reader.Token)),
	}
}

func bulkyText(world *giteatest.World) string {
	var b strings.Builder
	planted := secretsAt(world)
	for n := 1; n <= bulkyLines; n++ {
		fmt.Fprintf(&b, "%07d;an ordinary row of a table;%035d", n, n*n)
		if secret, ok := planted[n]; ok {
			b.WriteString("; " + secret)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// A file of 5 MB is scrubbed as a whole, whatever part of it is asked for, and in
// the time that a call has.
func TestI3_ALargeFile(t *testing.T) {
	t.Parallel()
	s := open(t)
	size := len(bulkyText(s.world))
	if size < 5<<20 {
		t.Fatalf("the file has %d bytes", size)
	}
	planted := secretsAt(s.world)
	for _, secret := range planted {
		s.hides(secret)
	}
	s.exposed("/repos/"+bulky+"/contents/"+bulkyFile, planted[bulkyLines])
	for line := range planted {
		first, last := max(1, line-1), min(bulkyLines, line+1)
		answer := s.shown("get_file_contents", in(bulky, "path", bulkyFile, "start_line", first, "end_line", last))
		if answer.Fields["lines"] != float64(bulkyLines) || answer.Fields["size"] != float64(size) || answer.Fields["redacted"] != float64(len(planted)) {
			t.Errorf("around line %d: %s", line, answer.Object)
		}
		rows := body(t, answer)
		if len(rows) != last-first+1 || !strings.HasPrefix(rows[line-first], fmt.Sprintf("%07d;", line)) || !strings.Contains(rows[line-first], "[redacted:") {
			t.Errorf("around line %d: %q", line, rows)
		}
	}
	answer := s.shown("get_file_contents", in(bulky, "path", bulkyFile))
	if answer.Fields["truncated"] != true || answer.Fields["next_start_line"] != float64(len(body(t, answer))+1) {
		t.Errorf("the rest of the file is not told: %s", answer.Object)
	}
}
