package sanitize

import (
	"sync"
	"testing"
)

// Calls share the automata, which are built as texts come.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	s := scrubber(t, own)
	all := vectors(t)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range all {
				v := all[(i+worker*5)%len(all)]
				if got, _ := s.Text(v.in, TextOptions{}); got != v.text {
					t.Errorf("%s: %q", v.name, got)
				}
			}
		})
	}
	wg.Wait()
}

// Starting must not wait for rules that the first text needs.
func TestNewPreparesNoRules(t *testing.T) {
	if n := testing.AllocsPerRun(10, func() { scrubber(t, own) }); n > 200 {
		t.Errorf("New makes %v allocations", n)
	}
}
