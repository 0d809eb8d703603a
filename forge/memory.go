package forge

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// memory is what the answers of all calls together may take of this process, in
// bytes. A call takes a part of it before it reads an answer that is not small, and
// gives it back when the call is over; others wait meanwhile. Who needs more than
// there is takes all.
type memory struct {
	mu      sync.Mutex
	size    int64
	free    int64
	running int             // leases that hold something and don't wait for more
	queue   []*waiter       // those that hold something before those that don't
	spares  map[*Spare]bool // those that hold something
}

type waiter struct {
	lease   *lease
	need    int64
	granted chan struct{}
}

// DefaultMemory is the value of [Config.Memory] if that is zero. With what the
// program itself takes it stays below 160 MB.
const DefaultMemory = 112 << 20

func newMemory(size int64) *memory {
	if size <= 0 {
		size = DefaultMemory
	}
	return &memory{size: size, free: size}
}

// A lease is the part that a call has taken.
type lease struct {
	memory *memory
	turn   chan struct{} // holds one while one of the call's requests asks for more
	held   int64
	over   bool // it was given back; guarded by memory.mu

	lender *lease          // takes in place of this one, if there is one,
	wanted <-chan struct{} // and not before this is closed
}

func (m *memory) lease() *lease { return &lease{memory: m, turn: make(chan struct{}, 1)} }

// grow takes need more bytes, or what there is at all, and waits until others have
// given them back. It gives up when ctx ends.
//
// Calls that hold a part and need more could wait for each other for ever. When all
// that hold something wait, the one that has waited longest is let through: one
// call then has more than was left, and the others little.
func (l *lease) grow(ctx context.Context, need int64) error {
	if l.lender != nil {
		select {
		case <-l.wanted:
			return l.lender.grow(ctx, need)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	m := l.memory
	m.mu.Lock()
	need = min(need, m.size-l.held)
	if need <= 0 {
		m.mu.Unlock()
		return nil
	}
	m.reclaim(need)
	if l.over {
		m.mu.Unlock()
		return errGivenBack
	}
	w := &waiter{lease: l, need: need, granted: make(chan struct{})}
	at := len(m.queue)
	if l.held > 0 {
		m.running--
		at = slices.IndexFunc(m.queue, func(w *waiter) bool { return w.lease.held == 0 })
		if at < 0 {
			at = len(m.queue)
		}
	}
	m.queue = slices.Insert(m.queue, at, w)
	m.grant()
	m.mu.Unlock()

	select {
	case <-w.granted:
		m.mu.Lock()
		defer m.mu.Unlock()
		if l.over {
			return errGivenBack
		}
		return nil
	case <-ctx.Done():
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if at := slices.Index(m.queue, w); at >= 0 {
		m.queue = slices.Delete(m.queue, at, at+1)
		if l.held > 0 {
			m.running++
		}
		m.grant()
	}
	return ctx.Err()
}

// grant lets through who waits, in order.
func (m *memory) grant() {
	for len(m.queue) > 0 && (m.queue[0].need <= m.free || m.running == 0) {
		w := m.queue[0]
		m.queue = slices.Delete(m.queue, 0, 1)
		m.free -= w.need
		m.running++
		w.lease.held += w.need
		close(w.granted)
	}
}

// errGivenBack is why a lease that was given back takes no more: the call is over, and
// nobody would give that back.
var errGivenBack = errors.New("the call is over")

// release gives all back, for good.
func (l *lease) release() {
	m := l.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	l.over = true
	waits := slices.IndexFunc(m.queue, func(w *waiter) bool { return w.lease == l })
	if waits >= 0 {
		close(m.queue[waits].granted)
		m.queue = slices.Delete(m.queue, waits, waits+1)
	} else if l.held > 0 {
		m.running--
	}
	m.free += l.held
	l.held = 0
	m.grant()
}
