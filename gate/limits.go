package gate

import (
	"aegis/gate/caller"
	"aegis/gate/policy"
)

// checkLimits counts the call and refuses it if it is one too many, or if the
// caller was sent all its bytes or has made all its writes. Refused calls take nothing.
func (r *request) checkLimits() *Refusal {
	limits := r.policy.Limits()
	if refusal := spent(r.caller.Sent.Load(), limits); refusal != nil {
		return refusal
	}
	if r.writes() && limits.WritesPerSession > 0 && r.caller.Writes.Load() >= limits.WritesPerSession {
		return allWritten(limits)
	}
	excess := r.caller.Rates.Take(r.tool.Name, caller.Bounds{
		PerMinute: limits.CallsPerMinute, PerMinuteOfTool: limits.CallsPerMinutePerTool, PerHour: limits.CallsPerHour,
	})
	if excess.Wait <= 0 {
		return nil
	}
	rule, span := "limits.calls_per_minute", "minute"
	switch excess.Of {
	case caller.PerMinuteOfTool:
		rule = "limits.calls_per_minute_per_tool"
	case caller.PerHour:
		rule, span = "limits.calls_per_hour", "hour"
	}
	refusal := Refuse(RateLimited, "This session has made its %d calls a %s.", excess.Most, span).
		WithHint("Try again in %d s.", int(excess.Wait.Seconds())+1)
	refusal.Rule = rule
	return refusal
}

// takeWrite counts a call that is about to send its first request, or refuses it: others
// may have sent theirs since this one was decided. What is counted stays so, whatever
// comes of it.
func (r *request) takeWrite() *Refusal {
	limits := r.policy.Limits()
	if made := r.caller.Writes.Add(1); limits.WritesPerSession > 0 && made > limits.WritesPerSession {
		r.caller.Writes.Add(-1)
		return allWritten(limits)
	}
	return nil
}

func allWritten(limits policy.Limits) *Refusal {
	r := Refuse(RateLimited, "This session has made its %d writes.", limits.WritesPerSession).
		WithHint("Start a new session. What was written stays; reading goes on.")
	r.Rule = "limits.writes_per_session"
	return r
}

// count counts an answer as sent. It refuses one that comes when the caller has been sent
// all its bytes, by calls that ran at the same time. What was written is told all the same.
func (t *telling) count(a Answer) *Refusal {
	size := int64(a.size())
	before := t.caller.Sent.Add(size) - size
	refusal := spent(before, t.policy.Limits())
	if refusal == nil || t.sending.written > 0 {
		return nil
	}
	t.caller.Sent.Add(-size)
	return refusal
}

// spent refuses a call once the caller has been sent all its bytes.
func spent(sent int64, limits policy.Limits) *Refusal {
	if limits.BytesPerSession <= 0 || sent < limits.BytesPerSession {
		return nil
	}
	r := Refuse(RateLimited, "This session has been sent its %d bytes.", limits.BytesPerSession).
		WithHint("Start a new session.")
	r.Rule = "limits.bytes_per_session"
	return r
}
