package caller

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rates count a caller's calls: token buckets of a minute's calls that fill
// evenly, one for all calls and one a tool.
type Rates struct {
	mu      sync.Mutex
	all     bucket
	perTool map[string]*bucket
}

type bucket struct {
	perMinute int
	limiter   *rate.Limiter
}

// Excess is by what a call is one too many. The zero Excess is not at all.
type Excess struct {
	OfTool    bool // of one tool's calls, not of all
	PerMinute int  // how many there may be
	Wait      time.Duration
}

// Take counts a call of a tool, or tells that it is one too many: of perMinute in all,
// or of perTool of that tool. 0 is unlimited. Calls that are too many take nothing.
func (r *Rates) Take(tool string, perMinute, perTool int) Excess {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.perTool == nil {
		r.perTool = make(map[string]*bucket)
	}
	own := r.perTool[tool]
	if own == nil {
		own = new(bucket)
		r.perTool[tool] = own
	}
	now := time.Now()
	all := r.all.reserve(now, perMinute)
	if wait := all.DelayFrom(now); wait > 0 {
		all.CancelAt(now)
		return Excess{PerMinute: perMinute, Wait: wait}
	}
	each := own.reserve(now, perTool)
	if wait := each.DelayFrom(now); wait > 0 {
		each.CancelAt(now)
		all.CancelAt(now)
		return Excess{OfTool: true, PerMinute: perTool, Wait: wait}
	}
	return Excess{}
}

func (b *bucket) reserve(now time.Time, perMinute int) *rate.Reservation {
	if b.limiter == nil || b.perMinute != perMinute {
		b.perMinute = perMinute
		b.limiter = rate.NewLimiter(rate.Inf, 0)
		if perMinute > 0 {
			b.limiter = rate.NewLimiter(rate.Every(time.Minute/time.Duration(perMinute)), perMinute)
		}
	}
	return b.limiter.ReserveN(now, 1)
}
