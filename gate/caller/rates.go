package caller

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rates count a caller's calls: token buckets that fill evenly, of a minute's and of an
// hour's calls for all of them, and of a minute's a tool.
type Rates struct {
	mu      sync.Mutex
	minute  bucket
	hour    bucket
	perTool map[string]*bucket
}

// Bounds are how many calls there may be; 0 is unlimited.
type Bounds struct {
	PerMinute       int
	PerMinuteOfTool int // of each tool
	PerHour         int
}

// bucket is the tokens of some time's calls.
type bucket struct {
	most    int
	limiter *rate.Limiter
}

// Excess is by what a call is one too many. The zero Excess is not at all.
type Excess struct {
	Of   Bound
	Most int // how many there may be
	Wait time.Duration
}

// Bound is one of [Bounds].
type Bound uint8

// The bounds, in the order in which they are told.
const (
	PerMinute Bound = iota
	PerMinuteOfTool
	PerHour
)

// Take counts a call of a tool, or tells that it is one too many. Calls that are too many
// take nothing.
func (r *Rates) Take(tool string, bounds Bounds) Excess {
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
	var taken []*rate.Reservation
	for _, each := range []struct {
		of     Bound
		bucket *bucket
		most   int
		per    time.Duration
	}{
		{PerMinute, &r.minute, bounds.PerMinute, time.Minute},
		{PerMinuteOfTool, own, bounds.PerMinuteOfTool, time.Minute},
		{PerHour, &r.hour, bounds.PerHour, time.Hour},
	} {
		one := each.bucket.reserve(now, each.most, each.per)
		taken = append(taken, one)
		if wait := one.DelayFrom(now); wait > 0 {
			for _, reserved := range taken {
				reserved.CancelAt(now)
			}
			return Excess{each.of, each.most, wait}
		}
	}
	return Excess{}
}

func (b *bucket) reserve(now time.Time, most int, per time.Duration) *rate.Reservation {
	if b.limiter == nil || b.most != most {
		b.most = most
		b.limiter = rate.NewLimiter(rate.Inf, 0)
		if most > 0 {
			b.limiter = rate.NewLimiter(rate.Every(per/time.Duration(most)), most)
		}
	}
	return b.limiter.ReserveN(now, 1)
}
