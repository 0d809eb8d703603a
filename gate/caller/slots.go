package caller

import (
	"container/list"
	"context"
	"sync"
)

// Slots are places that callers run something in: so many for each, under a cap for
// all. A place that comes free goes to the caller that has fewest, and among those to
// the one that has been passed over longest. So a caller that floods makes another wait
// for one place to come free at most, however many calls wait.
type Slots struct {
	each int

	mu    sync.Mutex
	free  int
	now   int64             // counts who comes and who gets a place
	lines map[*Caller]*line // of the callers that have a place or wait for one
}

// line is what one caller has and wants.
type line struct {
	running int
	got     int64     // when it got a place last
	waiting list.List // of *waiter, in the order in which they came
}

type waiter struct {
	came int64
	turn chan struct{} // closed when it has a place
	has  bool
}

// NewSlots makes so many places for all callers, of which each may take so many.
func NewSlots(all, each int) *Slots {
	return &Slots{each: each, free: all, lines: make(map[*Caller]*line)}
}

// Take waits for a place, or for ctx to end. It is given back by release, which is
// never nil and to be called once.
func (s *Slots) Take(ctx context.Context, c *Caller) (release func(), err error) {
	s.mu.Lock()
	own := s.lines[c]
	if own == nil {
		own = new(line)
		s.lines[c] = own
	}
	s.now++
	w := &waiter{came: s.now, turn: make(chan struct{})}
	at := own.waiting.PushBack(w)
	s.grant()
	s.mu.Unlock()
	select {
	case <-w.turn:
		return func() { s.release(c) }, nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.has { // it came at the same moment
		return func() { s.release(c) }, nil
	}
	own.waiting.Remove(at)
	s.forget(c)
	return func() {}, ctx.Err()
}

func (s *Slots) release(c *Caller) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines[c].running--
	s.free++
	s.forget(c)
	s.grant()
}

// forget drops a caller that has nothing and wants nothing.
func (s *Slots) forget(c *Caller) {
	if own := s.lines[c]; own.running == 0 && own.waiting.Len() == 0 {
		delete(s.lines, c)
	}
}

// grant gives out what is free.
func (s *Slots) grant() {
	for s.free > 0 {
		next := s.next()
		if next == nil {
			return
		}
		w := next.waiting.Remove(next.waiting.Front()).(*waiter)
		s.free--
		s.now++
		next.running, next.got = next.running+1, s.now
		w.has = true
		close(w.turn)
	}
}

// next is the line whose turn it is, nil if none may have a place.
func (s *Slots) next() (next *line) {
	since := func(l *line) int64 { return max(l.got, l.waiting.Front().Value.(*waiter).came) }
	for _, l := range s.lines {
		if l.waiting.Len() == 0 || l.running >= s.each {
			continue
		}
		if next == nil || l.running < next.running || l.running == next.running && since(l) < since(next) {
			next = l
		}
	}
	return next
}
