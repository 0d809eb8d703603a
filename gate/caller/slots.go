package caller

import (
	"context"
	"slices"
	"sync"
)

// Slots are the places that calls run in: some for each caller, under a cap for
// all. A place that comes free goes to the caller that has fewest calls running,
// and of that one to the call that has waited longest. So a caller that floods
// makes another wait for one call to end at most.
type Slots struct {
	each int

	mu      sync.Mutex
	free    int
	waiting []*waiter // in the order in which they came
}

type waiter struct {
	caller *Caller
	turn   chan struct{} // closed when it has a place
}

// NewSlots makes places for so many calls of all callers, of which each may take
// so many.
func NewSlots(all, each int) *Slots { return &Slots{each: each, free: all} }

// Take waits for a place, or for ctx to end. It is given back by release, which is
// never nil and to be called once.
func (s *Slots) Take(ctx context.Context, c *Caller) (release func(), err error) {
	w := &waiter{caller: c, turn: make(chan struct{})}
	s.mu.Lock()
	s.waiting = append(s.waiting, w)
	s.grant()
	s.mu.Unlock()
	select {
	case <-w.turn:
		return func() { s.release(c) }, nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := slices.Index(s.waiting, w); at >= 0 {
		s.waiting = slices.Delete(s.waiting, at, at+1)
		return func() {}, ctx.Err()
	}
	return func() { s.release(c) }, nil // it came at the same moment
}

func (s *Slots) release(c *Caller) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.running--
	s.free++
	s.grant()
}

// grant gives out what is free.
func (s *Slots) grant() {
	for s.free > 0 {
		next := -1
		for i, w := range s.waiting {
			if w.caller.running < s.each && (next < 0 || w.caller.running < s.waiting[next].caller.running) {
				next = i
			}
		}
		if next < 0 {
			return
		}
		w := s.waiting[next]
		s.waiting = slices.Delete(s.waiting, next, next+1)
		s.free--
		w.caller.running++
		close(w.turn)
	}
}
