package gate

import (
	"slices"
	"sync"
	"time"

	"aegis/forge"
	"aegis/internal/canon"

	gitea "code.gitea.io/sdk/gitea"
)

// Visibility ranks who may read a repository.
type Visibility string

// The visibilities.
const (
	Private Visibility = "private"  // those who were let in: to the repository, or to its owner's circle
	Limited Visibility = "internal" // everybody with an account
	Public  Visibility = "public"   // everybody
)

// rank orders visibilities: the higher, the more people see it.
func (v Visibility) rank() int {
	switch v {
	case Public:
		return 2
	case Limited:
		return 1
	}
	return 0
}

// VisibilityOf ranks a record that is read from; what is not known to be more
// open is private.
func VisibilityOf(r *forge.Repository) Visibility {
	visibility, _ := ranked(r)
	return visibility
}

// openness ranks a record that is written to; what is not known to be closed is
// public.
func openness(r *forge.Repository) Visibility {
	visibility, known := ranked(r)
	if !known {
		return Public
	}
	return visibility
}

// ranked is who sees a repository by its record, and whether the record tells. A
// repository of an owner of private visibility is seen by the owner's members, even
// if it is not private itself: Gitea calls that one internal.
func ranked(r *forge.Repository) (visibility Visibility, known bool) {
	switch {
	case r.Private, r.Internal:
		return Private, true
	case r.Owner == nil:
		return Private, false
	}
	switch r.Owner.Visibility {
	case gitea.VisibleTypePublic:
		return Public, true
	case gitea.VisibleTypeLimited:
		return Limited, true
	case gitea.VisibleTypePrivate:
		return Private, true
	}
	return Private, false
}

// audience is who sees what is written to a repository. A repository that is not
// public may show single units to everybody, its wiki or its issues, and no record
// tells. It counts as public then. Nobody looks before there is something to keep
// from the public.
func (v *Visit) audience(record *forge.Repository) Visibility {
	visibility := openness(record)
	if visibility == Public || !v.keeps() || v.client.Anonymous() {
		return visibility
	}
	name, err := canon.ParseFullName(record.FullName)
	if err != nil || v.session.shown.toAll(record.ID, func() (bool, error) {
		nobody := v.gate.forge.Client(v.ctx, forge.Grant{CallID: v.id, Repos: []canon.Repo{name}, Anonymous: true})
		defer nobody.Close()
		return nobody.ShowsUnits(name)
	}) {
		return Public
	}
	return visibility
}

// keeps reports whether the session, or the plan, holds anything that not everybody
// may see.
func (v *Visit) keeps() bool {
	if v.planned != nil {
		fewer := func(from *Resolved) bool { return from.Visibility != Public }
		if v.planned.Narrow != "" || slices.ContainsFunc(v.planned.From, fewer) {
			return true
		}
	}
	_, _, ok := v.session.marks.narrowest(Public, v.since())
	return ok
}

// Bounds on what a session remembers of which repositories show units to everybody.
const (
	lookedFor = time.Minute
	maxLooked = 256
)

// units remembers which repositories, by id, show units to everybody.
type units struct {
	mu     sync.Mutex
	looked map[int64]look
}

type look struct {
	open bool
	at   time.Time
}

// toAll reports whether a repository shows a unit to everybody, or whether that
// can't be told.
func (u *units) toAll(id int64, ask func() (bool, error)) bool {
	u.mu.Lock()
	last, known := u.looked[id]
	u.mu.Unlock()
	if known && time.Since(last.at) < lookedFor {
		return last.open
	}
	open, err := ask()
	if err != nil {
		return true
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.looked == nil || len(u.looked) >= maxLooked {
		u.looked = make(map[int64]look)
	}
	u.looked[id] = look{open, time.Now()}
	return open
}
