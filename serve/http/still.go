package http

import (
	"context"
	"reflect"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// What is open by a key was let in once. So each second it is asked again whether it
// would be let in now.

// asker is what a request was let in by.
type asker struct {
	secret string // as of [Key.Secret]
	from   whence
}

// askerMember is where an asker travels beside what is known of who asks.
const askerMember = "aegis.asker"

// carry lets [askerOf] tell what a request was let in by.
func (a asker) carry(asks *auth.TokenInfo) { asks.Extra[askerMember] = a }

func askerOf(req mcp.Request) (a asker) {
	if extra := req.GetExtra(); extra != nil && extra.TokenInfo != nil {
		a, _ = extra.TokenInfo.Extra[askerMember].(asker)
	}
	return a
}

// stay has something cancelled when who asks is let in no more, until done is called.
func (t *tenant) stay(who asker, cancel context.CancelFunc) (done func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stays++
	n := t.stays
	if t.open[who] == nil {
		t.open[who] = make(map[int]context.CancelFunc)
	}
	t.open[who][n] = cancel
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if delete(t.open[who], n); len(t.open[who]) == 0 {
			delete(t.open, who)
		}
	}
}

// sweep ends what would not be let in now.
func (s *Server) sweep() {
	if s.config.Anyone != nil {
		return
	}
	s.tenants.mu.Lock()
	defer s.tenants.mu.Unlock()
	for id, t := range s.tenants.known {
		key, inForce := s.config.Keys.Now(id, "")
		switch {
		case !inForce:
			delete(s.tenants.known, id)
			go s.retire(t, "the key is no longer in force")
		case !reflect.DeepEqual(t.key.Caller, key.Caller):
			delete(s.tenants.known, id)
			go s.retire(t, attributesChanged)
		default:
			t.leave()
		}
	}
}

// leave ends what came by a secret that is over, or from where the key is not for any more.
func (t *tenant) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for who, all := range t.open {
		key, inForce := t.of.config.Keys.Now(t.key.ID, who.secret)
		if key.refuses(inForce, who.from) == "" {
			continue
		}
		for _, cancel := range all {
			cancel()
		}
	}
}
