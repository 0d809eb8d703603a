package gate

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// What a form's reader does not see is not shown: blanks that push a text beyond the
// edge, empty lines that push it down, lines that go on for ever. They are said.

// Bounds on what stands in a line as it is, in columns, and on empty lines in a row.
const (
	maxColumns = 72 // with the bars of a page and of a terminal that is 79
	maxBlank   = 24 // of blanks in a row
	maxEmpty   = 2
	tabColumns = 4
)

// continued is how a line begins that goes on with the one before.
func continued(bar string) string { return strings.Replace(bar, "|", "¦", 1) }

// layOut makes the lines of texts on a page show all that is in them.
func layOut(text string) string {
	var b strings.Builder
	empty, of := 0, ""
	flush := func() {
		switch {
		case empty > maxEmpty:
			fmt.Fprintf(&b, "%s[%d empty lines]\n", of, empty)
		default:
			b.WriteString(strings.Repeat(of+"\n", empty))
		}
		empty = 0
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		bar := barOf(line)
		rest := line[len(bar):]
		if bar != "" && rest == "" {
			if bar != of {
				flush()
			}
			empty, of = empty+1, bar
			continue
		}
		flush()
		if bar == "" {
			b.WriteString(line + "\n")
			continue
		}
		wrap(&b, bar, marksOf(blanksOf(rest)))
	}
	flush()
	return b.String()
}

// barOf is what a line of a text begins with, "" for one of ours.
func barOf(line string) string {
	for _, bar := range []string{barText, barAdded, barRemoved} {
		if strings.HasPrefix(line, bar) {
			return bar
		}
	}
	return ""
}

// wrap writes a line in pieces that fit into a form.
func wrap(b *strings.Builder, bar, line string) {
	b.WriteString(bar)
	at := 0
	for _, r := range line {
		columns := columnsOf(r)
		if at+columns > maxColumns {
			b.WriteString("\n" + continued(bar))
			at = 0
		}
		b.WriteRune(r)
		at += columns
	}
	b.WriteByte('\n')
}

func columnsOf(r rune) int {
	switch {
	case r == '\t':
		return tabColumns
	case r >= 0x1100: // many are as wide as two
		return 2
	}
	return 1
}

// blanksOf says how many blanks there are where they are many, wide, or at the end of
// a line.
func blanksOf(line string) string {
	var b strings.Builder
	for line != "" {
		end := strings.IndexFunc(line, func(r rune) bool { return !isBlank(r) })
		switch {
		case end < 0:
			end = len(line)
			b.WriteString(counted(line))
		case plain(line[:end]):
			b.WriteString(line[:end])
		default:
			b.WriteString(counted(line[:end]))
		}
		line = line[end:]
		next := strings.IndexFunc(line, isBlank)
		if next < 0 {
			next = len(line)
		}
		b.WriteString(line[:next])
		line = line[next:]
	}
	return b.String()
}

// isBlank reports whether nothing of a rune shows but the room that it takes.
func isBlank(r rune) bool {
	return r == ' ' || r == '\t' || r == '\r' || strings.ContainsRune(empties, r) || unicode.Is(unicode.Zs, r)
}

// empties are no spaces, and show nothing.
const empties = "\u2800\ufffc\U0001d159"

// piled are more marks on one character than any language puts there. They are drawn
// over the lines above and below.
var piled = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[\p{Mn}\p{Me}]{5,}`) })

// marksOf says how many marks there are where they are piled up.
func marksOf(line string) string {
	return piled().ReplaceAllStringFunc(line, func(run string) string {
		return fmt.Sprintf("[%d marks]", utf8.RuneCountInString(run))
	})
}

// plain reports whether a run of blanks can stand as it is: it is what indents a line
// or parts two words.
func plain(run string) bool {
	columns, wide := 0, 0
	for _, r := range run {
		switch {
		case r == ' ', r == '\t':
			columns += columnsOf(r)
		case r == '\r', strings.ContainsRune(empties, r):
			return false
		default:
			wide++
		}
	}
	return columns <= maxBlank && wide <= 1
}

// counted names a run of blanks, each kind in a row with its number.
func counted(run string) string {
	var b strings.Builder
	runes := []rune(run)
	for i := 0; i < len(runes); {
		n := 1
		for i+n < len(runes) && runes[i+n] == runes[i] {
			n++
		}
		name, known := map[rune]string{' ': "space", '\t': "tab", '\r': "CR"}[runes[i]]
		switch {
		case !known:
			fmt.Fprintf(&b, "[%d × U+%04X]", n, runes[i])
		case n == 1:
			fmt.Fprintf(&b, "[1 %s]", name)
		default:
			fmt.Fprintf(&b, "[%d %ss]", n, name)
		}
		i += n
	}
	return b.String()
}
