package audit

import (
	"strings"
	"testing"
	"time"
)

const day = 24 * time.Hour

// aging is a log whose clock a test sets.
type aging struct {
	t    *testing.T
	path string
	log  *Log
	now  time.Time
	n    int
}

func newAging(t *testing.T) *aging {
	a := &aging{t: t, path: newPath(t), now: time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)}
	a.log = small(t, a.path, Options{MaxSize: -1, Keep: 20 * day, Now: func() time.Time { return a.now }})
	return a
}

// days appends an entry a day.
func (a *aging) days(n int) {
	a.t.Helper()
	for range n {
		if err := a.log.Append(ctx, called(a.n)); err != nil {
			a.t.Fatal(err)
		}
		a.n++
		a.now = a.now.Add(day)
	}
}

func (a *aging) report() Report {
	a.t.Helper()
	return good(a.t, a.path)
}

// What was rotated and is older than it is to be kept is deleted, and the log says so.
func TestExpired(t *testing.T) {
	t.Parallel()
	a := newAging(t)
	a.days(60)
	r := a.report()
	if r.From == 1 || a.now.Sub(r.First) > 27*day || a.now.Sub(r.First) < 20*day {
		t.Errorf("%+v", r)
	}
	if err := a.log.Close(); err != nil {
		t.Fatal(err)
	}
	// One more that is gone is no longer explained.
	archived(t, a.path)[0].remove()
	if p := verify(t, a.path).Problem; p == nil || !strings.Contains(p.Reason, "no entry says that they were deleted") {
		t.Errorf("%v", p)
	}
}

// A clock that jumps ahead deletes nothing, if it is set right before a file has come to
// its end by it. What has its time is deleted in its time.
func TestAClockThatJumpsAhead(t *testing.T) {
	t.Parallel()
	a := newAging(t)
	a.days(15)
	a.now = a.now.AddDate(10, 0, 0)
	a.days(1)
	if r := a.report(); r.From != 1 || r.Files < 3 {
		t.Fatalf("after the jump: %+v", r)
	}
	a.now = a.now.AddDate(-10, 0, 0)
	a.days(4)
	if r := a.report(); r.From != 1 {
		t.Fatalf("set right: %+v", r)
	}
	a.days(60)
	if r := a.report(); r.From == 1 || a.now.Sub(r.First) > 27*day || a.now.Sub(r.First) < 20*day {
		t.Errorf("later: %+v", r)
	}
}

// Entries of a machine that started without the time do not age what lies before them.
func TestAClockThatGoesBack(t *testing.T) {
	t.Parallel()
	for _, back := range []int{-1, -60} {
		a := newAging(t)
		a.days(15)
		a.now = a.now.AddDate(back, 0, 0)
		a.days(5)
		a.now = a.now.AddDate(-back, 0, 0)
		a.days(4)
		if r := a.report(); r.From != 1 || r.Files < 4 {
			t.Fatalf("%d years: %+v", back, r)
		}
		a.days(60)
		if r := a.report(); r.From == 1 {
			t.Errorf("%d years, later: %+v", back, r)
		}
	}
}
