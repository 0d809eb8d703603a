package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"aegis/internal/canon"
)

// compilePath makes a glob for canonical paths, refusing what is none.
func compilePath(pattern string) (glob, error) {
	return compile(pattern, func(row string) error {
		folded := strings.ToLower(row)
		for _, escape := range []string{"%2e", "%2f", "%5c"} {
			if strings.Contains(folded, escape) {
				return fmt.Errorf("contains the escape %s and can never match", escape)
			}
		}
		for name := range strings.SplitSeq(folded, "/") {
			switch name {
			case ".", "..", ".git":
				return fmt.Errorf("has a %q segment and can never match", name)
			}
		}
		return tooLong(row, canon.MaxPath)
	})
}

// compileBranch makes a glob for short branch names, and for tags as refs/tags/NAME,
// refusing what none can be called.
func compileBranch(pattern string) (glob, error) {
	return compile(pattern, func(row string) error {
		switch {
		case strings.HasPrefix(row, "refs/") && !strings.HasPrefix(row, "refs/tags/"):
			return errors.New("begins with refs/ and can never match; write a branch's short name, or refs/tags/ and a tag's")
		case strings.EqualFold(row, "HEAD"), row == "@":
			return errors.New("is no branch and can never match; the default branch goes by its name")
		case strings.HasPrefix(row, "-"), strings.HasSuffix(row, "."):
			return errors.New("begins with '-' or ends in '.' and can never match")
		case strings.ContainsAny(row, " ~:"), strings.Contains(row, ".."), strings.Contains(row, "@{"):
			return errors.New("contains one of space ~ : .. @{ and can never match")
		}
		for name := range strings.SplitSeq(row, "/") {
			if strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".lock") {
				return errors.New("has a segment that begins with '.' or ends in '.lock' and can never match")
			}
		}
		return tooLong(row, canon.MaxRef)
	})
}

// tooLong refuses a row whose text alone, without its wildcards and classes,
// is longer than any name.
func tooLong(row string, most int) error {
	n, class := 0, false
	for _, c := range []byte(row) {
		switch {
		case c == '[':
			class = true
		case c == ']':
			class = false
		case !class && c != '*' && c != '?' && c != '/':
			n++
		}
	}
	if n > most {
		return fmt.Errorf("is longer than %d bytes and can never match", most)
	}
	return nil
}

// parseRepoPattern reads "owner/name" in any case, with "*" inside either, and with
// lists as in "acme/{app,lib}".
func parseRepoPattern(text string) (repoPattern, error) {
	if len(text) > maxPattern {
		return repoPattern{}, fmt.Errorf("is longer than %d bytes", maxPattern)
	}
	rows, err := expand(text, nil)
	if err != nil {
		return repoPattern{}, err
	}
	p := repoPattern{text: text}
	for _, row := range rows {
		parsed, err := parseRepoRow(row)
		if err == nil && slices.ContainsFunc(p.rows, func(other repoRow) bool { return other.String() == parsed.String() }) {
			err = errors.New("is in the list twice")
		}
		if err != nil {
			if row != text {
				err = fmt.Errorf("stands for %q, which %w", row, err)
			}
			return repoPattern{}, err
		}
		p.rows = append(p.rows, parsed)
	}
	return p, nil
}

func parseRepoRow(text string) (repoRow, error) {
	owner, name, ok := strings.Cut(text, "/")
	if !ok || strings.Contains(name, "/") {
		return repoRow{}, errors.New("is not of the form owner/name and can never match")
	}
	if err := checkNamePattern("owner", owner, canon.MaxOwner); err != nil {
		return repoRow{}, err
	}
	if err := checkNamePattern("name", name, canon.MaxRepo); err != nil {
		return repoRow{}, err
	}
	if err := checkReserved(name); err != nil {
		return repoRow{}, err
	}
	return repoRow{newWildcard(strings.ToLower(owner)), newWildcard(strings.ToLower(name))}, nil
}

// checkReserved refuses what can only match names that Gitea gives to no repository. A
// wiki and a feed go by the repository that they are of.
func checkReserved(name string) error {
	name = strings.ToLower(name)
	for _, ending := range []string{".wiki", ".rss", ".atom"} {
		if strings.HasSuffix(name, ending) {
			return fmt.Errorf("has a name that ends in %s, as none of a repository does, and can never match; write the repository's own name", ending)
		}
	}
	if name == "-" || strings.Contains(name, "..") {
		return errors.New("has a name that no repository has, and can never match")
	}
	return nil
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
