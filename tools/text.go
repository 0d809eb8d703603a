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

// decodeText makes UTF-8 of a file, or reports that it is binary. encoding is
// what it was decoded from, "" for UTF-8. Decoding comes before scrubbing: a
// key in UTF-16 is a key.
func decodeText(raw []byte) (text, encoding string, ok bool) {
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		return transcode(raw, "utf-16le", unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM))
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return transcode(raw, "utf-16be", unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM))
	}
	if bytes.IndexByte(raw, 0) >= 0 {
		return "", "", false
	}
	if raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")); utf8.Valid(raw) {
		return string(raw), "", true
	}
	return transcode(raw, "windows-1252", charmap.Windows1252)
}

// transcode decodes raw; what decodes to control characters is binary.
func transcode(raw []byte, name string, from encoding.Encoding) (string, string, bool) {
	decoded, err := from.NewDecoder().Bytes(raw)
	if err != nil || bytes.ContainsFunc(decoded, isBinary) {
		return "", "", false
	}
	return string(decoded), name, true
}

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
	StartColumn int `json:"start_column,omitempty" doc:"As next_start_column has it"`
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
