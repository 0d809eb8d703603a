package jobs

import (
	"errors"
	"path"
	"strings"

	"aegis/internal/canon"
	"aegis/internal/jobs/hook"
)

// Pattern is a repository's name, or one with stars in it: acme/app, acme/*.
type Pattern struct{ owner, name string }

// ParsePattern reads "owner/name", in any case, with "*" inside either for any part of it.
func ParsePattern(text string) (Pattern, error) {
	owner, name, ok := strings.Cut(strings.ToLower(text), "/")
	if !ok {
		return Pattern{}, errors.New("is not of the form owner/name, as in acme/app or \"acme/*\"")
	}
	// What is a name with an x for each star can match a name.
	if _, err := canon.ParseRepo(strings.ReplaceAll(owner, "*", "x"), strings.ReplaceAll(name, "*", "x")); err != nil || strings.Contains(text, "**") {
		return Pattern{}, errors.New("can match no repository; owner and name have letters, digits, '.', '_', '-', and * for any part")
	}
	return Pattern{owner, name}, nil
}

// String is what [ParsePattern] reads.
func (p Pattern) String() string { return p.owner + "/" + p.name }

// Exact returns the one repository that the pattern can match, if it has no star.
func (p Pattern) Exact() (canon.Repo, bool) {
	repo, err := canon.ParseRepo(p.owner, p.name)
	return repo, err == nil
}

// Owner returns the owner, if it has no star: whose repositories are to be listed.
func (p Pattern) Owner() (string, bool) { return p.owner, !strings.Contains(p.owner, "*") }

// Matches reports whether the pattern is for a repository.
func (p Pattern) Matches(repo canon.Repo) bool {
	owner, err := path.Match(p.owner, repo.Owner())
	name, other := path.Match(p.name, repo.Name())
	return err == nil && other == nil && owner && name
}

// coveredBy reports whether a secret counts for what the pattern matches, or for a part
// of it.
func (p Pattern) coveredBy(c hook.Covers) bool {
	owner, name, _ := strings.Cut(c.String(), "/")
	if name == "*" {
		ok, err := path.Match(p.owner, owner)
		return ok && err == nil
	}
	repo, err := canon.ParseRepo(owner, name)
	return err == nil && p.Matches(repo)
}
