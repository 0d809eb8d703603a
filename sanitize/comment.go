package sanitize

import "strings"

const (
	commentBegin = "<!--"
	commentEnd   = "-->"
	commentNote  = "[hidden comment:"
)

// revealComments shows HTML comments, which Gitea's pages do not, as what they
// are: "<!-- x -->" becomes "[hidden comment: x]". One that is not ended hides
// the rest of the text. Comments in code, which do show, are marked as well: to
// tell code from what only looks like it to us and not to a browser is how
// something would be missed.
func revealComments(text string) string {
	if !strings.Contains(text, commentBegin) {
		return text
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, commentBegin)
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		// A browser also ends a comment at ">" or "->" right at its begin, and
		// at "--!>". The note ends at the first of these.
		inside, after := rest, ""
		cut := -1
		for _, end := range []string{commentEnd, "--!>"} {
			if i := strings.Index(rest, end); i >= 0 && (cut < 0 || i < cut) {
				cut = i
				inside, after = rest[:i], rest[i+len(end):]
			}
		}
		for _, end := range []string{">", "->"} {
			if strings.HasPrefix(rest, end) {
				inside, after = "", rest[len(end):]
			}
		}
		b.WriteString(commentNote)
		if inside != "" && !isSpace(inside[0]) {
			b.WriteByte(' ')
		}
		// What begins a comment inside one would be taken for one next time.
		b.WriteString(strings.ReplaceAll(strings.TrimRight(inside, " "), commentBegin, "<!- -"))
		b.WriteByte(']')
		text = after
	}
}
