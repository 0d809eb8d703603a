package gate

import "fmt"

// checkKept refuses a write while it is not known, or can't be kept, what the caller was
// shown: flow control would decide by less than there is.
func (r *request) checkKept() *Refusal {
	if !r.writes() {
		return nil
	}
	if err := r.caller.Marks.Check(); err != nil {
		return r.unkept(err)
	}
	return nil
}

// kept returns an answer once what it shows is kept with the caller. If that fails,
// nothing of the result is in the answer. What marks nothing need not wait for what
// other calls have marked.
func (t *telling) kept(a Answer) Answer {
	if !t.marked || !t.caller.Marks.Owed() {
		return a
	}
	err := t.caller.Marks.Keep()
	if err == nil {
		return a
	}
	refusal := t.unkept(err)
	if t.sending.begun > 0 {
		refusal.Message = "The state file can't be written. What this call changes was sent to Gitea before; its outcome is not released."
		refusal.Hint = fmt.Sprintf("Read %s to see what is there. %s", t.look, refusal.Hint)
	}
	return t.refuse(refusal)
}

// unkept is the refusal of what may not go on without the state file.
func (r *request) unkept(err error) *Refusal {
	r.logger().Error().Str("error", r.desk.scrubber.Line(err.Error())).Msg("state file unavailable")
	refusal := Refuse(StateUnavailable, "What this caller was shown can't be kept.").
		WithHint("Ask whoever operates Aegis here: the state file (--state) has to be readable and writable.")
	refusal.Rule = "state"
	return refusal
}
