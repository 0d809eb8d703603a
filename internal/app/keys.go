package app

import (
	"slices"

	"aegis/gate/caller"
	"aegis/internal/keys"
	"aegis/serve/http"
)

// Keys are a store's keys as callers of this gate.
func (a *App) Keys(store *keys.Store) http.Keys { return holders{store, a} }

type holders struct {
	*keys.Store
	app *App
}

// Verify returns whose key is presented, and whether it is in force.
func (h holders) Verify(presented string) (http.Key, bool) {
	k, inForce := h.Store.Verify(presented)
	if k == nil {
		return http.Key{}, false
	}
	return http.Key{ID: k.ID(), Name: k.Name, Caller: h.app.CallerOf(k), Expires: k.Expires, From: k.From}, inForce
}

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
