package policy

import (
	"errors"
	"strings"

	"aegis/internal/canon"
)

// PathGlob is a glob for paths, in the syntax of a policy's path rules, that is
// no rule: a caller's own choice. The zero PathGlob matches nothing.
type PathGlob struct {
	glob  glob
	plain bool // without wildcards
}

// ParsePathGlob reads a glob. It refuses what is malformed and what no canonical path
// can match. Its error's text goes on after the glob's name, and quotes no more of it
// than a character or two.
func ParsePathGlob(pattern string) (PathGlob, error) {
	g, err := compilePath(pattern)
	if err != nil {
		for cause := err; cause != nil; cause = errors.Unwrap(cause) { // the outer ones quote
			err = cause
		}
		return PathGlob{}, err
	}
	return PathGlob{g, !strings.ContainsAny(pattern, "*?[{")}, nil
}

// Match reports whether a file's path matches, with its case. A glob without
// wildcards that is a folder's path matches all files below.
func (g PathGlob) Match(path canon.Path) bool {
	fit := g.glob.fit(path.String(), false)
	return fit.whole || g.plain && fit.within
}
