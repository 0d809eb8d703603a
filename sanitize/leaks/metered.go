package leaks

import (
	"io"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// meteredAll is all for a pattern of which somebody else knows how it behaves.
// Go's regular expressions take one match in time that is proportional to what
// they read for it; but a pattern like x(.*y)? reads to the end of the text for
// each x. Here every character read counts, those that are read again once more.
// When more were read than a text's length allows, the rest of the text has not
// been looked at, from rest on, and counts as found: see unread.
func (r *rule) meteredAll(text string) (found []Span, rest int) {
	m := &meter{left: 8*len(text) + 1<<16}
	for at := 0; at < len(text); {
		// A match can ask what stands before it: one character is read again.
		from := at
		if at > 0 {
			_, width := utf8.DecodeLastRuneInString(text[:at])
			from -= width
		}
		m.text, m.at = text[from:], 0
		groups := r.search(from < at).FindReaderSubmatchIndex(m)
		switch {
		case m.left < 0:
			return found, at
		case groups == nil:
			return found, len(text)
		}
		found = append(found, Span{from + groups[2], from + groups[3]})
		at = from + groups[3] // no pattern matches nothing: parsing refuses that
	}
	return found, len(text)
}

// unread is the finding that everything from offset rest on is.
func (r *rule) unread(text string, rest int) Finding {
	return Finding{
		Rule: r.id, Start: rest, End: len(text), MatchStart: rest, MatchEnd: len(text),
		secret: text[rest:], match: text[rest:],
	}
}

// A searcher finds the leftmost match of a pattern and has it as its first
// group; inside skips a character before it.
type searcher struct{ begin, inside func() *regexp.Regexp }

func newSearcher(pattern string) searcher {
	compiled := func(lead string) func() *regexp.Regexp {
		return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(lead + "(" + pattern + ")") })
	}
	return searcher{begin: compiled(`\A(?s:.*?)`), inside: compiled(`\A(?s:.)(?s:.*?)`)}
}

func (r *rule) search(inside bool) *regexp.Regexp {
	if inside {
		return r.searcher.inside()
	}
	return r.searcher.begin()
}

// A meter reads a text and counts; it ends early when nothing is left.
type meter struct {
	text string
	at   int
	left int // characters that may still be read
}

func (m *meter) ReadRune() (rune, int, error) {
	if m.at == len(m.text) {
		return 0, 0, io.EOF
	}
	if m.left--; m.left < 0 {
		return 0, 0, io.EOF
	}
	r, width := utf8.DecodeRuneInString(m.text[m.at:])
	m.at += width
	return r, width, nil
}

var _ io.RuneReader = (*meter)(nil)

// ascii reports whether s can be a word of a dictionary.
func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}
