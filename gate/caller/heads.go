package caller

import (
	"sync"

	"aegis/internal/canon"
)

// Head is what a ref of a repository was when the caller asked last. It has the full
// name, "" for a commit's id, and the commit that the ref led to.
type Head struct{ Ref, Commit string }

// maxHeads bounds how many refs a caller remembers, at some 200 bytes each.
const maxHeads = 5_000

// Heads remember where refs led, and whose names were, so that a call can ask at once for what it will want.
// They are guesses: nothing is decided by them, and what was asked for in vain is
// dropped.
type Heads struct {
	mu    sync.Mutex
	known map[namedRef]Head
	met   map[canon.Repo]int64
}

// namedRef is a ref as a call gives it; the zero ref is the default branch.
type namedRef struct {
	repo canon.Repo
	ref  canon.Ref
}

// Meet remembers whose a name was in a call that got past its record. When it is full
// it begins anew.
func (h *Heads) Meet(repo canon.Repo, id int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.met == nil || len(h.met) >= maxHeads {
		h.met = make(map[canon.Repo]int64)
	}
	h.met[repo] = id
}

// Forget takes back that a name was met: it leads elsewhere, or to what is refused.
func (h *Heads) Forget(repo canon.Repo) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.met, repo)
}

// Met returns whose a name was, and whether the caller has met it.
func (h *Heads) Met(repo canon.Repo) (id int64, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	id, ok = h.met[repo]
	return id, ok
}

// Of returns what a ref was, the zero Head if the caller has not asked for it.
func (h *Heads) Of(repo canon.Repo, ref canon.Ref) Head {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.known[namedRef{repo, ref}]
}

// Note remembers what a ref is. When it is full it begins anew.
func (h *Heads) Note(repo canon.Repo, ref canon.Ref, head Head) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.known == nil || len(h.known) >= maxHeads {
		h.known = make(map[namedRef]Head)
	}
	h.known[namedRef{repo, ref}] = head
}
