package audit

import (
	"context"
	"fmt"
)

// Unfinished is a call that was about to write and has no outcome.
type Unfinished struct {
	Stored        // its last decision: allowed, resolved
	Requests int  // how many requests were announced, each by a decision of its own
	Ended    bool // its session wrote its end all the same
}

// maxUnfinished is how many calls without an outcome are followed at once. Far
// fewer run at the same time in all the sessions of a user.
const maxUnfinished = 1000

// ShowUnfinished reads the log at path as [Show] does, and calls each for every
// call that q asks for which was to write and whose outcome is not in the log:
// its process ended between the two, or it runs right now. The calls come in the
// order in which they were decided last. Of q, Denied and Limit mean nothing here.
//
// At most a thousand calls are followed at the same time; Reading.Earlier
// says how many decisions beyond those could not be.
func ShowUnfinished(ctx context.Context, path string, q Query, each func(Unfinished) error) (Reading, error) {
	s, err := takeSnapshot(ctx, path)
	if err != nil {
		return Reading{}, fmt.Errorf("audit log %s: %w", path, err)
	}
	defer s.close()
	q.Denied = false
	open := openCalls{}
	reading, err := s.read(ctx, func(f found) error {
		if f.line != nil {
			open.follow(f, q)
		}
		return nil
	})
	if err != nil {
		return Reading{}, fmt.Errorf("audit log %s: %w", path, err)
	}
	reading.Earlier = open.beyond
	again := s.again()
	defer again.close()
	for _, c := range open.calls {
		f, err := again.read(c.decision)
		if err == nil {
			err = each(Unfinished{f.stored(), c.requests, c.ended})
		}
		if err != nil {
			return Reading{}, fmt.Errorf("audit log %s: %w", path, err)
		}
	}
	return reading, nil
}

// openCalls are calls that were to write and have no outcome yet.
type openCalls struct {
	calls  []openCall // in the order of their last decisions
	beyond int64
}

type openCall struct {
	session, call string
	decision      span // the last one
	requests      int
	ended         bool
}

func (o *openCalls) follow(f found, q Query) {
	switch f.kind {
	case KindDecision:
		if f.announces() && q.matches(f) {
			o.announce(f)
		}
	case KindOutcome:
		_ = o.take(f)
	case KindSessionEnd:
		session := f.text(memberSession)
		for i := range o.calls {
			o.calls[i].ended = o.calls[i].ended || o.calls[i].session == session
		}
	}
}

// announces reports whether an entry is the one right before a request that
// writes.
func (f found) announces() bool {
	if f.text(memberStage) != string(StageResolved) || f.text(memberDecision) != string(Allow) || f.values[memberDryRun] != nil {
		return false
	}
	return f.writes()
}

func (o *openCalls) announce(f found) {
	c := o.take(f)
	if len(o.calls) == maxUnfinished {
		o.beyond++
		return
	}
	c.session, c.call = f.text(memberSession), f.text(memberCall)
	c.decision = span{f.file, f.number, f.offset, len(f.raw), f.broken, f.after, true}
	c.requests++
	o.calls = append(o.calls, c)
}

// take removes the call of an entry and returns it, or the zero one.
func (o *openCalls) take(f found) openCall {
	if len(o.calls) == 0 {
		return openCall{}
	}
	session, call := f.text(memberSession), f.text(memberCall)
	for i, c := range o.calls {
		if c.call == call && c.session == session {
			o.calls = append(o.calls[:i], o.calls[i+1:]...)
			return c
		}
	}
	return openCall{}
}
