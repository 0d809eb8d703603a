package caller

import (
	"sync"

	"aegis/internal/canon"
)

// Origin is how a repository comes by a commit. The zero origin is not at all.
type Origin struct {
	By   OriginKind
	Pull int64 // the number of the pull request, if it is one
	Sure bool  // it was looked for something better
}

// OriginKind says what leads to a commit; what is better is more.
type OriginKind uint8

// The kinds.
const (
	NoOrigin OriginKind = iota
	ByPull              // a pull request brings it, and nobody with a say has taken it
	ByTag               // a tag leads to it, and no branch that was looked at
	ByBranch            // it is on a branch
)

// maxOrigins bounds how many commits a caller remembers, at some 100 bytes each.
const maxOrigins = 20_000

// Origins remember how repositories came by commits that a caller was shown, so
// that asking for one of them by its id costs nothing. An origin stays true: what was on a branch was the repository's to show.
type Origins struct {
	mu    sync.Mutex
	known map[ownedCommit]Origin
}

type ownedCommit struct {
	repo   int64 // its id: names change hands
	commit string
}

// Of returns what is known of a commit.
func (o *Origins) Of(repo int64, commit string) Origin {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.known[ownedCommit{repo, commit}]
}

// Note remembers the better of what is known of each commit. When it is full it
// begins anew.
func (o *Origins) Note(repo int64, from Origin, commits ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, commit := range commits {
		key := ownedCommit{repo, commit}
		if known := o.known[key]; from.By < known.By || from.By == known.By && !from.Sure || !canon.IsCommitID(commit) {
			continue
		}
		if o.known == nil || len(o.known) >= maxOrigins {
			o.known = make(map[ownedCommit]Origin)
		}
		o.known[key] = from
	}
}
