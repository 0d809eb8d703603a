package forge

import (
	"sync"
	"testing"
)

// What is kept to be quick never makes a call wait.
func TestSpareMemoryIsGivenUp(t *testing.T) {
	t.Parallel()
	f := &Forge{memory: newMemory(100)}
	var mu sync.Mutex
	kept := int64(0)
	var spare *Spare
	spare = f.Spare(func() {
		mu.Lock()
		defer mu.Unlock()
		spare.Return(kept)
		kept = 0
	})
	keep := func(n int64) bool {
		mu.Lock()
		defer mu.Unlock()
		if !spare.Take(n) {
			return false
		}
		kept += n
		return true
	}
	if !keep(60) || keep(50) || !keep(40) {
		t.Fatal("what is free is to be had, and no more")
	}
	l := f.memory.lease()
	if err := l.grow(t.Context(), 30); err != nil || kept != 0 {
		t.Fatalf("%d are still kept, %v", kept, err)
	}
	if keep(80) || !keep(70) {
		t.Error("what a call holds is not spare")
	}
	var calls sync.WaitGroup
	for range 20 {
		calls.Go(func() {
			l := f.memory.lease()
			defer l.release()
			if err := l.grow(t.Context(), 25); err != nil {
				t.Error(err)
			}
			keep(10)
		})
	}
	calls.Wait()
	l.release()
	mu.Lock()
	defer mu.Unlock()
	if f.memory.free != 100-kept || f.memory.running != 0 {
		t.Errorf("%d are free, %d kept", f.memory.free, kept)
	}
}
