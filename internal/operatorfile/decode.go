package operatorfile

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// TextError says where and why bytes are not the text of an operator's file.
// Lines and columns count from 1, columns in characters; line 0 is the file as
// a whole. It shows nothing of the text.
type TextError struct {
	Line, Column int
	Message      string
}

func (e *TextError) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

const saveAs = "save it as UTF-8"

// Decode returns the text of a file: UTF-8, without a byte-order mark in front,
// and with lines that end in "\n", whether they ended in "\r\n", "\r" or "\n".
// Its error is a [*TextError].
func Decode(raw []byte) (string, error) {
	if wide := wideEncoding(raw); wide != "" {
		return "", &TextError{Message: "this is " + wide + " text; " + saveAs}
	}
	text := string(bytes.TrimPrefix(raw, []byte("\ufeff")))
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	line, column := 1, 1
	for i, size := 0, 0; i < len(text); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return "", &TextError{line, column, fmt.Sprintf("the byte 0x%02X is not UTF-8, but perhaps Latin-1; %s", text[i], saveAs)}
		case r == 0:
			return "", &TextError{line, column, "a NUL byte; " + saveAs}
		case r == '\n':
			line, column = line+1, 1
		default:
			column++
		}
	}
	return text, nil
}

// wideEncoding names the encoding of a text whose characters have two or four
// bytes: by its mark, or because nearly every second byte is zero.
func wideEncoding(raw []byte) string {
	for _, mark := range []struct{ bytes, name string }{
		{"\xff\xfe\x00\x00", "UTF-32"}, {"\x00\x00\xfe\xff", "UTF-32"}, {"\xff\xfe", "UTF-16"}, {"\xfe\xff", "UTF-16"},
	} {
		if bytes.HasPrefix(raw, []byte(mark.bytes)) {
			return mark.name
		}
	}
	var zeros [2]int
	for i, b := range raw {
		if b == 0 {
			zeros[i%2]++
		}
	}
	if half := len(raw) / 2; half > 1 && max(zeros[0], zeros[1]) > half*3/4 {
		return "UTF-16"
	}
	return ""
}

// blanks are characters that Unicode takes for printable ones, and that show
// nothing: an empty pattern of Braille, a place for an object, a note without a
// head.
const blanks = "\u2800\ufffc\U0001d159"

// Unseen reports whether r can't be seen, is a space that is not the usual one,
// or stands for a character that was lost: text that holds it is another than it
// looks.
func Unseen(r rune) bool {
	return !unicode.IsPrint(r) || r == utf8.RuneError || strings.ContainsRune(blanks, r) ||
		unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// SeenAs says how a character that is [Unseen] looks.
func SeenAs(r rune) string {
	if unicode.IsSpace(r) || unicode.Is(unicode.Zs, r) || strings.ContainsRune(blanks, r) {
		return "looks like a space and is another character"
	}
	if r == utf8.RuneError {
		return "stands for one that was lost when the file was converted"
	}
	return "can't be seen"
}
