package policy

import (
	"errors"
	"fmt"
	"strings"

	"aegis/internal/canon"
)

// compilePath makes a glob for canonical paths.
func compilePath(pattern string) (glob, error) { return compile(pattern) }

// compileBranch makes a glob for short branch names, refusing what no branch
// can be called.
func compileBranch(pattern string) (glob, error) {
	g, err := compile(pattern)
	if err != nil {
		return glob{}, err
	}
	switch {
	case strings.HasPrefix(pattern, "refs/"):
		return glob{}, errors.New("begins with refs/ and can never match; write the branch's short name")
	case strings.HasPrefix(pattern, "-"):
		return glob{}, errors.New("begins with '-' and can never match")
	case strings.ContainsAny(pattern, " ~:\\"), strings.Contains(pattern, ".."), strings.Contains(pattern, "@{"):
		return glob{}, errors.New("contains one of space ~ : \\ .. @{ and can never match")
	}
	for name := range strings.SplitSeq(pattern, "/") {
		if strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".lock") || strings.EqualFold(pattern, "HEAD") {
			return glob{}, errors.New("is HEAD or has a segment that begins with '.' or ends in '.lock' and can never match")
		}
	}
	return g, nil
}

// parseRepoPattern reads "owner/name" with "*" inside either, in any case.
func parseRepoPattern(text string) (repoPattern, error) {
	owner, name, ok := strings.Cut(text, "/")
	if !ok || strings.Contains(name, "/") {
		return repoPattern{}, errors.New("is not of the form owner/name and can never match")
	}
	if err := checkNamePattern("owner", owner, canon.MaxOwner); err != nil {
		return repoPattern{}, err
	}
	if err := checkNamePattern("name", name, canon.MaxRepo); err != nil {
		return repoPattern{}, err
	}
	return repoPattern{text, strings.ToLower(owner), strings.ToLower(name)}, nil
}

// checkNamePattern refuses what can match no owner or repository name.
func checkNamePattern(what, text string, most int) error {
	if text == "" {
		return fmt.Errorf("has an empty %s and can never match", what)
	}
	for _, c := range []byte(text) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("._-*", c) >= 0:
		default:
			return fmt.Errorf("has a character other than letters, digits, '.', '_', '-' and '*' in its %s", what)
		}
	}
	switch {
	case strings.Contains(text, "**"):
		return errors.New("contains **; a * already matches any part of a name")
	case text == "." || text == "..":
		return fmt.Errorf("has a dot segment as its %s and can never match", what)
	case strings.HasSuffix(strings.ToLower(text), ".git"):
		return fmt.Errorf("has a %s that ends in .git and can never match", what)
	case len(text)-strings.Count(text, "*") > most:
		return fmt.Errorf("has a %s of more than %d bytes and can never match", what, most)
	}
	return nil
}
