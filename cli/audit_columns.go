package cli

import (
	"fmt"
	"os"
	"strings"
	"time"
	"unicode"

	"golang.org/x/term"
	"golang.org/x/text/width"
)

// logLine is a line of audit show: one call, or an entry that is about none.
type logLine struct {
	seq                    int64 // of the entry; of one that does not belong, of the one before
	at                     time.Time
	verdict                string
	tool, about, came, who string
	marked                 string // what is shown instead, of an entry that does not belong
}

// logLayout is how lines are laid out. On a terminal they are columns, each of which is cut
// with … where it is too narrow, below the day that they are of. Elsewhere a line is whole.
type logLayout struct {
	width  int // columns of the terminal; 0 if it is none
	zone   *time.Location
	widths [6]int // of the columns, once they are known
	day    string // of the line before
}

// columnsOf is how wide a terminal is, 0 if it is none.
func columnsOf(out any) int {
	file, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	columns, _, err := term.GetSize(int(file.Fd()))
	if err != nil || columns == 0 { // it does not say
		columns = screenWidth
	}
	return max(columns, narrowest)
}

const (
	narrowest   = 60 // columns, less than which no line can be cut to
	columnLeast = 6  // what is left of a column that is cut
)

func (l *logLine) cells() [6]string {
	return [6]string{fmt.Sprint(l.seq), l.verdict, l.tool, l.about, l.came, l.who}
}

// fit makes the columns as wide as what is to be shown in them, or as there is room.
func (y *logLayout) fit(lines []logLine) {
	y.widths = [6]int{6, 6}
	if len(lines) == 0 { // what comes is not known
		y.widths = [6]int{6, 6, 20, 40, 40, 20}
	}
	if y.width == 0 {
		return
	}
	for _, line := range lines {
		for i, cell := range line.cells() {
			y.widths[i] = max(y.widths[i], cellWidth(cell))
		}
	}
	left := y.width - len("15:04:05")
	for {
		total, widest, most := 0, 0, 0
		for i, w := range y.widths {
			total += 1 + w
			if i == 3 {
				w /= 2 // what a call was about tells the most
			}
			if i > 0 && w >= most {
				widest, most = i, w
			}
		}
		if total <= left || y.widths[widest] <= columnLeast {
			return
		}
		y.widths[widest]--
	}
}

// text is a line, or on a terminal two if it is the first of its day.
func (y *logLayout) text(l logLine) string {
	if y.width == 0 {
		return l.whole(y.zone)
	}
	at, above := l.at.In(y.zone), ""
	if l.marked != "" {
		return l.marked
	}
	if day := at.Format("2006-01-02 ") + zoneOf(at); day != y.day {
		y.day, above = day, day+"\n"
	}
	row := at.Format("15:04:05")
	for i, cell := range l.cells() {
		cell = cutTo(cell, y.widths[i])
		pad := strings.Repeat(" ", y.widths[i]-cellWidth(cell))
		if i == 0 {
			row += " " + pad + cell
		} else if y.widths[i] > 0 {
			row += " " + cell + pad
		}
	}
	return above + strings.TrimRight(row, " ")
}

// whole is a line that is not cut.
func (l logLine) whole(zone *time.Location) string {
	if l.marked != "" {
		return l.marked
	}
	at := l.at.In(zone)
	parts := []string{at.Format("2006-01-02 15:04:05") + zoneSuffix(at), pad(fmt.Sprint(l.seq), -6), pad(l.verdict, 7)}
	if l.tool != "" {
		parts = append(parts, pad(l.tool, 20))
	}
	line := strings.TrimRight(strings.Join(append(parts, l.about), " "), " ")
	tail := l.came
	if l.who != "" {
		tail += "  " + l.who
	}
	if tail = strings.TrimSpace(tail); tail != "" {
		line += ": " + tail
	}
	return line
}

func zoneSuffix(at time.Time) string {
	if at.Location() == time.UTC {
		return "Z"
	}
	return " " + zoneOf(at)
}

func zoneOf(at time.Time) string {
	name, _ := at.Zone()
	return quoted(name)
}

// pad fills a text up to a width; from the left if that is negative.
func pad(text string, to int) string {
	if to < 0 {
		return strings.Repeat(" ", max(0, -to-cellWidth(text))) + text
	}
	return text + strings.Repeat(" ", max(0, to-cellWidth(text)))
}

// cutTo cuts a text to so many columns, and shows that it did.
func cutTo(text string, columns int) string {
	if cellWidth(text) <= columns {
		return text
	}
	taken := 0
	for i, r := range text {
		if taken += runeWidth(r); taken > columns-1 {
			return text[:i] + "…"
		}
	}
	return text
}

func cellWidth(text string) (columns int) {
	for _, r := range text {
		columns += runeWidth(r)
	}
	return columns
}

// runeWidth is how many columns of a terminal a character takes (Unicode, annex 11).
func runeWidth(r rune) int {
	if unicode.Is(unicode.M, r) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
