package tools

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A text that is read shows neither the encoding of its file, nor how its lines end,
// nor whether the last one does. Whoever writes it back can't mean to change them. So
// they stay as they are stored.

// keptForm is a text as it is to be stored.
type keptForm struct {
	content string
	notes   []string // what of the stored form was put on it
}

// maxKept bounds what is stored, in bytes.
const maxKept = 512 << 10

// errBinary says that what is stored is no text.
var errBinary = errors.New("is binary, as far as can be told, and text does not replace it")

// keepForm gives a text the form of what is stored. Its errors go on after the name of
// the file.
func keepForm(stored []byte, given string) (kept keptForm, err error) {
	before, form, ok := decodeText(stored)
	if !ok {
		return kept, errBinary
	}
	text, notes, err := keepLineEnds(before, strings.TrimPrefix(given, mark))
	if err != nil {
		return kept, err
	}
	if kept.content, err = form.encode(text); err != nil {
		return kept, errors.New(form.lacks(text))
	}
	if len(kept.content) > maxKept {
		return kept, fmt.Errorf("would be larger than %d KiB in the form that it is kept in", maxKept>>10)
	}
	switch {
	case form.Encoding == "utf-8":
		notes = append(notes, "byte order mark")
	case form.Encoding != "":
		notes = append(notes, form.Encoding)
	}
	kept.notes = notes
	return kept, nil
}

// lacks says why a text can't be kept in a form.
func (f textForm) lacks(text string) string {
	for i, line := range strings.Split(text, "\n") {
		for _, r := range line {
			if one := string(r); r != utf8.RuneError {
				if _, err := f.codec().NewEncoder().String(one); err != nil {
					return fmt.Sprintf("is kept in %s, which has no U+%04X, as is on line %d of the content", f.Encoding, r, i+1)
				}
			}
		}
	}
	return fmt.Sprintf("is kept in %s, in which the content would be read as another text", f.Encoding)
}

// ends are how the lines of a text end.
type ends struct{ lf, crlf int }

func endsOf(text string) ends {
	all, crlf := strings.Count(text, "\n"), strings.Count(text, "\r\n")
	return ends{all - crlf, crlf}
}

// keepLineEnds ends the lines of a text as they end in what is stored, and the last one
// as that does. notes say what was changed for it, and that lines end in CR and LF.
func keepLineEnds(stored, given string) (text string, notes []string, err error) {
	was, is := endsOf(stored), endsOf(given)
	plain := strings.ReplaceAll(given, "\r\n", "\n")
	switch {
	case was.lf+was.crlf == 0 && strings.Contains(stored, "\r"):
		return "", nil, errors.New("ends its lines in carriage returns alone, which are not kept")
	case was.lf+was.crlf == 0:
		text = given
	case was.crlf == 0:
		if text = plain; is.crlf > 0 {
			notes = append(notes, "line ends LF")
		}
	case was.lf == 0:
		text, notes = strings.ReplaceAll(plain, "\n", "\r\n"), append(notes, "line ends CRLF")
	default:
		text, notes = mixedEnds(stored, plain), append(notes, "line ends CRLF and LF, each line's own")
	}
	ended := strings.HasSuffix(text, "\n")
	switch {
	case stored == "" || text == "" || ended == strings.HasSuffix(stored, "\n"):
	case ended:
		text, notes = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r"), append(notes, "no line end at the end")
	case was.crlf > 0 && (was.lf == 0 || strings.HasSuffix(stored, "\r\n")):
		text, notes = text+"\r\n", append(notes, "line end at the end")
	default:
		text, notes = text+"\n", append(notes, "line end at the end")
	}
	return text, notes, nil
}

// mixedEnds ends each line of a text, whose lines end in LF, as the line of the stored
// text that it is, and a new one as the line before it.
func mixedEnds(stored, text string) string {
	old := strings.SplitAfter(stored, "\n")
	bare := strings.ReplaceAll(stored, "\r\n", "\n")
	from := sameLines(bare, text)
	var b strings.Builder
	crlf := strings.HasSuffix(old[0], "\r\n")
	for i, line := range strings.SplitAfter(text, "\n") {
		if i < len(from) && from[i] >= 0 && strings.HasSuffix(old[from[i]], "\n") {
			crlf = strings.HasSuffix(old[from[i]], "\r\n")
		}
		if bare, ended := strings.CutSuffix(line, "\n"); ended && crlf {
			line = bare + "\r\n"
		}
		b.WriteString(line)
	}
	return b.String()
}
