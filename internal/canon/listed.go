package canon

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Why a file that is there can't be asked for.
const (
	notNFC  = "is not in Unicode normal form C"
	notUTF8 = "is not valid UTF-8"
)

// ListedPath makes a Path of what git has for a file's name, for policy to judge. Where
// the name is no canonical path for its spelling alone, why says so, and the Path stands
// for it: in normal form C, with U+FFFD for bytes that are no UTF-8. Nothing can be asked
// for by such a Path. It is not ok for a name that is no path in any spelling.
func ListedPath(name string) (path Path, why string, ok bool) {
	if path, err := ParsePath(name); err == nil {
		return path, "", true
	}
	stand := norm.NFC.String(strings.ToValidUTF8(name, string(utf8.RuneError)))
	switch {
	case strings.ContainsRune(stand, utf8.RuneError):
		why = notUTF8
	case stand != name:
		why = notNFC
	default:
		return Path{}, "", false
	}
	if _, err := ParsePath(strings.ReplaceAll(stand, string(utf8.RuneError), "x")); err != nil {
		return Path{}, "", false
	}
	return Path{stand}, why, true
}
