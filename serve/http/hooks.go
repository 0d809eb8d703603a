package http

import (
	"net/http"
	"net/netip"
	"sync"
)

// HookPath is where deliveries of webhooks come, if somebody takes them.
const HookPath = "/hooks/gitea"

// unsigned is why a delivery counts as a request without a key.
const unsigned = "webhook without a known signature"

// hook gives a delivery to whom takes them. It is signed, so it needs no key. An address whose
// deliveries were refused too often may have one at a time: nobody else's are kept out by
// that, and its own good ones not for good.
func (s *Server) hook(out *answers, r *http.Request) *refusal {
	if refused := s.addressed(r); refused != nil {
		return refused
	}
	from := networkOf(s.cameFrom(r))
	leave := s.arriving.enter(from, s.unwelcome.spent(from))
	if leave == nil {
		return hooksFull
	}
	defer leave()
	s.config.Hooks.ServeHTTP(out, r)
	switch {
	case out.status < 300:
		s.arriving.counted(from)
	case out.status < 500:
		s.unwelcome.take(from)
	}
	if out.status == http.StatusUnauthorized {
		s.failures.note(from, unsigned, "")
	}
	return nil
}

// How many deliveries there may be at once, each of which is read whole.
const (
	ofOneAddress = 16
	ofRefused    = 1  // address, that has sent too much that does not count
	ofStrangers  = 32 // addresses that nothing has come from yet that counts
	ofWelcome    = 64 // all others, so that no stranger keeps them out
	mostWelcome  = 256
)

// arrivals are the deliveries that are under way.
type arrivals struct {
	mu        sync.Mutex
	of        map[netip.Prefix]int
	strangers int
	others    int
	welcome   map[netip.Prefix]bool // what came from there counted
}

func newArrivals() *arrivals {
	return &arrivals{of: make(map[netip.Prefix]int), welcome: make(map[netip.Prefix]bool)}
}

// enter lets a delivery in. leave is nil if there is no room for it.
func (a *arrivals) enter(from netip.Prefix, refused bool) (leave func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	all, most, each := &a.strangers, ofStrangers, ofOneAddress
	switch {
	case a.welcome[from]:
		all, most = &a.others, ofWelcome
	case refused:
		each = ofRefused
	}
	if *all >= most || a.of[from] >= each {
		return nil
	}
	*all++
	a.of[from]++
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		*all--
		if a.of[from]--; a.of[from] == 0 {
			delete(a.of, from)
		}
	}
}

// counted notes that a delivery from an address counted.
func (a *arrivals) counted(from netip.Prefix) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.welcome) < mostWelcome {
		a.welcome[from] = true
	}
}
