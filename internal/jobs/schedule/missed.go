package schedule

import "time"

// Missed says what becomes of runs whose time passed while nothing ran.
type Missed string

const (
	Skip Missed = "skip" // they are not made up for
	Once Missed = "once" // one run makes up for all of them
)

// Late is how late a run may begin and still be on time: what a busy machine or a timer needs.
const Late = time.Minute

// mostCounted bounds how many missed runs are counted.
const mostCounted = 10_000

// Due is what is to be done now about a schedule.
type Due struct {
	At     time.Time // which firing is to run; zero for none
	Missed int       // firings that are not made up for, at most 10,000
	Seen   time.Time // the last firing up to now, to be looked on from; zero for none
}

// DueSince looks at the firings after seen, up to now. Of several at most one runs, the
// last. A clock that was set back finds none: what has fired does not fire again. Of a
// schedule that was never looked at, seen is the zero time, and nothing is due.
func (s *Schedule) DueSince(seen, now time.Time, missed Missed) (due Due) {
	if seen.IsZero() {
		return Due{Seen: now.Truncate(time.Second).UTC()}
	}
	for at := s.Next(seen); !at.IsZero() && !at.After(now); at = s.Next(at) {
		if !due.Seen.IsZero() {
			due.Missed++
		}
		due.Seen = at
		if due.Missed == mostCounted { // a minute's schedule that slept for a week
			due.Seen = s.last(at, now)
			break
		}
	}
	switch {
	case due.Seen.IsZero():
	case missed == Once || now.Sub(due.Seen) <= Late:
		due.At = due.Seen
	default:
		due.Missed++
	}
	due.Missed = min(due.Missed, mostCounted)
	return due
}

// last is the last firing up to now; at is one.
func (s *Schedule) last(at, now time.Time) time.Time {
	for back := time.Hour; ; back *= 2 {
		from := now.Add(-back)
		if from.Before(at) {
			from = at
		}
		if next := s.Next(from); from.Equal(at) || !next.IsZero() && !next.After(now) {
			for ; !next.IsZero() && !next.After(now); next = s.Next(next) {
				at = next
			}
			return at
		}
	}
}
