// Package reference finds the repositories in which Gitea would leave an event
// when a text is stored in another one.
//
// "owner/repo#1" or an issue's address in an issue, a comment, a review or the
// message of a commit makes Gitea note in that repository who wrote, and where.
// So what is written to one repository shows in another. What goes in is such a
// text; what comes out are the repositories that Gitea might take it to refer to,
// and whether there may be others that can't be named.
//
// A text is read twice. Once as Gitea reads it: Markdown is parsed by the library
// that Gitea uses, with the same extensions, and Gitea's rules are put to what it
// leaves. And once loosely, as it stands, with escapes resolved: another version of
// Gitea may read it otherwise. So it errs to one side. Nothing that leaves an event
// is missed, and some of what is found leaves none, as "other/repo#1" in quotes.
// Code is left out: fenced blocks and code spans.
package reference

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"aegis/internal/canon"
)

// Syntax is how Gitea reads a text.
type Syntax uint8

const (
	// Plain text is that of titles and of messages of commits. Backticks protect
	// nothing there.
	Plain Syntax = iota
	// Markdown is that of issues, pull requests, comments and reviews.
	Markdown
	// Suspect is Markdown in which only that counts as code which is code to every
	// reader: what anybody could take for a reference is one.
	Suspect
)

// Find returns the repositories other than by "#1" alone that text may refer to,
// sorted, nil for none: also the one that it is written to, if it is named. With
// unclear text may refer to repositories besides that can't be named; whoever wants
// to be safe refuses it. [Torn] tells one reason.
//
// Addresses count if they have the host of one of instances, on whatever scheme and
// port, or none. Gitea goes by the address it was told, which need not be the one
// it is reached at: the member url of a repository's record begins with it. Without
// instances those of any host count.
func Find(text string, as Syntax, instances ...*url.URL) (repos []canon.Repo, unclear bool) {
	f := &finder{places: placesOf(instances), found: make(map[canon.Repo]bool)}
	if as == Plain {
		f.asItStands(text, true)
	} else {
		document, ok := parse(text)
		f.unclear = !ok || Torn(text)
		f.asGitea(document)
		f.asItStands(document.withoutCode(as == Suspect), false)
	}
	for repo := range f.found {
		repos = append(repos, repo)
	}
	slices.SortFunc(repos, func(a, b canon.Repo) int { return cmp.Compare(a.String(), b.String()) })
	return repos, f.unclear
}

// Torn reports whether text, Markdown, has a carriage return that no line feed
// follows. Some parsers end a line there, and some don't.
func Torn(text string) bool {
	for {
		i := strings.IndexByte(text, '\r')
		if i < 0 {
			return false
		}
		if text = text[i+1:]; text == "" || text[0] != '\n' {
			return true
		}
	}
}

// A finder collects what a text refers to.
type finder struct {
	places  []place // where Gitea may believe to be
	found   map[canon.Repo]bool
	unclear bool
}

// add notes a repository. If Gitea is known to read this as a name, one that no
// repository has by its own rules is unclear: its command line makes owners with
// longer ones.
func (f *finder) add(owner, name string, exact bool) {
	repo, err := canon.ParseRepo(owner, strings.TrimSuffix(name, ".git"))
	if err == nil {
		f.found[repo] = true
	} else if exact && nameable(owner) && nameable(name) {
		f.unclear = true
	}
}

// asGitea puts Gitea's rules to a document.
func (f *finder) asGitea(d *document) {
	for _, p := range f.places {
		text, links := d.strip(p)
		f.short(strings.ToLower(text), true)
		for _, link := range links {
			f.link(link)
		}
		if !d.autolinks {
			return // all places read it alike
		}
	}
}

// asItStands looks for whatever looks like a reference, with escapes resolved and
// without. Gitea is known to read it without, or not.
func (f *finder) asItStands(text string, exact bool) {
	text = strings.ToLower(text)
	f.short(text, exact)
	f.addresses(text, exact)
	if clean := resolved(text); clean != text {
		f.short(clean, false)
		f.addresses(clean, false)
	}
}
