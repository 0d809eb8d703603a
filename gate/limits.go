package gate

import (
	"context"
	"sync"
	"time"

	"aegis/gate/policy"

	"golang.org/x/time/rate"
)

// rates are a session's call limits: token buckets of a minute's calls that
// fill evenly, one for all calls and one a tool.
type rates struct {
	mu      sync.Mutex
	all     bucket
	perTool map[string]*bucket
}

type bucket struct {
	perMinute int
	limiter   *rate.Limiter
}

// take counts a call and refuses it if it is one too many. Refused calls
// take nothing.
func (r *rates) take(tool string, limits policy.Limits) *Refusal {
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
	all := r.all.reserve(now, limits.CallsPerMinute)
	if wait := all.DelayFrom(now); wait > 0 {
		all.CancelAt(now)
		return tooManyCalls("limits.calls_per_minute", limits.CallsPerMinute, wait)
	}
	each := own.reserve(now, limits.CallsPerMinutePerTool)
	if wait := each.DelayFrom(now); wait > 0 {
		each.CancelAt(now)
		all.CancelAt(now)
		return tooManyCalls("limits.calls_per_minute_per_tool", limits.CallsPerMinutePerTool, wait)
	}
	return nil
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

func tooManyCalls(rule string, perMinute int, wait time.Duration) *Refusal {
	r := Refuse(RateLimited, "This session has made its %d calls a minute.", perMinute).
		WithHint("Try again in %d s.", int(wait.Seconds())+1)
	r.Rule = rule
	return r
}

// spent refuses a call once the session has been sent all its bytes.
func (s *Session) spent(limits policy.Limits) *Refusal {
	if limits.BytesPerSession <= 0 || s.sent.Load() < limits.BytesPerSession {
		return nil
	}
	r := Refuse(RateLimited, "This session has been sent its %d bytes.", limits.BytesPerSession).
		WithHint("Start a new session.")
	r.Rule = "limits.bytes_per_session"
	return r
}

// slot waits for a place to run in, or for ctx to end.
func (g *Gate) slot(ctx context.Context) (release func(), err error) {
	select {
	case g.slots <- struct{}{}:
		return func() { <-g.slots }, nil
	case <-ctx.Done():
		return func() {}, ctx.Err()
	}
}
