package leaks

import "math"

// Work is what may still be done for one text: a number of units, each about what
// it takes to look at one byte, until somebody has no use for it any more. How much
// a text takes depends on the text alone, not on the machine. It is not safe for
// concurrent use.
type Work struct {
	left  int64
	until int64 // done is looked at when left is less
	done  <-chan struct{}
	ended bool
}

// lookEvery is how many units are spent between two looks at the channel: less than
// a tenth of a millisecond.
const lookEvery = 1 << 14

// NewWork makes work of so many units that ends when done is closed; nil never is.
func NewWork(units int64, done <-chan struct{}) *Work {
	w := &Work{done: done}
	w.Allow(units)
	return w
}

// Unlimited makes work that never ends.
func Unlimited() *Work { return NewWork(math.MaxInt64, nil) }

// Allow sets the units that are left. What was cancelled stays so.
func (w *Work) Allow(units int64) {
	w.left, w.ended = units, false
	w.look()
}

// Left returns the units that are left.
func (w *Work) Left() int64 { return max(0, w.left) }

// Ended reports whether no more may be done: whatever was found since is not all.
func (w *Work) Ended() bool { return w.ended }

// Spend takes n units, and reports whether to go on.
func (w *Work) Spend(n int) bool {
	if w.left -= int64(n); w.left >= w.until {
		return !w.ended
	}
	return w.look()
}

func (w *Work) look() bool {
	w.until = max(0, w.left-lookEvery)
	select {
	case <-w.done:
		w.ended = true
	default:
		w.ended = w.ended || w.left < 0
	}
	return !w.ended
}
