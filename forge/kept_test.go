package forge

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// What a call still asks when it is complete ends, and what it would have taken of the
// memory that all share is there for others, whatever is still read for it.
func TestACompleteCallLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*Client){"sealed": (*Client).Seal, "closed": (*Client).Close} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &asked{before: func(r *http.Request) { <-r.Context().Done() }}
			c, name := asking(t, a)
			got := make(chan error, 1)
			go func() { _, err := c.Issue(name, 1); got <- err }()
			a.came(t, issuePath)
			end(c)
			select {
			case err := <-got:
				if From(err).Kind != Canceled {
					t.Error(err)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("it is under way")
			}
			if _, err := c.Issue(name, 2); err == nil || a.times("/repos/acme/app/issues/2") != 0 {
				t.Errorf("it asks afterwards: %v", err)
			}
		})
	}
}

// A lease that was given back takes nothing any more: nobody would give that back.
func TestALeaseThatWasGivenBackTakesNothing(t *testing.T) {
	t.Parallel()
	m := newMemory(100)
	for _, held := range []int64{0, 10} { // of the one that waits
		other, l := m.lease(), m.lease()
		for lease, need := range map[*lease]int64{other: 80, l: held} {
			if err := lease.grow(t.Context(), need); err != nil {
				t.Fatal(err)
			}
		}
		waits := make(chan error, 1)
		go func() { waits <- l.grow(t.Context(), 50) }()
		for queued := 0; queued == 0; time.Sleep(time.Millisecond) {
			m.mu.Lock()
			queued = len(m.queue)
			m.mu.Unlock()
		}
		l.release()
		if err := <-waits; err == nil {
			t.Error("it was let through")
		}
		if err := l.grow(context.Background(), 5); err == nil {
			t.Error("it takes more")
		}
		other.release()
		if m.free != m.size || m.running != 0 || len(m.queue) != 0 {
			t.Errorf("%d of %d are free, %d run, %d wait", m.free, m.size, m.running, len(m.queue))
		}
	}
}

// However an answer fails, all that was taken for it is there again afterwards.
func TestMemoryIsGivenBackHoweverAnAnswerFails(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 3*freeBody)
	for name, answer := range map[string]string{
		"no JSON":           `[{"body":"` + large,
		"another shape":     `{"body":"` + large + `"}`,
		"another's":         `[{"html_url":"http://gitea.example/acme/hr/issues/1","body":"` + large + `"}]`,
		"too many parts":    "[" + strings.Repeat("[],", maxObjects) + "[]]",
		"what was expected": `[{"body":"` + large + `"}]`,
	} {
		for _, ahead := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				a := &asked{answers: map[string]string{issuePath + "/comments": answer}}
				c, name := asking(t, a)
				if ahead {
					_, _ = c.Ahead(name).Comments(name, 1)
				}
				c.Expect(name, recordOf(7))
				_, _ = c.Comments(name, 1)
				m := c.transport.forge.memory
				c.Close()
				if m.free != m.size || m.running != 0 || len(m.queue) != 0 {
					t.Errorf("%d of %d are free, %d run, %d wait", m.free, m.size, m.running, len(m.queue))
				}
			})
		}
	}
}
