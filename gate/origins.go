package gate

import (
	"strings"
	"sync"

	"aegis/internal/canon"

	gitea "code.gitea.io/sdk/gitea"
)

// maxOrigins bounds how many commits a session remembers, at some 100 bytes each.
const maxOrigins = 20_000

// origins remember how repositories came by commits that a session was shown, so
// that asking for one of them by its id costs nothing. An origin stays true for the
// session: what was on a branch was the repository's to show.
type origins struct {
	mu    sync.Mutex
	known map[ownedCommit]origin
}

type ownedCommit struct {
	repo   int64 // its id: names change hands
	commit string
}

func (o *origins) of(repo int64, commit string) origin {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.known[ownedCommit{repo, commit}]
}

// note remembers the better of what is known of each commit. When it is full it
// begins anew.
func (o *origins) note(repo int64, from origin, commits ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, commit := range commits {
		key := ownedCommit{repo, commit}
		if known := o.known[key]; from.by < known.by || from.by == known.by && !from.sure || !canon.IsCommitID(commit) {
			continue
		}
		if o.known == nil || len(o.known) >= maxOrigins {
			o.known = make(map[ownedCommit]origin)
		}
		o.known[key] = from
	}
}

// cutBranch is the short name of a branch that is given in full.
func cutBranch(ref string) (name string, ok bool) { return strings.CutPrefix(ref, "refs/heads/") }

// login is a user's name, "" for nobody.
func login(u *gitea.User) string {
	if u == nil {
		return ""
	}
	return u.UserName
}
