package automation_test

import (
	"sync/atomic"
	"testing"
	"time"
)

// hourly comments every hour.
const hourly = `
  hourly:
    on: {schedule: "0 * * * *", missed: MISSED}
    credential_file: TOKEN
    repositories: [acme/website]
    steps:
      - call: create_comment
        with: {number: 1, body: "An hour has passed."}
`

// wall is a clock that a test sets.
type wall struct{ at atomic.Int64 }

func newWall(at time.Time) *wall {
	w := new(wall)
	w.set(at)
	return w
}

func (w *wall) set(at time.Time) { w.at.Store(at.Unix()) }
func (w *wall) now() time.Time   { return time.Unix(w.at.Load(), 0) }

// startAt opens a process whose clock is w, and which has looked at it.
func (s *stage) startAt(w *wall) *process {
	s.t.Helper()
	p := s.open()
	p.At(w.now)
	p.run()
	p.looked()
	return p
}

// looked waits until the clock was looked at since it was set.
func (p *process) looked() { p.Looked(2) }

var midnight = time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)

// A process that sleeps through three firings makes up for them once, or not at all,
// whether it was stopped meanwhile or not; and none fires twice.
func TestAProcessThatSleeps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		missed  string
		stopped bool
		runs    int
	}{{"once", false, 1}, {"once", true, 1}, {"skip", false, 0}, {"skip", true, 0}} {
		t.Run(c.missed, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, replaced(hourly, "MISSED", c.missed))
			w := newWall(midnight.Add(30 * time.Minute))
			p := s.startAt(w)
			if c.stopped {
				p.end()
			}
			w.set(midnight.Add(3*time.Hour + 20*time.Minute)) // 1:00, 2:00 and 3:00 have passed
			if c.stopped {
				p = s.startAt(w)
			}
			p.looked()
			p.idle()
			if got := len(s.forge.Written()); got != c.runs {
				t.Errorf("%d runs, want %d\n%s", got, c.runs, s.logs)
			}
			s.says("a schedule's times passed")
			w.set(midnight.Add(4 * time.Hour))
			p.looked()
			p.idle()
			w.set(midnight.Add(2 * time.Hour)) // somebody sets the clock back
			p.looked()
			p.end()
			p = s.startAt(w)
			p.idle()
			w.set(midnight.Add(4*time.Hour + 10*time.Second))
			p.looked()
			p.idle()
			if got := len(s.forge.Written()); got != c.runs+1 {
				t.Errorf("%d runs, want %d\n%s", got, c.runs+1, s.logs)
			}
		})
	}
}

// A schedule that is written anew fires by the new one from then on, and not for what was before.
func TestAChangedSchedule(t *testing.T) {
	t.Parallel()
	daily := replaced(replaced(hourly, "MISSED", "once"), "0 * * * *", "0 0 * * *")
	s := newStage(t, daily)
	w := newWall(midnight.Add(30 * time.Minute))
	p := s.startAt(w)
	w.set(midnight.Add(5*time.Hour + 30*time.Minute))
	p.looked()
	s.writeJobs(replaced(hourly, "MISSED", "once"))
	p.forces("0 * * * *")
	p.looked()
	p.idle()
	if got := s.forge.Written(); len(got) > 0 {
		t.Errorf("at once: %q", got)
	}
	w.set(midnight.Add(6 * time.Hour))
	p.looked()
	s.becomes("acme/website#1: An hour has passed.")
	s.writeJobs(thanks) // the job is gone
	p.forces("")
	w.set(midnight.Add(7 * time.Hour))
	p.looked()
	p.idle()
	s.becomes("acme/website#1: An hour has passed.")
}
