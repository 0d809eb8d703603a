package sanitize

import (
	"context"

	"aegis/sanitize/leaks"
)

// Within returns a view of the scrubber whose work ends with ctx: what it is at then
// is withheld. Whoever asks has to look at ctx to tell why. It costs next to nothing
// and leaves s as it is.
func (s *Scrubber) Within(ctx context.Context) *Scrubber {
	if s == nil {
		return nil
	}
	view := *s
	view.done = ctx.Done()
	return &view
}

// The work that a text may take, in units of [leaks.Work]. Source and prose take
// between 7 and 15 units a byte, a list of secrets 50, and the worst of the texts
// that are made to be slow 110. What takes more than this is withheld. A unit is
// one to four nanoseconds.
const (
	workOfByte  = 500
	workAtLeast = 1 << 25
	workOfRule  = 200 // a byte, for each rule of the operator's
)

// workOf returns the work that a text of size bytes may take.
func (s *Scrubber) workOf(size int) int64 {
	each := workOfByte
	if s.own != nil {
		each += workOfRule * s.own.rules.Len()
	}
	return int64(each) * int64(size)
}

// working returns a view of the scrubber for one text of size bytes, or several:
// with work of its own.
func (s *Scrubber) working(size int) *Scrubber {
	var view Scrubber // one that was not made by New withholds everything
	if s != nil {
		view = *s
	}
	view.work = leaks.NewWork(workAtLeast+view.workOf(size), view.done)
	return &view
}

// partly runs scrub with the work for a text of size bytes and what others have
// left of common, and returns what is left of that. So one text among many can't use
// up what the others need.
func (s *Scrubber) partly(size int, common int64, scrub func()) int64 {
	s.work.Allow(common + s.workOf(size))
	scrub()
	return min(common, s.work.Left())
}

// cancelled reports whether nobody waits any more.
func (s *Scrubber) cancelled() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}
