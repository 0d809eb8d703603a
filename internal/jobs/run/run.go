// Package run carries out a job's steps for one repository.
//
// It asks a [Door] for each call, and decides nothing about it: a call that is refused is
// counted by its code, and what would have come of it is left out. Before a write is sent [Writes] is asked,
// so that none is sent twice by a run that is made again.
//
// A run ends in one of four ways: done; again later, because Gitea or the log was not
// there; never again, because nobody knows what came of a write; or never again, because its
// first step was refused, as it would be the next time.
package run

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"aegis/internal/canon"
	"aegis/internal/jobs"
	"aegis/internal/jobs/hook"
	"aegis/internal/jobs/queue"
)

// Door is where calls are made, as the job's own caller.
type Door interface {
	// Call makes a call. object and text are the first and the second content of its answer, the text
	// without the marks around it. Its error is a [*Refused] for a call that was answered
	// with one.
	Call(ctx context.Context, tool string, args json.RawMessage) (object []byte, text string, err error)
}

// Refused is the error of a call that was refused or failed, by its code. Nothing says that
// it is certain that nothing was written; without it a write is taken for one of which
// nobody knows.
type Refused struct {
	Code    string
	Nothing bool
}

func (r *Refused) Error() string { return r.Code }

// Writes keeps what is known of a task's writes, as [queue.Queue] does.
type Writes interface {
	Begin(w queue.Write, most int) (queue.Verdict, error)
	End(w queue.Write, v queue.Verdict) error
}

// Run is a job that is carried out.
type Run struct {
	Job    *jobs.Job
	Tools  jobs.Catalog
	Door   Door
	Writes Writes
	Who    jobs.Who
	Now    time.Time
	Marked func(text string) bool // as [jobs.Scope] has it

	Summary Summary
}

// Summary counts what a run did, for one line of a log.
type Summary struct {
	Calls   int
	Written int            // writes that were sent and are there, by this run or one before
	Planned int            // writes of a dry run
	Unknown int            // writes that were left out, since nobody knows whether they are there
	LeftOut int            // steps that took a value which is not there, or whose unless is true
	Cut     int            // lists that have more rows than were looked at
	Refused map[string]int // calls, by code
	Limited bool           // writes_per_run was reached
}

// Ways in which a run ends other than done.
var (
	// ErrLater is the error of a run that may do better another time.
	ErrLater = errors.New("later")
	// ErrUnknown is the error of a run that sent a write of which nobody knows what came.
	ErrUnknown = errors.New("outcome_unknown")
)

// errLeftOut ends the steps of one item, errLimited the whole run, without a fault.
var (
	errLeftOut = errors.New("left out")
	errLimited = errors.New("limited")
)

// In carries the job out for a repository. Its error is nil for done, and wraps [ErrLater] or
// [ErrUnknown]; any other is one that will be met again.
func (r *Run) In(ctx context.Context, repo canon.Repo, event *hook.Event) error {
	if r.Summary.Refused == nil {
		r.Summary.Refused = make(map[string]int)
	}
	scope := &jobs.Scope{Repository: repo, Event: event, Marked: r.Marked, Steps: map[string]jobs.Answer{}, Rows: map[string][]jobs.Row{}}
	err := r.steps(ctx, r.Job.Steps, scope)
	if errors.Is(err, errLimited) {
		r.Summary.Limited = true
		err = nil
	}
	return err
}

func (r *Run) steps(ctx context.Context, steps []jobs.Step, scope *jobs.Scope) error {
	for i := range steps {
		var absent *jobs.AbsentError
		switch err := r.step(ctx, &steps[i], scope); {
		case errors.Is(err, errLeftOut), errors.As(err, &absent):
			r.Summary.LeftOut++
		case err != nil:
			return err
		}
	}
	return nil
}

func (r *Run) step(ctx context.Context, s *jobs.Step, scope *jobs.Scope) error {
	if err := ctx.Err(); err != nil {
		return errors.Join(ErrLater, err)
	}
	if s.Unless != nil {
		there, cut, err := r.rows(ctx, s.Unless, scope, 1)
		if err != nil {
			return err
		}
		if len(there.Rows) > 0 || cut { // what nobody has seen may be there
			return errLeftOut
		}
	}
	switch {
	case s.Each != nil:
		return r.each(ctx, s, scope)
	case s.Call != nil:
		answer, err := r.call(ctx, s.Call, scope)
		if err == nil && s.ID != "" {
			scope.Steps[s.ID] = answer
		}
		return err
	}
	return nil // a row is made by its loop
}

// each does a loop's steps for each of its rows, which are all read before the first.
func (r *Run) each(ctx context.Context, s *jobs.Step, scope *jobs.Scope) error {
	found, _, err := r.rows(ctx, s.Each, scope, s.Each.Limit)
	if err != nil {
		return err
	}
	for _, item := range found.Rows {
		inside := *scope
		inside.Item, inside.Loop, inside.Steps = item, s.Each, make(map[string]jobs.Answer, len(scope.Steps))
		for id, answer := range scope.Steps {
			inside.Steps[id] = answer
		}
		var refused *Refused
		switch err := r.item(ctx, s, &inside); {
		case errors.Is(err, ErrLater), errors.Is(err, ErrUnknown):
			return err
		case errors.As(err, &refused): // of this item alone
			r.Summary.LeftOut++
		case err != nil:
			return err
		}
	}
	return nil
}

// item does a loop's steps for one row, its rows of a table among them.
func (r *Run) item(ctx context.Context, s *jobs.Step, inside *jobs.Scope) error {
	for i := range s.Do {
		if s.Do[i].Row == nil {
			if err := r.steps(ctx, s.Do[i:i+1], inside); err != nil {
				return err
			}
			continue
		}
		row, err := s.Do[i].MakeRow(inside)
		if err != nil {
			r.Summary.LeftOut++
			continue
		}
		inside.Rows[s.ID] = append(inside.Rows[s.ID], row) // a map that the loop shares
	}
	return nil
}
