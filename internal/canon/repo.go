package canon

import "strings"

// Owner is the name of a user or organisation, case-folded.
type Owner struct{ name string }

// ParseOwner makes an Owner of at most [MaxOwner] bytes matching
// [A-Za-z0-9._-]+ that is not "." or ".." and does not end in ".git".
func ParseOwner(s string) (Owner, error) {
	folded, err := segment("owner", s, MaxOwner)
	return Owner{folded}, err
}

// String returns the folded name.
func (o Owner) String() string { return o.name }

// IsZero reports whether o names nobody.
func (o Owner) IsZero() bool { return o.name == "" }

// Repo is a repository's full name, case-folded. Two Repos are == exactly if
// Gitea takes them for the same name.
type Repo struct{ owner, name string }

// ParseRepo makes a Repo from an owner as [ParseOwner] takes it and a name of
// at most [MaxRepo] bytes under the same rules.
func ParseRepo(owner, name string) (Repo, error) {
	o, err := segment("owner", owner, MaxOwner)
	if err != nil {
		return Repo{}, err
	}
	n, err := segment("repo", name, MaxRepo)
	if err != nil {
		return Repo{}, err
	}
	return Repo{o, n}, nil
}

// ParseFullName makes a Repo from "owner/name".
func ParseFullName(s string) (Repo, error) {
	owner, name, ok := strings.Cut(s, "/")
	if !ok {
		return Repo{}, refuse("repository", "is not of the form owner/name")
	}
	return ParseRepo(owner, name)
}

// Owner returns the folded owner.
func (r Repo) Owner() string { return r.owner }

// Name returns the folded name without its owner.
func (r Repo) Name() string { return r.name }

// String returns "owner/name", folded, or "" for none.
func (r Repo) String() string {
	if r.IsZero() {
		return ""
	}
	return r.owner + "/" + r.name
}

// IsZero reports whether r names no repository.
func (r Repo) IsZero() bool { return r == Repo{} }

func segment(what, s string, max int) (string, error) {
	switch {
	case s == "":
		return "", refuse(what, "must not be empty")
	case len(s) > max:
		return "", refuse(what, "is longer than %d bytes", max)
	case s == "." || s == "..":
		return "", refuse(what, "must not be a dot segment")
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_', c == '-':
		default:
			return "", refuse(what, "may hold only letters, digits, '.', '_' and '-'")
		}
	}
	folded := strings.ToLower(s) // ASCII only, checked above
	if strings.HasSuffix(folded, ".git") {
		return "", refuse(what, "must not end in .git")
	}
	return folded, nil
}
