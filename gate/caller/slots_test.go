package caller

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

func take(t *testing.T, s *Slots, c *Caller) (release func()) {
	t.Helper()
	release, err := s.Take(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return release
}

// queue lets a call of c wait and says when it has a place.
func queue(t *testing.T, s *Slots, c *Caller) <-chan func() {
	t.Helper()
	s.mu.Lock()
	before := len(s.waiting)
	s.mu.Unlock()
	got := make(chan func(), 1)
	go func() {
		if release, err := s.Take(t.Context(), c); err == nil {
			got <- release
		}
	}()
	for { // until it waits: the order in which calls come matters here
		s.mu.Lock()
		waits := len(s.waiting) > before
		s.mu.Unlock()
		if waits {
			return got
		}
		time.Sleep(time.Millisecond)
	}
}

// A caller that floods makes another wait for one call at most.
func TestAFloodingCallerStarvesNobody(t *testing.T) {
	t.Parallel()
	s := NewSlots(4, 4)
	flood, other := New(Config{ID: "flood"}), New(Config{ID: "other"})
	var running []func()
	for range 4 {
		running = append(running, take(t, s, flood))
	}
	for range 50 {
		queue(t, s, flood)
	}
	waits := queue(t, s, other)
	running[0]()
	select {
	case release := <-waits:
		release()
	case <-time.After(10 * time.Second):
		t.Fatal("the place went to the caller that has three already")
	}
}

// A caller has its own bound, whatever is free.
func TestACallerHasItsOwnBound(t *testing.T) {
	t.Parallel()
	s := NewSlots(64, 2)
	one, other := New(Config{ID: "one"}), New(Config{ID: "other"})
	first := take(t, s, one)
	take(t, s, one)
	third := queue(t, s, one)
	take(t, s, other)()
	select {
	case <-third:
		t.Fatal("a third call runs")
	case <-time.After(20 * time.Millisecond):
	}
	first()
	<-third
}

// Who gives up leaves nothing behind.
func TestWhoGivesUpTakesNoPlace(t *testing.T) {
	t.Parallel()
	s := NewSlots(3, 2)
	callers := []*Caller{New(Config{}), New(Config{}), New(Config{})}
	var all sync.WaitGroup
	for range 200 {
		c, patience := callers[rand.IntN(len(callers))], time.Duration(rand.IntN(3000))*time.Microsecond
		all.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			release, err := s.Take(ctx, c)
			if err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			time.Sleep(100 * time.Microsecond)
			release()
		})
	}
	all.Wait()
	if s.free != 3 || len(s.waiting) > 0 {
		t.Errorf("%d free, %d wait", s.free, len(s.waiting))
	}
	for _, c := range callers {
		if c.running != 0 {
			t.Errorf("%d run", c.running)
		}
	}
}
