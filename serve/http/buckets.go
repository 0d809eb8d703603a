package http

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxBuckets bounds how many networks are counted apart, at some 150 bytes each.
const maxBuckets = 16 << 10

// buckets count by network: so many in a time, which fill evenly. When there are too many
// networks, those that come new are counted together: whoever has a valid key is never
// among them for what others did without one.
type buckets struct {
	limit rate.Limit
	burst int // 0 is unlimited

	mu    sync.Mutex
	of    map[netip.Prefix]*rate.Limiter
	rest  *rate.Limiter
	swept time.Time
}

func newBuckets(most int, within time.Duration) *buckets {
	b := &buckets{burst: max(most, 0), of: make(map[netip.Prefix]*rate.Limiter)}
	if b.burst > 0 {
		b.limit = rate.Every(within / time.Duration(most))
	}
	b.rest = rate.NewLimiter(b.limit, b.burst)
	return b
}

// take counts one, or says how long to wait for it.
func (b *buckets) take(network netip.Prefix) (wait time.Duration) {
	if b.burst == 0 {
		return 0
	}
	now := time.Now()
	return taken(b.limiter(network, now), now)
}

// spent reports whether the next one would have to wait.
func (b *buckets) spent(network netip.Prefix) bool {
	now := time.Now()
	b.mu.Lock()
	known := b.of[network]
	b.mu.Unlock()
	return known != nil && known.TokensAt(now) < 1
}

// taken counts one, or says how long to wait for it and counts nothing.
func taken(limiter *rate.Limiter, now time.Time) (wait time.Duration) {
	one := limiter.ReserveN(now, 1)
	if wait = one.DelayFrom(now); wait > 0 {
		one.CancelAt(now)
	}
	return wait
}

func (b *buckets) limiter(network netip.Prefix, now time.Time) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	if known := b.of[network]; known != nil {
		return known
	}
	if len(b.of) >= maxBuckets && now.Sub(b.swept) > time.Second {
		b.swept = now
		for network, limiter := range b.of {
			if limiter.TokensAt(now) >= float64(b.burst) { // as if it had never been seen
				delete(b.of, network)
			}
		}
	}
	if len(b.of) >= maxBuckets {
		return b.rest
	}
	fresh := rate.NewLimiter(b.limit, b.burst)
	b.of[network] = fresh
	return fresh
}

// room is how much there may be at once, within a larger room that is shared.
type room struct {
	most   int64
	shared *room

	mu   sync.Mutex
	used int64
}

func newRoom(most int64, shared *room) *room { return &room{most: most, shared: shared} }

// take takes n, or nothing if it is not there.
func (r *room) take(n int64) bool {
	r.mu.Lock()
	if r.used+n > r.most {
		r.mu.Unlock()
		return false
	}
	r.used += n
	r.mu.Unlock()
	if r.shared != nil && !r.shared.take(n) {
		r.leave(n)
		return false
	}
	return true
}

// give gives back n.
func (r *room) give(n int64) {
	r.leave(n)
	if r.shared != nil {
		r.shared.give(n)
	}
}

func (r *room) leave(n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used -= n
}

// inUse is how much is taken.
func (r *room) inUse() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.used
}
