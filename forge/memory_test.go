package forge

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// waiting waits until so many wait for memory.
func waiting(t *testing.T, m *memory, n int) {
	t.Helper()
	for range 5000 {
		m.mu.Lock()
		waiting := len(m.queue)
		m.mu.Unlock()
		if waiting == n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("there are never %d that wait", n)
}

func TestMemoryIsShared(t *testing.T) {
	t.Parallel()
	m := newMemory(100)
	var now, most atomic.Int64
	var calls sync.WaitGroup
	for i := range 50 {
		calls.Go(func() {
			l := m.lease()
			need := int64(10 + i)
			if err := l.grow(t.Context(), need); err != nil {
				t.Error(err)
			}
			if sum := now.Add(need); sum > most.Load() {
				most.Store(sum)
			}
			time.Sleep(time.Millisecond)
			now.Add(-need)
			l.release()
		})
	}
	calls.Wait()
	if most.Load() > 100 || m.free != 100 || m.running != 0 {
		t.Errorf("up to %d of 100 were taken; %d are free, %d run", most.Load(), m.free, m.running)
	}
}

// Calls that hold something and need more don't wait for each other for ever, and one
// that needs more than there is takes all.
func TestMemoryNeverLocksUp(t *testing.T) {
	t.Parallel()
	m := newMemory(100)
	var calls sync.WaitGroup
	for range 20 {
		calls.Go(func() {
			for range 20 {
				l := m.lease()
				for _, need := range []int64{40, 40, 1000, 5} {
					if err := l.grow(t.Context(), need); err != nil {
						t.Error(err)
					}
				}
				if l.held > 100 {
					t.Errorf("a call holds %d of 100", l.held)
				}
				l.release()
			}
		})
	}
	calls.Wait()
	if m.free != 100 || m.running != 0 || len(m.queue) != 0 {
		t.Errorf("%d are free, %d run, %d wait", m.free, m.running, len(m.queue))
	}
}

func TestWaitingForMemoryEndsWithTheCall(t *testing.T) {
	t.Parallel()
	m := newMemory(100)
	holder, holds := m.lease(), m.lease()
	for _, l := range []*lease{holder, holds} {
		if err := l.grow(t.Context(), 45); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	for _, l := range []*lease{holds, m.lease()} {
		go func() { ended <- l.grow(ctx, 50) }()
	}
	waiting(t, m, 2)
	cancel()
	for range 2 {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	if holds.held != 45 || m.running != 2 {
		t.Errorf("holds %d, %d run", holds.held, m.running)
	}
	holder.release()
	holds.release()
	if err := m.lease().grow(t.Context(), 100); err != nil {
		t.Error(err)
	}
}

func TestTooManyValues(t *testing.T) {
	t.Parallel()
	fill := func(s string, n int) string {
		b := make([]byte, 0, len(s)*n)
		for range n {
			b = append(b, s...)
		}
		return string(b)
	}
	for _, row := range []struct {
		json string
		many bool
	}{
		{`{}`, false},
		{`["a\"{{{{","\\"]`, false},
		{`["` + fill("{", maxObjects+1) + `"]`, false},
		{`["\\` + fill(`\"{`, maxObjects+1) + `"]`, false},
		{`[` + fill(`{},`, maxObjects) + `{}]`, true},
		{`[` + fill(`[],`, maxObjects) + `[]]`, true},
		{`[` + fill(`1,`, maxValues+1) + `1]`, true},
		{`["` + fill(`,`, maxValues+1) + `"]`, false},
		{`["\\",` + fill(`{},`, maxObjects) + `{}]`, true},
	} {
		objects, values := partsOf([]byte(row.json))
		if many := objects > maxObjects || values > maxValues; many != row.many {
			t.Errorf("%.40s: %t", row.json, many)
		}
	}
}

// A short answer of many objects takes memory as they do, a usual one none.
func TestManyObjectsTakeMemory(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		objects int
		takes   bool
	}{{30, false}, {maxObjects - 1, true}} {
		c := serving(t, answering("["+strings.Repeat("{},", row.objects-1)+"{}]"))
		if _, err := c.getJSON(nil, nil, "repos", "acme", "service", "branches"); err != nil {
			t.Fatal(err)
		}
		held := c.transport.lease.held
		if held > 0 != row.takes || row.takes && held < int64(row.objects)*costOfObject*9/10 {
			t.Errorf("%d objects: %d bytes are taken", row.objects, held)
		}
		if c.Close(); c.transport.lease.held != 0 {
			t.Errorf("%d objects: not all is given back", row.objects)
		}
	}
}
