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
	before := waiting(s)
	got := make(chan func(), 1)
	go func() {
		if release, err := s.Take(t.Context(), c); err == nil {
			got <- release
		}
	}()
	for { // until it waits: the order in which calls come matters here
		if waiting(s) > before {
			return got
		}
		time.Sleep(time.Millisecond)
	}
}

// waiting is how many wait.
func waiting(s *Slots) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, each := range s.lines {
		n += each.waiting.Len()
	}
	return n
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

// So it is if each of the flood has but one place, and all had come before.
func TestManyFloodingCallersStarveNobody(t *testing.T) {
	t.Parallel()
	const places = 3
	s := NewSlots(places, 4)
	order := make(chan string, 1000)
	want := func(c *Caller) {
		got := queue(t, s, c)
		go func() {
			release := <-got
			order <- c.ID()
			release()
		}()
	}
	var hold []func()
	var floods []*Caller
	for range places {
		floods = append(floods, New(Config{ID: "flood"}))
		hold = append(hold, take(t, s, floods[len(floods)-1]))
	}
	for range 30 {
		for _, flood := range floods {
			want(flood)
		}
	}
	want(New(Config{ID: "other"}))
	for _, release := range hold {
		release()
	}
	for before := 0; ; before++ {
		if <-order == "other" {
			if before > 2*places {
				t.Errorf("it waited for %d calls", before)
			}
			return
		}
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
	if s.free != 3 || len(s.lines) > 0 {
		t.Errorf("%d free, %d callers have or want something", s.free, len(s.lines))
	}
}
