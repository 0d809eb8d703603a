package gate

import "aegis/gate/policy"

// checkLimits counts the call and refuses it if it is one too many, or if the
// caller was sent all its bytes. Refused calls take nothing.
func (r *request) checkLimits() *Refusal {
	limits := r.policy.Limits()
	if refusal := spent(r.caller.Sent.Load(), limits); refusal != nil {
		return refusal
	}
	excess := r.caller.Rates.Take(r.tool.Name, limits.CallsPerMinute, limits.CallsPerMinutePerTool)
	if excess.Wait <= 0 {
		return nil
	}
	refusal := Refuse(RateLimited, "This session has made its %d calls a minute.", excess.PerMinute).
		WithHint("Try again in %d s.", int(excess.Wait.Seconds())+1)
	refusal.Rule = "limits.calls_per_minute"
	if excess.OfTool {
		refusal.Rule = "limits.calls_per_minute_per_tool"
	}
	return refusal
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
