package sanitize

import (
	"strings"

	"aegis/sanitize/leaks"
)

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
func revealComments(w *leaks.Work, text string) string {
	if !strings.Contains(text, commentBegin) {
		return text
	}
	var b strings.Builder
	end, bang := occurrence{what: commentEnd}, occurrence{what: "--!>"}
	for at := 0; ; {
		i := strings.Index(text[at:], commentBegin)
		if i < 0 || !w.Spend(workOfNote/4+i) {
			b.WriteString(text[at:])
			return b.String()
		}
		b.WriteString(text[at : at+i])
		at += i + len(commentBegin)
		// A browser also ends a comment at ">" or "->" right at its begin, and
		// at "--!>". The note ends at the first of these.
		inside, after := len(text), len(text)
		for _, o := range []*occurrence{&end, &bang} {
			if i := o.from(text, at); i < inside {
				inside, after = i, i+len(o.what)
			}
		}
		for _, end := range []string{">", "->"} {
			if strings.HasPrefix(text[at:], end) {
				inside, after = at, at+len(end)
			}
		}
		b.WriteString(commentNote)
		if inside > at && !isSpace(text[at]) {
			b.WriteByte(' ')
		}
		// What begins a comment inside one would be taken for one next time.
		b.WriteString(strings.ReplaceAll(strings.TrimRight(text[at:inside], " "), commentBegin, "<!- -"))
		b.WriteByte(']')
		at = after
	}
}

// An occurrence is where something is for the next time. It is looked for once, not
// anew by each that asks and finds it far away or nowhere.
type occurrence struct {
	what string
	at   int // where it is, at or after the offsets asked for so far
	seen bool
}

// from returns the first offset at or after i, len(text) if there is none. Offsets
// asked for ascend.
func (o *occurrence) from(text string, i int) int {
	if !o.seen || o.at < i {
		o.at, o.seen = len(text), true
		if n := strings.Index(text[i:], o.what); n >= 0 {
			o.at = i + n
		}
	}
	return o.at
}
