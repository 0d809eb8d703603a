package tools

import (
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// sameLines returns, for each line of a text, the number from 0 of the line of an older
// one that it is, and -1 for a new line.
func sameLines(before, after string) (from []int) {
	ended := func(text string) string { return strings.TrimSuffix(text, "\n") + "\n" }
	before, after = ended(before), ended(after)
	old := 0
	same := func() {
		from = append(from, old)
		old++
	}
	const head = 3 // lines that name the sides
	changes := strings.Split(string(diff.Diff("a", []byte(before), "b", []byte(after))), "\n")
	for _, line := range changes[min(head, len(changes)):] {
		var begin int
		switch {
		case strings.HasPrefix(line, "@@"):
			_, _ = fmt.Sscanf(line, "@@ -%d,", &begin)
			for old < begin-1 {
				same()
			}
		case strings.HasPrefix(line, " "):
			same()
		case strings.HasPrefix(line, "-"):
			old++
		case strings.HasPrefix(line, "+"):
			from = append(from, -1)
		}
	}
	for lines := strings.Count(after, "\n"); len(from) < lines; {
		same()
	}
	return from
}
