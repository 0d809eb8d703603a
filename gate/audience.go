package gate

import (
	"slices"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate/caller"
	"aegis/internal/canon"
)

// Visibility ranks who may read a repository.
type Visibility = caller.Visibility

// The visibilities.
const (
	Private = caller.Private
	Limited = caller.Limited
	Public  = caller.Public
)

// VisibilityOf ranks a record that is read from.
func VisibilityOf(r *forge.Repository) Visibility { return recorded(r).WhenRead() }

// recorded is who sees a repository by its record, as far as that tells. A
// repository of an owner of private visibility is seen by the owner's members, even
// if it is not private itself: Gitea calls that one internal.
func recorded(r *forge.Repository) Visibility {
	switch {
	case r.Private, r.Internal:
		return Private
	case r.Owner == nil:
		return caller.Unknown
	}
	switch r.Owner.Visibility {
	case gitea.VisibleTypePublic:
		return Public
	case gitea.VisibleTypeLimited:
		return Limited
	case gitea.VisibleTypePrivate:
		return Private
	}
	return caller.Unknown
}

// audience is who sees what is written to a repository. A repository that is not
// public may show single units to everybody, its wiki or its issues, and no record
// tells. It counts as public then. Nobody looks before there is something to keep
// from the public.
func (w *world) audience(record *forge.Repository) Visibility {
	visibility := recorded(record).WhenWritten()
	if visibility == Public || !w.keeps() || w.client.Anonymous() {
		return visibility
	}
	name, err := canon.ParseFullName(record.FullName)
	if err != nil || w.caller.Audiences.ToAll(record.ID, func() (bool, error) {
		grant := w.grant(name)
		grant.Anonymous = true
		nobody := w.way.Client(w.ctx, grant)
		defer nobody.Close()
		return nobody.ShowsUnits(name)
	}) {
		return Public
	}
	return visibility
}

// keeps reports whether the session, or the plan, holds anything that not everybody
// may see.
func (w *world) keeps() bool {
	if w.plan != nil {
		fewer := func(from *Resolved) bool { return from.Visibility != Public }
		if w.plan.Narrow != "" || slices.ContainsFunc(w.plan.From, fewer) {
			return true
		}
	}
	_, _, ok := w.caller.Marks.Narrowest(Public, w.since())
	return ok
}
