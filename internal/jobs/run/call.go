package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"aegis/internal/jobs"
	"aegis/internal/jobs/queue"
)

// later are the codes of what may be otherwise another time.
var later = []string{"gitea_unreachable", "gitea_error", "timeout", "rate_limited", "audit_unavailable", "state_unavailable", "killed"}

// call makes a step's call. Of a tool that lists something the rows that count are read.
func (r *Run) call(ctx context.Context, q *jobs.Query, scope *jobs.Scope) (jobs.Answer, error) {
	if !r.Tools[q.Tool].Writes {
		return r.rows(ctx, q, scope, q.Limit)
	}
	args, err := q.Arguments(scope)
	if err != nil {
		return jobs.Answer{}, err
	}
	if r.Job.DryRun {
		if r.Summary.Planned >= r.Job.WritesPerRun {
			return jobs.Answer{}, errLimited
		}
		r.Summary.Planned++
		if args, err = and(args, map[string]any{"dry_run": true}); err != nil {
			return jobs.Answer{}, err
		}
		return r.Ask(ctx, q.Tool, args)
	}
	return r.write(ctx, q, args)
}

// write sends a write, unless it was sent before.
func (r *Run) write(ctx context.Context, q *jobs.Query, args json.RawMessage) (jobs.Answer, error) {
	if r.Summary.Written+r.Summary.Unknown >= r.Job.WritesPerRun {
		return jobs.Answer{}, errLimited
	}
	name := queue.WriteOf(q.Tool, args)
	verdict, err := r.Writes.Begin(name)
	switch {
	case err != nil:
		return jobs.Answer{}, errors.Join(ErrLater, err)
	case verdict == queue.Written:
		r.Summary.Written++
		return jobs.Answer{}, errLeftOut
	case verdict != queue.Send:
		r.Summary.Unknown++
		return jobs.Answer{}, errLeftOut
	}
	answer, err := r.Ask(ctx, q.Tool, args)
	var refused *Refused
	var unreadable *unreadableError
	switch {
	case err == nil, errors.As(err, &unreadable): // it was answered, and is there
		verdict = queue.Written
	case errors.As(err, &refused) && refused.Nothing:
		verdict = queue.Send
	default:
		verdict = queue.Unknown
	}
	if ended := r.Writes.End(name, verdict); ended != nil {
		// On disk it is being sent, so that it is not sent again.
		return jobs.Answer{}, fmt.Errorf("%w: %w", ErrUnknown, ended)
	}
	switch verdict {
	case queue.Written:
		r.Summary.Written++
	case queue.Unknown:
		return jobs.Answer{}, fmt.Errorf("%w: %s", ErrUnknown, err.Error())
	}
	return answer, err
}

// rows asks a list, page by page, until it has as many rows that count as are wanted. A tool
// that lists nothing is asked once.
func (r *Run) rows(ctx context.Context, q *jobs.Query, scope *jobs.Scope, most int) (all jobs.Answer, err error) {
	const mostPages, perPage = 10, 50
	args, err := q.Arguments(scope)
	if err != nil {
		return all, err
	}
	_, paged := r.Tools[q.Tool].Parameters["page"]
	for page := 1; page <= mostPages; page++ {
		with := args
		if paged {
			if with, err = and(args, map[string]any{"page": page, "limit": perPage}); err != nil {
				return all, err
			}
		}
		answer, err := r.Ask(ctx, q.Tool, with)
		if err != nil {
			return all, err
		}
		found := answer.Rows
		if page > 1 {
			answer.Rows = all.Rows
		} else {
			answer.Rows = nil
		}
		all = answer
		for _, row := range found {
			keeps, err := q.Where.Keeps(row, r.Now, r.Who)
			switch {
			case err != nil:
				return all, err
			case keeps:
				all.Rows = append(all.Rows, row)
			}
			if len(all.Rows) == most {
				return all, nil
			}
		}
		if more, _ := answer.Members["has_more"].(bool); !paged || !more {
			break
		}
	}
	return all, nil
}

// Ask makes one call, and counts it. Its error wraps [ErrLater] where another time may do better.
func (r *Run) Ask(ctx context.Context, tool string, args json.RawMessage) (jobs.Answer, error) {
	r.Summary.Calls++
	object, text, err := r.Door.Call(ctx, tool, args)
	var refused *Refused
	if errors.As(err, &refused) {
		r.Summary.Refused[refused.Code]++
		if slices.Contains(later, refused.Code) {
			return jobs.Answer{}, errors.Join(ErrLater, refused)
		}
	}
	if err != nil {
		return jobs.Answer{}, err
	}
	answer, err := jobs.ReadAnswer(tool, object, text)
	if err != nil {
		return jobs.Answer{}, &unreadableError{err}
	}
	return answer, nil
}

// unreadableError is the error of an answer that is none of its tool's.
type unreadableError struct{ error }

// and adds members to a call's arguments.
func and(args json.RawMessage, more map[string]any) (json.RawMessage, error) {
	all := make(map[string]any)
	decoder := json.NewDecoder(bytes.NewReader(args))
	decoder.UseNumber()
	if err := decoder.Decode(&all); err != nil {
		return nil, fmt.Errorf("arguments: %w", err)
	}
	for name, value := range more {
		all[name] = value
	}
	return json.Marshal(all)
}
