package tools

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// textForm is how a text is kept in a file, as answers say it. The zero form is plain
// UTF-8: without a mark at its begin.
type textForm struct {
	Encoding string `json:"encoding,omitempty"`         // what the text was decoded from
	Guessed  bool   `json:"encoding_guessed,omitempty"` // nothing in the file says so
	Mark     bool   `json:"byte_order_mark,omitempty"`
}

const mark = "\ufeff"

// decodeText makes UTF-8 of a file, or reports that it is binary: that it is in no
// encoding that can be told or guessed. Decoding comes before scrubbing: a key in
// UTF-16 is a key.
func decodeText(raw []byte) (text string, form textForm, ok bool) {
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		form = textForm{Encoding: "utf-16le", Mark: true}
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		form = textForm{Encoding: "utf-16be", Mark: true}
	case bytes.IndexByte(raw, 0) >= 0:
		return "", textForm{}, false
	case bytes.HasPrefix(raw, []byte(mark)) && utf8.Valid(raw):
		return string(raw[len(mark):]), textForm{Encoding: "utf-8", Mark: true}, true
	case utf8.Valid(raw):
		return string(raw), textForm{}, true
	default:
		form = textForm{Encoding: "windows-1252", Guessed: true}
	}
	decoded, err := form.codec().NewDecoder().Bytes(raw)
	if err != nil || bytes.ContainsFunc(decoded, isBinary) {
		return "", textForm{}, false
	}
	return string(decoded), form, true
}

// codec is the encoding of a form that is not UTF-8.
func (f textForm) codec() encoding.Encoding {
	switch f.Encoding {
	case "utf-16le":
		return unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
	case "utf-16be":
		return unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM)
	}
	return charmap.Windows1252
}

// encode is a text as a file of this form has it. It fails where reading the file
// would not give the very same text again.
func (f textForm) encode(text string) (stored string, err error) {
	switch f.Encoding {
	case "":
		return text, nil
	case "utf-8":
		stored = mark + text
	default:
		if stored, err = f.codec().NewEncoder().String(text); err != nil {
			return "", err
		}
	}
	if again, _, ok := decodeText([]byte(stored)); !ok || again != text {
		return "", errors.New("it would be read as another text")
	}
	return stored, nil
}

// isBinary reports whether a character is in no text.
func isBinary(r rune) bool {
	return r < 0x20 && !strings.ContainsRune("\t\n\r\f\x1b", r) || r == utf8.RuneError
}

// lfsFile is what a Git LFS pointer stands for.
type lfsFile struct {
	OID  string `json:"oid"` // sha256:…
	Size int64  `json:"size"`
}

// lfsPointer reads a Git LFS pointer file, at most 1 KiB by its specification
// (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md), or returns nil.
func lfsPointer(raw []byte) *lfsFile {
	if len(raw) > 1024 || !bytes.HasPrefix(raw, []byte("version https://git-lfs.github.com/spec/")) {
		return nil
	}
	pointer := new(lfsFile)
	for line := range strings.SplitSeq(string(raw), "\n") {
		key, value, _ := strings.Cut(line, " ")
		switch key {
		case "oid":
			pointer.OID = value
		case "size":
			pointer.Size, _ = strconv.ParseInt(value, 10, 64)
		}
	}
	if pointer.OID == "" {
		return nil
	}
	return pointer
}

// lineArgs are the arguments that say where a text is to begin.
type lineArgs struct {
	StartLine   int `json:"start_line,omitempty" doc:"First line, from 1"`
	StartColumn int `json:"start_column,omitempty" doc:"From next_start_column"`
}

// wrongLines refuses a window that ends before it begins; 0 is not given.
func (a lineArgs) wrongLines(end int) error {
	switch {
	case end != 0 && end < max(a.StartLine, 1):
		return errors.New("end_line must not be before start_line")
	case a.StartColumn > 1 && a.StartLine == 0:
		return errors.New("start_column is of the line that start_line names, which is not given")
	}
	return nil
}
