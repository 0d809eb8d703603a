package http

import (
	"context"
	"sync"
	"time"
)

// Part is something that a server needs to be of use, and how to find out whether it is as
// it should be.
type Part struct {
	Word string // what it is called, of [Words]
	OK   func(context.Context) bool
}

// Words are what parts may be called. Nobody is told anything else of one.
var Words = []string{"policy", "keys", "audit_log", "state", "kill_switch", "draining", "jobs"}

// What is known of a part is good for a while, so that whoever asks often makes nobody
// work; a part that does not answer in time is not as it should be.
const (
	knownFor       = 2 * time.Second
	answeredWithin = 2 * time.Second
)

// readiness is what is known of the parts.
type readiness struct{ parts []*lookedAt }

// lookedAt is a part with what is known of it.
type lookedAt struct {
	Part

	mu    sync.Mutex
	ok    bool
	at    time.Time     // of what is known, zero for nothing
	looks chan struct{} // closed when somebody who looks has done so, nil if nobody looks
}

func newReadiness(parts []Part) *readiness {
	r := new(readiness)
	for _, part := range parts {
		r.parts = append(r.parts, &lookedAt{Part: part})
	}
	return r
}

// missing are the words of the parts that are not as they should be, in their order. They
// are looked at all at once.
func (r *readiness) missing(ctx context.Context) (words []string) {
	ctx, cancel := context.WithTimeout(ctx, answeredWithin)
	defer cancel()
	fine := make([]bool, len(r.parts))
	var all sync.WaitGroup
	for i, part := range r.parts {
		all.Go(func() { fine[i] = part.is(ctx) })
	}
	all.Wait()
	for i, part := range r.parts {
		if !fine[i] {
			words = append(words, part.Word)
		}
	}
	return words
}

// is reports whether a part is as it should be. One look at a time is under way, which
// goes on for whoever asks next when nobody waits for it any more.
func (p *lookedAt) is(ctx context.Context) bool {
	p.mu.Lock()
	if !p.at.IsZero() && time.Since(p.at) < knownFor {
		defer p.mu.Unlock()
		return p.ok
	}
	if p.looks == nil {
		p.looks = make(chan struct{})
		go p.look(p.looks)
	}
	done := p.looks
	p.mu.Unlock()
	select {
	case <-done:
	case <-ctx.Done():
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ok
}

// wasFine reports whether a part was as it should be when it was looked at last. A look
// that does not end is one that it was not.
func (p *lookedAt) wasFine() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ok && (p.looks == nil || time.Since(p.at) < knownFor+answeredWithin)
}

// look looks at a part. A panic is a part that is not as it should be.
func (p *lookedAt) look(done chan struct{}) {
	ok := false
	defer func() {
		_ = recover()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.ok, p.at, p.looks = ok, time.Now(), nil
		close(done)
	}()
	ctx, cancel := context.WithTimeout(context.Background(), answeredWithin)
	defer cancel()
	ok = p.OK(ctx)
}
