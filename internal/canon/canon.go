// Package canon holds the names by which Aegis addresses things in Gitea:
// repositories, paths and refs.
//
// Gitea is generous with names: it folds case, cleans paths, resolves
// revision expressions. A policy decided on one spelling and a request sent
// with another is how a rule is bypassed, so there is exactly one spelling
// here. A [Repo], [Path] or [Ref] can only be made by parsing; parsing folds
// the case of owner and repository and refuses every other deviation from
// canonical form. It never repairs. A function that takes one of these types
// need not check it again, and what is sent to Gitea is what was decided on.
//
// The zero value of each type is "none" ([Path]'s is the root folder).
package canon

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds on names, in bytes. Gitea's own columns are as wide or wider.
const (
	MaxOwner = 40
	MaxRepo  = 100
	MaxRef   = 255
	MaxPath  = 500
)

// Error says why a name is not canonical. It never quotes the name: it came
// from a caller or from a repository, and errors are logged and shown.
type Error struct {
	What   string // what was parsed: "owner", "path", …
	Reason string // the rule it breaks, one clause
}

func (e *Error) Error() string { return e.What + " " + e.Reason }

func refuse(what, format string, args ...any) error {
	return &Error{What: what, Reason: fmt.Sprintf(format, args...)}
}

// text checks what all names share: not empty, at most max bytes, UTF-8 in
// NFC, no control characters.
func text(what, s string, max int) error {
	switch {
	case s == "":
		return refuse(what, "must not be empty")
	case len(s) > max:
		return refuse(what, "is longer than %d bytes", max)
	case !utf8.ValidString(s):
		return refuse(what, "is not valid UTF-8")
	case strings.ContainsFunc(s, unicode.IsControl):
		return refuse(what, "contains a control character")
	case !norm.NFC.IsNormalString(s):
		return refuse(what, notNFC)
	case strings.ContainsRune(s, utf8.RuneError):
		return refuse(what, "holds U+FFFD, which stands in lists for bytes that are no UTF-8; what has them in its name can't be asked for")
	}
	return nil
}
