package http

import (
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// What runs by a key ends when what it came by does, though nobody asks for anything: when
// the key's attributes change, when one of its secrets is over, when it may not be used from
// there any more. What came by another secret of the key goes on.
func TestI12_WhatRunsEndsWithWhatItCameBy(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*stage){
		"an attribute is changed": func(s *stage) { s.keys.put(keyOf("other"), s.hold("alice", "acme/app")) },
		"a secret is over":        func(s *stage) { s.keys.revoke(keyOf("alice")) },
		"it is for elsewhere": func(s *stage) {
			key := s.hold("alice")
			key.From = []netip.Prefix{prefix("203.0.113.0/24")}
			s.keys.put(keyOf("alice"), key)
		},
	} {
		for _, era := range eras {
			t.Run(name+", "+era, func(t *testing.T) {
				t.Parallel()
				reached, gone := make(chan struct{}, 10), make(chan struct{}, 10)
				s := start(t, stage{forge: sampled(t, map[string]http.HandlerFunc{"/user": func(_ http.ResponseWriter, r *http.Request) {
					reached <- struct{}{}
					<-r.Context().Done()
					gone <- struct{}{}
				}})})
				s.keys.put(keyOf("other"), s.hold("alice"))
				calls := func(key string) chan struct{} {
					session, ended := s.enter(key, era, nil), make(chan struct{})
					go func() {
						defer close(ended)
						_, _ = session.CallTool(t.Context(), &mcp.CallToolParams{Name: "get_me"})
					}()
					<-reached
					return ended
				}
				ended, other := calls(keyOf("alice")), calls(keyOf("other"))
				change(s)
				for _, ends := range []chan struct{}{gone, ended} {
					select {
					case <-ends:
					case <-time.After(10 * time.Second):
						t.Fatal("what runs does not end")
					}
				}
				if name != "an attribute is changed" {
					select {
					case <-other:
						t.Error("what came by another secret ended, too")
					case <-time.After(2 * sweepEvery):
					}
					s.keys.revoke(keyOf("other"))
				}
				select {
				case <-other:
				case <-time.After(10 * time.Second):
					t.Error("what else runs does not end")
				}
			})
		}
	}
}
