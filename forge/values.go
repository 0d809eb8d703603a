package forge

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"aegis/internal/canon"
)

// What a value in a path or a query may be. Each function is a word of the
// egress list.

// number is an integer from 0 of at most ten digits; clients send 0 for "not
// given".
func number(s string) bool {
	_, err := strconv.ParseUint(s, 10, 64)
	return err == nil && len(s) <= 10
}

// limit is a page's length, at most 50.
func limit(s string) bool {
	n, err := strconv.ParseUint(s, 10, 8)
	return err == nil && n <= 50
}

func flag(s string) bool { return s == "true" || s == "false" || s == "1" || s == "0" }

// word is a lower-case keyword like a sort order.
func word(s string) bool {
	return len(s) <= 32 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") == ""
}

func state(s string) bool { return s == "open" || s == "closed" || s == "all" }

func issuesOrPulls(s string) bool { return s == "issues" || s == "pulls" }

func issuesOnly(s string) bool { return s == "issues" }

// text is a search text or a title of at most 1,024 bytes.
func text(s string) bool { return isText(s, 1024) }

// names is a list of label names or milestone titles, separated by commas.
func names(s string) bool { return isText(s, 8192) }

func isText(s string, max int) bool {
	return len(s) <= max && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// moment is a time in RFC 3339.
func moment(s string) bool {
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}

// commitID is 40 hex digits in lower case.
func commitID(s string) bool { return canon.IsCommitID(s) && s == strings.ToLower(s) }

// literalPath makes git take the path behind it for a path. Without it, it is
// a pathspec: docs/gu*, :!docs or :(icase)DOCS would get around a rule on paths.
const literalPath = ":(literal)"

// pathSpec is a canonical path, taken literally.
func pathSpec(s string) bool {
	path, literal := strings.CutPrefix(s, literalPath)
	return literal && filePath(path)
}

// filePath is a canonical path.
func filePath(s string) bool {
	_, err := canon.ParsePath(s)
	return err == nil
}

// login is a user's canonical name, in any case: Gitea folds it.
func login(s string) bool {
	_, err := canon.ParseOwner(s)
	return err == nil
}

// isOwner reports whether s is an owner's canonical name, folded.
func isOwner(s string) bool {
	owner, err := canon.ParseOwner(s)
	return err == nil && owner.String() == s
}

// isShortRef reports whether s can be a branch's or tag's short name.
func isShortRef(s string) bool {
	ref, err := canon.ParseRef("refs/heads/" + s)
	if err != nil {
		return false
	}
	name, ok := ref.Branch()
	return ok && name == s
}

// ownRef is a branch or a tag in full, refs/heads/… or refs/tags/…: a shorter name
// could be taken for another.
func ownRef(s string) bool {
	for _, prefix := range []string{"refs/heads/", "refs/tags/"} {
		if name, ok := strings.CutPrefix(s, prefix); ok {
			return isShortRef(name)
		}
	}
	return false
}
