// Package reference finds the repositories in which Gitea would leave an event
// when a text is stored in another one.
//
// "owner/repo#1" or an issue's address in an issue, a comment, a review or the
// message of a commit makes Gitea note in that repository who wrote, and where.
// So what is written to one repository shows in another. What goes in is such a
// text; what comes out are the repositories that Gitea might take it to refer to,
// and whether there may be others that can't be named. It errs to one side:
// nothing that leaves an event is missed, and some of what is found leaves none,
// as "other/repo#1" in quotes. Code is left out only where it is sure to be code.
package reference

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"aegis/internal/canon"
)

// Syntax is how Gitea reads a text.
type Syntax bool

const (
	// Plain text is that of titles and of messages of commits. Backticks protect
	// nothing there.
	Plain Syntax = false
	// Markdown is that of issues, pull requests, comments and reviews.
	Markdown Syntax = true
)

// Find returns the repositories other than by "#1" alone that text may refer to,
// sorted, nil for none: also the one that it is written to, if it is named. With
// unclear text may refer to repositories besides that stand nowhere in it in one
// piece; whoever wants to be safe refuses it.
//
// Addresses count if they have the host of one of instances, on whatever scheme and
// port, or none. Gitea goes by the address it was told, which need not be the one
// it is reached at: the member url of a repository's record begins with it. Without
// instances those of any host count.
func Find(text string, as Syntax, instances ...*url.URL) (repos []canon.Repo, unclear bool) {
	f := &finder{syntax: as, found: make(map[canon.Repo]bool)}
	for _, instance := range instances {
		if instance != nil && instance.Hostname() != "" {
			f.hosts = append(f.hosts, hostOf(instance.Hostname()))
			f.folders = append(f.folders, strings.ToLower(strings.TrimSuffix(instance.Path, "/")))
		}
	}
	text = strings.ToLower(text)
	readings := []string{text}
	if as == Markdown {
		text = withoutCode(text)
		readings = []string{text, joinHardBreaks(text)}
	}
	for _, reading := range readings {
		readings = append(readings, resolved(reading))
	}
	slices.Sort(readings)
	for _, reading := range slices.Compact(readings) {
		f.short(reading)
		f.addresses(reading)
	}
	for repo := range f.found {
		repos = append(repos, repo)
	}
	slices.SortFunc(repos, func(a, b canon.Repo) int { return cmp.Compare(a.String(), b.String()) })
	return repos, f.unclear
}

// A finder collects what texts in lower case refer to.
type finder struct {
	syntax  Syntax
	hosts   []string // that are the instance; none: any
	folders []string // that it lies in there
	found   map[canon.Repo]bool
	unclear bool
}

// add notes a repository, if there can be one of that name.
func (f *finder) add(owner, name string) {
	if repo, err := canon.ParseRepo(owner, strings.TrimSuffix(name, ".git")); err == nil {
		f.found[repo] = true
	}
}

// short finds "owner/repo#1" and "owner/repo!1".
func (f *finder) short(text string) {
	type run struct{ start, end int } // of characters of names
	var name, owner run
	for i := 0; i < len(text); i++ {
		if isName(text[i]) {
			if name.end != i {
				owner, name = name, run{i, i}
			}
			name.end = i + 1
			continue
		}
		if text[i] != '#' && text[i] != '!' || name.end != i || name.start == 0 || text[name.start-1] != '/' || owner.end != name.start-1 || owner.end == owner.start {
			continue
		}
		if !numbered(text[i+1:]) {
			continue
		}
		f.named(text, owner.start, owner.end, text[name.start:name.end])
	}
}

// named notes the repository of an owner and a name that stand together, and what
// else Gitea can take them for.
func (f *finder) named(text string, start, end int, name string) {
	before := byte(' ')
	if start > 0 {
		before = text[start-1]
	}
	owner := text[start:end]
	if before != '/' { // else it is the middle of a path
		f.add(owner, name)
	}
	if f.syntax == Plain {
		return
	}
	// Emphasis parts texts, and "_" is its mark as well as part of a name.
	for i := max(0, len(owner)-canon.MaxOwner-1); i < len(owner); i++ {
		if owner[i] == '_' {
			f.add(owner[i+1:], name)
		}
	}
	// An address that is no link yet ends after so many letters, in the midst of a
	// word if need be: what is left is the name.
	if before == '@' || strings.Contains(owner, "www.") {
		f.unclear = true
	}
}

// numbered reports whether text begins with the number of an issue that may end
// there.
func numbered(text string) bool {
	n := 0
	for n < len(text) && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	if n == 0 || n == len(text) {
		return n > 0
	}
	return !('a' <= text[n] && text[n] <= 'z') && strings.IndexByte("-/=%+@", text[n]) < 0
}

func isName(b byte) bool {
	return 'a' <= b && b <= 'z' || '0' <= b && b <= '9' || b == '-' || b == '_' || b == '.'
}
