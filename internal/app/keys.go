package app

import (
	"slices"

	"aegis/gate/caller"
	"aegis/internal/keys"
)

// CallerOf is who holds a key. It goes to Gitea with the process' token only where the
// key says so, and may write to nothing that the process may not.
func (a *App) CallerOf(k *keys.Key) caller.Config {
	c := caller.Config{ID: k.ID(), Principal: k.Name, Credential: k.Token(), Policy: k.Policy}
	if k.Shared {
		c.Credential = a.config.Token
	}
	for _, repo := range a.config.WriteRepos {
		if k.WritesAll || slices.Contains(k.Writes, repo) {
			c.Writable = append(c.Writable, repo)
		}
	}
	return c
}
