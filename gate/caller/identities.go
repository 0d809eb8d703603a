package caller

import (
	"slices"
	"sync"

	"aegis/internal/canon"
)

// Names change hands while somebody is at the door: a denied repository is renamed
// or given away, a fork's parent is deleted and Gitea forgets that there was one. So
// a caller remembers by id what its repositories were called and what they were
// forked from.

// Bounds on what a caller remembers. When they are met it keeps what it has:
// what comes first can't be pushed out by many that come later.
const (
	maxIdentities  = 10_000
	maxFormerNames = 8 // of one repository
)

// Identities are the repositories that a caller met, by id.
type Identities struct {
	mu   sync.Mutex
	seen map[int64]*identity
}

type identity struct {
	names  []canon.Repo
	parent int64 // id of what it was forked from, 0 for nothing, [Unseen]
}

// Unseen stands for the id of a parent of which Gitea said only that there is one.
const Unseen = -1

// Note remembers a name of a repository and what it was forked from; the zero
// name and parent 0 say nothing.
func (i *Identities) Note(id int64, name canon.Repo, parent int64) {
	if name.IsZero() && parent == 0 {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	known := i.seen[id]
	if known == nil {
		if len(i.seen) >= maxIdentities {
			return
		}
		if i.seen == nil {
			i.seen = make(map[int64]*identity)
		}
		known = new(identity)
		i.seen[id] = known
	}
	if !name.IsZero() && len(known.names) < maxFormerNames && !slices.Contains(known.names, name) {
		known.names = append(known.names, name)
	}
	if known.parent == 0 || known.parent == Unseen && parent > 0 {
		known.parent = parent
	}
}

// Of returns the names of a repository and the id of its parent.
func (i *Identities) Of(id int64) (names []canon.Repo, parent int64) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if known := i.seen[id]; known != nil {
		return slices.Clone(known.names), known.parent
	}
	return nil, 0
}
