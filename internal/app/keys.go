package app

import (
	"aegis/gate/caller"
	"aegis/internal/keys"
	"aegis/serve/http"
)

// Keys are a store's keys as callers of this gate: each with its own access token or, where
// the key says so, with the process' own.
func (a *App) Keys(store *keys.Store) http.Keys { return holders{store, a.config} }

type holders struct {
	*keys.Store
	config Config
}

// Verify returns whose key is presented, and whether it is in force.
func (h holders) Verify(presented string) (http.Key, bool) {
	k, inForce := h.Store.Verify(presented)
	if k == nil {
		return http.Key{}, false
	}
	who := caller.Config{ID: k.ID(), Principal: k.Name, Credential: k.Token(), Writable: k.Writes, Policy: k.Policy}
	if k.Shared {
		who.Credential = h.config.Token
	}
	if k.WritesAll {
		who.Writable = h.config.WriteRepos
	}
	return http.Key{ID: k.ID(), Name: k.Name, Caller: who, Expires: k.Expires, From: k.From}, inForce
}
