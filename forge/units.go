package forge

import (
	"errors"

	"aegis/forge/gitea"
	"aegis/internal/canon"
)

// unitsOf is which units a repository has turned on; that of code has no member in every
// version. One that is kept elsewhere is not, see
// [Elsewhere].
func unitsOf(r *Repository) map[Unit]bool {
	return map[Unit]bool{
		Issues: r.HasIssues && !Elsewhere(r, Issues), Pulls: r.HasPullRequests, Wiki: r.HasWiki && !Elsewhere(r, Wiki),
		Releases: r.HasReleases, Actions: r.HasActions, Packages: r.HasPackages,
	}
}

// Elsewhere reports whether a repository keeps its issues or its wiki outside Gitea.
func Elsewhere(r *Repository, unit Unit) bool {
	return unit == Issues && r.ExternalTracker != nil || unit == Wiki && r.ExternalWiki != nil
}

// explained is err as what it means, now that the repository's record is known: what was
// asked of a unit that is turned off is not simply missing, and not forbidden either. And
// a repository that was read was read from a Gitea.
func (c *Reader) explained(err error) error {
	var failure *Error
	if !errors.As(err, &failure) || failure.Asked.Repo.IsZero() {
		return err
	}
	unit := failure.Asked.Unit
	on, known, told := c.unitOf(failure.Asked.Repo, unit)
	switch {
	case known && failure.Reason == NoRoute:
		return failure.as(NotFound, NoRoute)
	case known && failure.Reason == Unlike:
		failure = failure.as(NotFound, Unknown)
		err = failure
	}
	switch {
	case told && !on && (failure.Kind == NotFound || failure.Kind == Forbidden):
		return failure.as(Off, TurnedOff)
	case known && failure.Kind == NotFound && failure.Reason == Unknown && isList(failure.Asked):
		return failure.as(Forbidden, NoReader) // a list is there where its unit is
	}
	return err
}

// isList reports whether a request is for the list of a unit of which Gitea says that it is
// not there to who may not read it.
func isList(a Asked) bool {
	return !a.Writes && (a.Thing == "" && (a.Unit == Issues || a.Unit == Pulls) || a.Thing == AllPages)
}

// MayRead returns an error, for the reason [NoReader], if the token's user may not read a unit
// of a repository. Of units that Gitea says that itself about it asks nothing.
func (c *Reader) MayRead(repo canon.Repo, unit Unit) (err error) {
	status := c.transport.status.Load() // of the answer that is explained by this
	defer func() {
		if err == nil {
			c.transport.status.Store(status)
		}
	}()
	first := Page{Page: 1, Limit: 2}
	switch unit {
	case Issues:
		_, _, err = c.Issues(repo, first, IssueSearch{State: "all"})
	case Pulls:
		_, _, err = c.PullRequests(repo, first, "all")
	case Wiki:
		_, _, err = c.WikiPages(repo, first)
	}
	return err
}

// unitOf is whether a unit of a repository is turned on, whether the repository's record is
// known, and whether it tells of the unit.
func (c *Reader) unitOf(repo canon.Repo, unit Unit) (on, known, told bool) {
	c.expected.mu.Lock()
	defer c.expected.mu.Unlock()
	e, known := c.expected.repos[repo]
	on, told = e.units[unit]
	return on, known, told
}

// as is a copy of e of another kind.
func (e *Error) as(kind Kind, reason Reason) *Error {
	other := *e
	other.Kind, other.Reason = kind, reason
	return &other
}

// TurnedOn returns an error if a repository's record has a unit turned off.
func TurnedOn(r *Repository, unit Unit) error {
	if on, known := unitsOf(r)[unit]; known && !on {
		return &Error{Kind: Off, Reason: TurnedOff, Asked: Asked{Unit: unit}}
	}
	return nil
}

// mayNotPush reports whether Gitea says that the user may not push. What it does not say,
// it decides itself.
func mayNotPush(p *gitea.Permission) bool {
	return p != nil && p.Push != nil && !*p.Push && !p.Admin
}

// Forbids is why Gitea would not carry out a write, as far as a repository's record tells. It
// is nil if the record has nothing against it.
func Forbids(w Write, r *Repository) *Error {
	for _, row := range egressWrites {
		if !row.matchMethod(w.Method) || !row.matchPath(w.Segments, scope{granted: func(canon.Repo) bool { return true }}) {
			continue
		}
		asked := row.asked(w.Segments)
		switch on, known := unitsOf(r)[asked.Unit]; {
		case known && !on && asked.Thing != AnIssue && asked.Thing != AComment: // which may be a pull request's
			return &Error{Kind: Off, Reason: TurnedOff, Asked: asked}
		case row.pattern[len(row.pattern)-1] == "branches" && mayNotPush(r.Permissions):
			return &Error{Kind: Forbidden, Reason: NoWriter, Asked: asked}
		}
		return nil
	}
	return nil
}
