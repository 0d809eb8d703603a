package gate

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/diff"
)

// page is a message to a human, line by line. Every line of a text begins with a bar
// and a sign, so that none can be taken for one of ours.
type page struct{ b strings.Builder }

func (p *page) String() string { return p.b.String() }

// The beginnings of a text's lines: of one that is there or comes to be, of one that a
// diff adds, and of one that it takes away.
const (
	barText    = "  | "
	barAdded   = "  |+ "
	barRemoved = "  |- "
)

// line adds a line of ours.
func (p *page) line(format string, args ...any) { fmt.Fprintf(&p.b, format+"\n", args...) }

// text adds a text under its name, or beside it, if it is too short and simple to look
// like anything else.
func (p *page) text(name, text string) {
	if short(text) {
		p.line("%s: %s", label(name), text)
		return
	}
	p.line("%s:", label(name))
	p.lines(barText, text)
}

// maxShort is how long a text may be, in bytes, to stand beside its name.
const maxShort = 48

// short reports whether a text is a few words in a line.
func short(text string) bool {
	return len(text) <= maxShort && strings.TrimSpace(text) == text && !strings.Contains(text, "  ") && !piled().MatchString(text) &&
		!strings.ContainsFunc(text, func(r rune) bool { return r != ' ' && (isBlank(r) || !unicode.IsGraphic(r)) })
}

func (p *page) lines(bar, text string) {
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		p.b.WriteString(bar + line + "\n")
	}
}

// diff adds what changes of a text.
func (p *page) diff(name, before, after string) {
	p.line("%s:", label(name))
	changed := strings.Split(strings.TrimSuffix(string(diff.Diff("a", []byte(before), "b", []byte(after))), "\n"), "\n")
	if len(changed) <= diffHead {
		p.line("  (what changes does not show)")
		p.lines(barRemoved, before)
		p.lines(barAdded, after)
		return
	}
	for _, line := range changed[diffHead:] {
		switch {
		case strings.HasPrefix(line, "+"):
			p.b.WriteString(barAdded + line[1:] + "\n")
		case strings.HasPrefix(line, "-"):
			p.b.WriteString(barRemoved + line[1:] + "\n")
		case strings.HasPrefix(line, " "):
			p.b.WriteString(barText + line[1:] + "\n")
		default: // @@, or that the last line has no line break
			p.line("  %s", line)
		}
	}
}

// diffHead is how many lines name the sides of a diff.
const diffHead = 3

// maxName bounds a name in bytes. An argument may name a part of itself; its text
// repeats it.
const maxName = 60

func label(name string) string {
	if len(name) <= maxName {
		return name
	}
	return strings.ToValidUTF8(name[:maxName], "") + "…"
}

// binary is what is said of a content that is no text.
func binary(content string) (note string, ok bool) {
	if utf8.ValidString(content) && !strings.ContainsRune(content, 0) {
		return "", false
	}
	return fmt.Sprintf("(binary, %d bytes, SHA-256 %x)", len(content), sha256.Sum256([]byte(content))), true
}

// cutFrom reports whether something was cut from a line that would be written, or
// stays. Nothing that is written can say so itself.
func cutFrom(message string) bool {
	for line := range strings.Lines(message) {
		if !strings.HasPrefix(line, barRemoved) && !strings.HasPrefix(line, continued(barRemoved)) && Marker().MatchString(line) {
			return true
		}
	}
	return false
}
