package canon

import "strings"

// Path is a file's or folder's path from the root of a repository, with
// slashes. The zero Path is the root.
type Path struct{ path string }

// ParsePath makes a Path of at most [MaxPath] bytes. It refuses an empty path
// (the root is the zero Path), empty, ".", ".." and ".git" segments, leading
// and trailing slashes, backslashes, and the escapes %2e, %2f and %5c, each of
// which Gitea or something between would clean into another path.
func ParsePath(s string) (Path, error) {
	if err := text("path", s, MaxPath); err != nil {
		return Path{}, err
	}
	if strings.Contains(s, `\`) {
		return Path{}, refuse("path", "contains a backslash")
	}
	folded := strings.ToLower(s)
	for _, escape := range []string{"%2e", "%2f", "%5c"} {
		if strings.Contains(folded, escape) {
			return Path{}, refuse("path", "contains the escape %s", escape)
		}
	}
	for segment := range strings.SplitSeq(folded, "/") {
		switch segment {
		case "":
			return Path{}, refuse("path", "has a leading, trailing or doubled slash")
		case ".", "..", ".git":
			return Path{}, refuse("path", "has a %q segment", segment)
		}
	}
	return Path{s}, nil
}

// String returns the path, "" for the root.
func (p Path) String() string { return p.path }

// IsRoot reports whether p is the root folder.
func (p Path) IsRoot() bool { return p.path == "" }
