package jobs

import (
	"strings"
	"unicode"

	"aegis/internal/operatorfile"
)

// Bounds on what is quoted.
const (
	mostLines = 200
	mostBytes = 16 << 10
	mostTable = 200
)

// leftOut stands for a line of which something was taken out, for its secret or because it
// can't be seen. What is written must not hold what stands for that.
const leftOut = "(a line is left out)"

// quoted makes a block of a text that nothing in it ends, so that it calls nobody and
// refers to nothing. Of a long one the last lines are kept, and that is said. marked
// finds what stands for something that was taken out; it is not ok if that is still there,
// over more than one line.
func quoted(text string, marked func(string) bool) (block string, ok bool) {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.Map(shown, strings.ToValidUTF8(line, "?"))
		if marked(line) {
			lines[i] = leftOut
		}
	}
	cut := false
	size := 0
	for i := len(lines) - 1; i >= 0; i-- {
		if size += len(lines[i]) + 1; size > mostBytes || len(lines)-i > mostLines {
			lines, cut = lines[i+1:], true
			break
		}
	}
	fence := strings.Repeat("`", max(3, longest(lines, '`')+1))
	block = fence + "text\n" + strings.Join(lines, "\n") + "\n" + fence
	if cut {
		block = "The last lines:\n\n" + block
	}
	return block, !marked(block)
}

// shown leaves out what can't be seen.
func shown(r rune) rune {
	switch {
	case r == '\t':
		return ' '
	case r != ' ' && operatorfile.Unseen(r), unicode.IsControl(r):
		return -1
	}
	return r
}

// longest is the longest run of a sign in some lines.
func longest(lines []string, sign rune) (most int) {
	for _, line := range lines {
		run := 0
		for _, r := range line {
			if r != sign {
				run = 0
				continue
			}
			run++
			most = max(most, run)
		}
	}
	return most
}

// table makes a list of rows, each cell of which is quoted.
func table(rows []Row) string {
	var b strings.Builder
	for i, row := range rows {
		if i == mostTable {
			b.WriteString("- and more\n")
			break
		}
		b.WriteString("-")
		for _, cell := range row {
			around := strings.Repeat("`", longest([]string{cell}, '`')+1)
			b.WriteString(" " + around)
			if len(around) > 1 {
				b.WriteString(" " + cell + " ")
			} else {
				b.WriteString(cell)
			}
			b.WriteString(around)
		}
		b.WriteString("\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
