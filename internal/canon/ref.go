package canon

import "strings"

// Ref names a commit: a branch, a tag, a commit id, or what one begins with. Which of
// these a short name is, only the repository knows; a branch wins, then a tag.
type Ref struct{ ref string }

// ParseRef makes a Ref of at most [MaxRef] bytes: a branch or tag by its short
// name, refs/heads/…, refs/tags/…, or a commit id of 40 hex digits, as
// git-check-ref-format allows. "HEAD", "@", other refs/ namespaces and
// revision expressions (~ ^ :) are refused.
func ParseRef(s string) (Ref, error) {
	if err := text("ref", s, MaxRef); err != nil {
		return Ref{}, err
	}
	if IsCommitID(s) {
		return Ref{strings.ToLower(s)}, nil
	}
	short := s
	switch {
	case strings.HasPrefix(s, "refs/heads/"):
		short = s[len("refs/heads/"):]
	case strings.HasPrefix(s, "refs/tags/"):
		short = s[len("refs/tags/"):]
	case strings.HasPrefix(s, "refs/"), s == "refs":
		return Ref{}, refuse("ref", "may only be below refs/heads/ or refs/tags/")
	}
	if err := shortName("ref", short); err != nil {
		return Ref{}, err
	}
	return Ref{s}, nil
}

// shortName checks a branch's or tag's name by the rules of
// git-check-ref-format(1), and that it is not a revision of its own.
func shortName(what, s string) error {
	switch {
	case s == "":
		return refuse(what, "must not be empty")
	case strings.EqualFold(s, "HEAD"), s == "@":
		return refuse(what, "must name a branch, a tag or a commit, not HEAD or @")
	case strings.HasPrefix(s, "-"):
		return refuse(what, "must not begin with '-'")
	case strings.ContainsAny(s, " ~^:?*[\\"):
		return refuse(what, "contains one of space ~ ^ : ? * [ \\")
	case strings.Contains(s, ".."), strings.Contains(s, "@{"), strings.HasSuffix(s, "."):
		return refuse(what, "contains '..' or '@{' or ends in '.'")
	}
	for segment := range strings.SplitSeq(s, "/") {
		if segment == "" || strings.HasPrefix(segment, ".") || strings.HasSuffix(segment, ".lock") {
			return refuse(what, "has a segment that is empty, begins with '.' or ends in '.lock'")
		}
	}
	return nil
}

// IsCommitID reports whether s is 40 hex digits.
func IsCommitID(s string) bool { return len(s) == 40 && isHex(s) }

// minShort is how many digits a shortened commit id has at least.
const minShort = 7

// isHex reports whether s is of hex digits alone.
func isHex(s string) bool { return strings.Trim(s, "0123456789abcdefABCDEF") == "" }

// IsShortCommitID reports whether s is 7 to 39 hex digits, which a commit's id may begin
// with.
func IsShortCommitID(s string) bool { return len(s) >= minShort && len(s) < 40 && isHex(s) }

// String returns the ref as it was written, a commit id in lower case.
func (r Ref) String() string { return r.ref }

// IsZero reports whether r names nothing.
func (r Ref) IsZero() bool { return r.ref == "" }

// Commit returns the commit id if r is one.
func (r Ref) Commit() (string, bool) { return r.ref, IsCommitID(r.ref) }

// ShortCommit returns what a commit's id may begin with if r is that, in lower case. It
// may be a branch's or a tag's name as well.
func (r Ref) ShortCommit() (string, bool) {
	return strings.ToLower(r.ref), IsShortCommitID(r.ref)
}

// Branch returns the name r has if it is a branch, and whether it may be one.
func (r Ref) Branch() (string, bool) { return r.under("refs/heads/", "refs/tags/") }

// Tag returns the name r has if it is a tag, and whether it may be one.
func (r Ref) Tag() (string, bool) { return r.under("refs/tags/", "refs/heads/") }

func (r Ref) under(want, other string) (string, bool) {
	if _, ok := r.Commit(); ok || r.IsZero() || strings.HasPrefix(r.ref, other) {
		return "", false
	}
	return strings.TrimPrefix(r.ref, want), true
}
