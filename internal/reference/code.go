package reference

import "strings"

// withoutCode returns text, Markdown in lower case, with what is sure to be code
// replaced by spaces. Sure is a fenced block of which both fences stand at the
// begin of a line, and a code span within one line with nothing before it in its
// paragraph that Markdown could take the backtick for a part of: a tag, a link,
// an escape, a cell of a table, an address. A backtick without its like makes all
// after it in the paragraph unsure, a fence without its like all of the text.
func withoutCode(text string) string {
	if !strings.Contains(text, "`") && !strings.Contains(text, "~~~") {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	fences := true // whether fences are what they look like
	var span paragraph
	lines := strings.SplitAfter(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if strings.Trim(line, " \t\r\n") == "" {
			span = paragraph{}
			b.WriteString(line)
			continue
		}
		if fences {
			if n := fenced(lines[i:]); n > 0 {
				b.WriteString(strings.Repeat("\n", n))
				span = paragraph{}
				i += n - 1
				continue
			}
			// A block of HTML goes on over fences, and so does a fence that was not
			// seen as one.
			fences = !strings.Contains(line, "<") && !looksFenced(line)
		}
		b.WriteString(span.without(line))
	}
	return b.String()
}

// fenced returns how many lines the fenced block has that begins with the first of
// lines; 0 if there is none, or none that is sure to be one.
func fenced(lines []string) int {
	fence := lines[0][:runOf(lines[0], 0)]
	info := lines[0][len(fence):]
	if len(fence) < 3 || fence[0] == '`' && strings.Contains(info, "`") {
		return 0
	}
	for n, line := range lines[1:] {
		inner := strings.TrimLeft(line, " \t>")
		run := 0
		if inner != "" && inner[0] == fence[0] {
			run = runOf(inner, 0)
		}
		if run < len(fence) {
			continue
		}
		if strings.Trim(inner[run:], " \t\r\n") != "" {
			continue
		}
		if len(inner) != len(line) {
			return 0 // it depends on how far it is indented
		}
		return n + 2
	}
	return 0
}

// looksFenced reports whether line may begin or end a fenced block.
func looksFenced(line string) bool {
	return strings.Contains(line, "```") || strings.Contains(line, "~~~")
}

// runOf returns how many backticks or tildes, all the same, stand at offset i.
func runOf(line string, i int) int {
	j := i
	for j < len(line) && line[j] == line[i] && (line[j] == '`' || line[j] == '~') {
		j++
	}
	return j - i
}

// A paragraph is what lines without an empty one between say of the next.
type paragraph struct{ unsure bool }

// without returns line without the code spans that are sure to be ones.
func (p *paragraph) without(line string) string {
	var b strings.Builder
	from := 0 // what was copied, and looked at
	if n := len("- [ ] "); len(line) >= n && strings.IndexByte("-*+", line[0]) >= 0 && (line[1:n] == " [ ] " || line[1:n] == " [x] ") {
		b.WriteString(line[:n])
		from = n
	}
	for !p.unsure {
		open := strings.IndexByte(line[from:], '`')
		if open < 0 {
			p.unsure = takesBackticks(line[from:])
			break
		}
		open += from
		n := runOf(line, open)
		closing := closes(line, open+n, n)
		if closing < 0 || takesBackticks(line[from:closing]) {
			p.unsure = true
			break
		}
		b.WriteString(line[from:open])
		b.WriteString(strings.Repeat(" ", closing+n-open))
		from = closing + n
	}
	b.WriteString(line[from:])
	return b.String()
}

// closes returns the offset of the first run of n backticks from offset i on, -1 if
// there is none in the line.
func closes(line string, i, n int) int {
	for i < len(line) {
		next := strings.IndexByte(line[i:], '`')
		if next < 0 {
			return -1
		}
		i += next
		run := runOf(line, i)
		if run == n {
			return i
		}
		i += run
	}
	return -1
}

// takesBackticks reports whether something in text may have backticks as a part.
func takesBackticks(text string) bool {
	return strings.ContainsAny(text, "<]|\\{@") || strings.Contains(text, "http") || strings.Contains(text, "ftp:") || strings.Contains(text, "www.")
}
