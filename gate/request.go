package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"aegis/forge"
	"aegis/gate/caller"
	"aegis/gate/policy"
	"aegis/internal/canon"
	"aegis/sanitize"

	"github.com/rs/zerolog"
)

// request is a call as it came: by whom, for what, and under which policy. Once its
// arguments are decoded nothing about it changes. It can't ask Gitea anything.
type request struct {
	*desk
	caller     *caller.Caller
	connection *caller.Connection
	tool       Tool
	call       Call
	id         string
	rpcID      json.RawMessage // the JSON-RPC id, fit to be logged
	trace      canon.Trace     // likewise
	ctx        context.Context
	started    time.Time
	inForce                       // for the whole call
	scrubber   *sanitize.Scrubber // of answers, under that policy; it knows what was cut from earlier ones
	barred     *Refusal           // why it is not even looked at, nil if it is
	prepared   Prepared           // the decoded arguments and what they touch
	marked     bool               // the call has marked the caller with what is to be kept
}

// enter gives a call an id, waits for a slot and starts its clock. What would be
// refused for the kill switch waits for none. leave is to be called at its end, with
// what came of it.
func (g *Gate) enter(ctx context.Context, c *caller.Caller, on *caller.Connection, tool Tool, call Call) (r *request, way *forge.Way, leave func(Answer)) {
	r = &request{desk: &g.desk, caller: c, connection: on, tool: tool, call: call, id: c.NextCall()}
	way, notAdmitted := g.Admit(c)
	killed := r.checkKillSwitch()
	release, slotErr := func() {}, error(nil)
	if killed == nil {
		release, slotErr = g.slots.Take(ctx, c)
	}
	r.started = time.Now()
	count := g.options.Observer.CallBegins(tool.Name)
	var cancel context.CancelFunc
	r.ctx, cancel = context.WithTimeout(ctx, g.options.Timeout)
	leave = func(a Answer) {
		cancel()
		release()
		count(a.outcome(ctx), string(a.Code), a.report.Redactions)
	}
	defer func() {
		if r.policy == nil { // a panic: nobody else gives the slot back
			leave(Answer{})
		}
	}()
	decides, nothing := g.inForce(c)
	r.rpcID, r.trace = r.requestID(), r.traceOf()
	r.inForce, r.scrubber = decides, g.scrubberUnder(decides.policy).Within(r.ctx).Remembering(memory(c))
	switch closed := c.Closed(); {
	case closed != nil:
		r.barred = r.auditRefusal(closed)
	case notAdmitted != nil:
		r.barred = r.refusalOf(fmt.Errorf("the caller's way to Gitea: %w", notAdmitted))
	case killed != nil: // also if the switch is off by now: there is no slot to run in
		r.barred = killed
	case nothing != nil:
		r.barred = nothing
	case slotErr != nil:
		r.barred = Refuse(Timeout, "The call was cancelled while it waited for its turn.")
	}
	return r, way, leave
}

// writes reports whether the call changes something, or makes Gitea run
// something.
func (r *request) writes() bool { return r.tool.Capability != policy.Read }

// file is the path of the file that the call is about, "" if it is about none.
func (r *request) file() string {
	if r.prepared.Target.reading != filePath {
		return ""
	}
	return r.prepared.Target.path.String()
}

// since is from when on what the caller was shown is not forgotten.
func (r *request) since() time.Time { return time.Now().Add(-r.policy.Flow().ForgetAfter) }

// contain turns a panic in step into an error. The panic's text stays on
// stderr: it may quote anything.
func (r *request) contain(step func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.logger().Error().
				Str("panic", r.desk.scrubber.Line(fmt.Sprint(p))).
				Str("stack", r.desk.scrubber.Line(string(debug.Stack()))).
				Msg("panic in a call")
			err = errPanicked
		}
	}()
	return step()
}

var errPanicked = errors.New("panicked")

// logger has in each line what the call's entries in the audit log have: by any of these
// ids, all of them are found.
func (r *request) logger() *zerolog.Logger {
	with := r.options.Logger.With().Str("session", r.caller.Session()).Str("call", r.id).RawJSON("request", orNull(r.rpcID))
	for _, id := range []struct{ name, value string }{
		{"trace", r.trace.String()}, {"connection", r.connection.ID()}, {"job", r.connection.Run().Job}, {"delivery", r.connection.Run().Delivery},
	} {
		if id.value != "" {
			with = with.Str(id.name, id.value)
		}
	}
	if run := r.connection.Run().Number; run != 0 {
		with = with.Int64("run", run)
	}
	logger := with.Str("tool", r.tool.Name).Logger()
	return &logger
}

// requestID is the JSON-RPC id as it may be logged. The client chose it, so that a
// string is scrubbed like any other text of its own.
func (r *request) requestID() json.RawMessage {
	var id string
	if json.Unmarshal(r.call.Request, &id) != nil {
		return r.call.Request // a number, too small to hide anything in, or none
	}
	clean := r.desk.scrubber.Line(id)
	if clean == id {
		return r.call.Request
	}
	raw, err := marshal(clean)
	if err != nil {
		return nil
	}
	return raw
}

// traceOf is the client's trace, none if a secret is in it.
func (r *request) traceOf() canon.Trace {
	if trace := r.call.Trace.String(); trace == "" || r.desk.scrubber.Line(trace) != trace {
		return canon.Trace{}
	}
	return r.call.Trace
}

func orNull(raw []byte) []byte {
	if len(raw) == 0 {
		return []byte("null")
	}
	return raw
}

// grant is what the call may ask of Gitea of some repositories, under its ids.
func (r *request) grant(repos ...canon.Repo) forge.Grant {
	return forge.Grant{CallID: r.id, Trace: r.trace, Repos: repos}
}
