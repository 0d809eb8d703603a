package sanitize

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"aegis/sanitize/leaks"
)

// invisible reports whether r shows nothing, or changes the order in which
// other characters show: control characters other than line breaks and tabs,
// Unicode's default-ignorable characters, bidirectional controls, line and
// paragraph separators. White space that takes room is visible.
func invisible(r rune) bool {
	switch {
	case r < 0x20:
		return r != '\t' && r != '\n'
	case r < 0x7f:
		return false
	case r < 0xa0:
		return true
	case r < 0x034f:
		return r == 0xad
	}
	switch {
	case r == 0x034f, r == 0x061c, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5,
		0x180b <= r && r <= 0x180f,
		0x200b <= r && r <= 0x200f,
		0x2028 <= r && r <= 0x202e,
		0x2060 <= r && r <= 0x206f,
		r == 0x3164,
		0xfe00 <= r && r <= 0xfe0f,
		r == 0xfeff, r == 0xffa0,
		0xfff0 <= r && r <= 0xfffb,
		0x1bca0 <= r && r <= 0x1bca3,
		0x1d173 <= r && r <= 0x1d17a,
		0xe0000 <= r && r <= 0xe0fff:
		return true
	}
	return false
}

// A display says which invisible characters stay as they are.
type display uint8

const (
	// asProse: only those that shape the characters around them, as in emoji,
	// Persian or Hindi.
	asProse display = iota
	// asFile: also a byte order mark at the begin, form feeds, and direction
	// marks beside letters written from right to left.
	asFile
	// asHidden: none.
	asHidden
)

// reveal replaces invisible characters by notes of what was there, and keeps
// line breaks. It returns how many there were and how many were replaced.
// It stops when the work has ended.
func reveal(w *leaks.Work, text string, how display) (shown string, present, replaced int) {
	first := firstInvisible(text)
	if first < 0 {
		return text, 0, 0
	}
	var b strings.Builder
	b.Grow(len(text) + 64)
	b.WriteString(text[:first])
	for i := first; i < len(text) && !w.Ended(); {
		r, width := utf8.DecodeRuneInString(text[i:])
		if !invisible(r) || r == '\r' && strings.HasPrefix(text[i+1:], "\n") {
			b.WriteString(text[i : i+width])
			i += width
			continue
		}
		run := runOf(text, i, how)
		if !w.Spend(workOfNote) || b.Len() > len(text)+mostGrowth {
			break
		}
		present += run.count
		if run.keep {
			b.WriteString(text[i:run.end])
		} else {
			replaced += run.count
			b.WriteString(run.note)
		}
		i = run.end
	}
	return b.String(), present, replaced
}

// workOfNote is how many units of work a note takes.
const workOfNote = 128

// isVisible has the bytes of ASCII that are visible, and those that part lines and
// columns.
var isVisible = func() (is [256]bool) {
	for b := range rune(utf8.RuneSelf) {
		is[b] = !invisible(b)
	}
	return is
}()

func firstInvisible(text string) int {
	for i := 0; i < len(text); i++ {
		for i < len(text) && isVisible[text[i]] {
			i++
		}
		if i == len(text) {
			break
		}
		if b := text[i]; b < utf8.RuneSelf {
			if b == '\r' && i+1 < len(text) && text[i+1] == '\n' {
				continue
			}
			return i
		}
		r, width := utf8.DecodeRuneInString(text[i:])
		if invisible(r) {
			return i
		}
		i += width - 1
	}
	return -1
}

// A hiddenRun is invisible characters of one sort in a row.
type hiddenRun struct {
	end   int
	count int
	keep  bool
	note  string
}

func runOf(text string, at int, how display) hiddenRun {
	r, width := utf8.DecodeRuneInString(text[at:])
	if isTag(r) {
		return tagRun(text, at, how)
	}
	if how != asHidden && legitimate(text, at, r, width, how) {
		return hiddenRun{end: at + width, count: 1, keep: true}
	}
	run := hiddenRun{end: at + width, count: 1, note: fmt.Sprintf("[U+%04X]", r)}
	if how == asHidden {
		return run
	}
	sort := sortOf(r)
	for run.end < len(text) {
		next, w := utf8.DecodeRuneInString(text[run.end:])
		if !invisible(next) || isTag(next) || sortOf(next) != sort || next == '\r' || legitimate(text, run.end, next, w, how) {
			break
		}
		run.count++
		run.end += w
	}
	if run.count > 1 {
		run.note = fmt.Sprintf("[%d %s characters]", run.count, sort)
	}
	return run
}

func sortOf(r rune) string {
	switch {
	case r < 0x20 || 0x7f <= r && r < 0xa0:
		return "control"
	case r == 0x061c || r == 0x200e || r == 0x200f || 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069:
		return "direction-changing"
	case isSelector(r):
		return "variation selector"
	case 0x200b <= r && r <= 0x200d || 0x2060 <= r && r <= 0x2064 || r == 0xfeff:
		return "zero-width"
	}
	return "invisible"
}

func isTag(r rune) bool { return 0xe0000 <= r && r <= 0xe007f }

func isSelector(r rune) bool {
	return 0xfe00 <= r && r <= 0xfe0f || 0xe0100 <= r && r <= 0xe01ef || 0x180b <= r && r <= 0x180d || r == 0x180f
}

// tagRun reads tag characters. They spell ASCII that no reader sees; the flags
// of England, Scotland and Wales are their one proper use.
func tagRun(text string, at int, how display) hiddenRun {
	run := hiddenRun{end: at}
	var message strings.Builder
	for run.end < len(text) {
		r, width := utf8.DecodeRuneInString(text[run.end:])
		if !isTag(r) {
			break
		}
		if 0xe0020 <= r && r <= 0xe007e {
			message.WriteByte(byte(r - 0xe0000))
		}
		run.count++
		run.end += width
	}
	switch message.String() {
	case "gbeng", "gbsct", "gbwls":
		run.keep = how != asHidden && strings.HasSuffix(text[:at], "\U0001F3F4") && strings.HasSuffix(text[:run.end], "\U000E007F") && run.count == 6
	}
	run.note = fmt.Sprintf("[hidden tag characters: %q]", message.String())
	return run
}

// legitimate reports whether the invisible r at offset at does what it is
// there for, and hides nothing.
func legitimate(text string, at int, r rune, width int, how display) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	after, _ := utf8.DecodeRuneInString(text[at+width:])
	if at == 0 {
		before = -1
	}
	if at+width == len(text) {
		after = -1
	}
	switch {
	case r == 0x200d && (pictorial(before) || before == 0xfe0f) && pictorial(after):
		return true
	case r == 0x200c || r == 0x200d:
		return joining(before) && joining(after)
	case r == 0xfe0e || r == 0xfe0f:
		return pictorial(before) || after == 0x20e3 && strings.ContainsRune("0123456789#*", before)
	case 0xfe00 <= r && r <= 0xfe02:
		return unicode.In(before, unicode.Han, unicode.Myanmar) || unicode.Is(unicode.Sm, before)
	case 0xe0100 <= r && r <= 0xe01ef:
		return unicode.Is(unicode.Han, before)
	case 0x180b <= r && r <= 0x180f:
		return unicode.Is(unicode.Mongolian, before) && unicode.IsLetter(before)
	}
	if how != asFile {
		return false
	}
	switch r {
	case 0xfeff:
		return at == 0
	case '\f':
		return true
	case 0x200e, 0x200f, 0x061c:
		return rightToLeft(before) || rightToLeft(after)
	}
	return false
}

// pictorial reports whether r is a symbol that emoji are made of.
func pictorial(r rune) bool {
	return r > 0x7f && (unicode.In(r, unicode.So, unicode.Sk, unicode.Sm) || r == 0x203c || r == 0x2049 || r == 0x20e3)
}

// joining reports whether r is of a script whose letters join.
func joining(r rune) bool {
	return unicode.In(r, unicode.Arabic, unicode.Syriac, unicode.Nko, unicode.Mongolian,
		unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya,
		unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala,
		unicode.Khmer, unicode.Myanmar, unicode.Tibetan, unicode.Balinese, unicode.Javanese) &&
		unicode.In(r, unicode.Letter, unicode.Mark)
}

func rightToLeft(r rune) bool {
	return unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko) && unicode.IsLetter(r)
}
