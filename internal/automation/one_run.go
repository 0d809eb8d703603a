package automation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"aegis/gate/caller"
	"aegis/internal/canon"
	"aegis/internal/jobs"
	"aegis/internal/jobs/queue"
	"aegis/internal/jobs/run"
	"aegis/sanitize"
)

// make makes a run and ends its task. ctx is done when nothing more is to be begun, calls when
// what has begun is to be given up.
func (a *Automation) make(ctx, calls context.Context, task *queue.Task) Ended {
	began := time.Now()
	e := ended(task, Done, "")
	err := a.contain(task, func() error { return a.carryOut(ctx, calls, task, &e) })
	end := a.ending(ctx, task, err, &e)
	for {
		err := end()
		if err == nil {
			break
		}
		a.config.Logger.Error().Err(err).Uint64("run", task.ID).Str("job", task.Job).Msg("a run's end can't be kept")
		if errors.Is(err, queue.ErrGone) || !sleep(ctx, lookEvery) {
			e.Outcome, e.Reason = Later, stateFile // by the next process
			break
		}
	}
	e.Took = time.Since(began)
	a.tell(e)
	return e
}

// ending is what becomes of a task after its run: e says so once the step, which puts it on
// disk, has returned no error.
func (a *Automation) ending(ctx context.Context, task *queue.Task, err error, e *Ended) (step func() error) {
	q := a.config.Queue
	if err == nil {
		return func() error { return q.Done(task.ID) }
	}
	e.Reason = reasonOf(err)
	switch {
	case errors.Is(err, run.ErrUnknown):
		e.Outcome, e.Reason = Unknown, queue.OutcomeUnknown
	case errors.Is(err, run.ErrLater) && ctx.Err() != nil:
		e.Outcome, e.Reason = Later, cutShort
		return func() error { return q.Stop(task.ID, e.Reason) }
	case errors.Is(err, run.ErrLater):
		return func() error {
			over, err := q.Later(task.ID, a.waits(task.Attempts-task.Stopped), e.Reason)
			if e.Outcome = Later; over {
				e.Outcome = Failed
			}
			return err
		}
	default:
		e.Outcome = Failed
	}
	return func() error { return q.Fail(task.ID, e.Reason) }
}

// carryOut does what a task is for, and notes in e what was done.
func (a *Automation) carryOut(ctx, calls context.Context, task *queue.Task, e *Ended) error {
	job := a.config.Jobs.Jobs().ByName(task.Job)
	if job == nil {
		return reason(noSuchJob)
	}
	who, err := a.people.of(a, job)
	if err != nil {
		return err
	}
	on := caller.ConnectRun(caller.Run{Job: job.Name, Trigger: string(task.Trigger), Delivery: task.Delivery, Number: int64(task.ID)})
	login, err := a.people.login(ctx, calls, a, who, on)
	if err != nil {
		return err
	}
	if task.Event != nil {
		switch unwanted, err := a.unwanted(ctx, calls, job, task); {
		case err != nil:
			return err
		case unwanted != "":
			e.Reason = unwanted
			return nil
		}
	}
	if task.Dry {
		dry := *job
		dry.DryRun, job = true, &dry
	}
	d := newDoor(a.config.Gate, a.config.Tools, who.caller, on, calls)
	d.asks = job.AsksStanding()
	r := &run.Run{
		Job: job, Tools: a.catalog, Door: d, Writes: writes{a.config.Queue, task.ID},
		Who: jobs.Who{Self: login, Writer: d.writes}, Now: a.now(),
		Marked:  func(text string) bool { return sanitize.Marker(text) != "" },
		Summary: run.Summary{Refused: make(map[string]int)},
	}
	defer func() { e.Summary = r.Summary }()
	if job.DryRun {
		r.Door = &rehearsal{Door: r.Door, tools: a.catalog, e: e}
	}
	repos := []canon.Repo{task.Repository}
	if task.Repository.IsZero() {
		if repos, err = repositories(ctx, r); err != nil {
			return err
		}
	}
	var first error // of a repository: the others have their run all the same
	for _, repo := range repos {
		err := r.In(ctx, repo, task.Event)
		if errors.Is(err, run.ErrLater) || errors.Is(err, run.ErrUnknown) {
			return err
		}
		if first == nil {
			first = err
		}
		if r.Summary.Limited {
			break
		}
	}
	return first
}

// unwanted says why an event that was kept makes no run now: the file has changed since, or a
// user of a job's did it. Those are known only now, if Gitea was not there before.
func (a *Automation) unwanted(ctx, calls context.Context, job *jobs.Job, task *queue.Task) (why string, err error) {
	if !job.Wants(*task.Event) {
		return notWanted, nil
	}
	if err := a.people.meetAll(ctx, calls, a); err != nil {
		return "", err
	}
	file := a.config.Jobs.Jobs()
	if !slices.Contains(file.Wanting(*task.Event, a.people.users()), job.Name) {
		return ownEvent, nil
	}
	return "", nil
}

// writes is what is known of a task's writes.
type writes struct {
	queue *queue.Queue
	task  uint64
}

func (w writes) Begin(name queue.Write) (queue.Verdict, error) { return w.queue.Begin(w.task, name) }
func (w writes) End(name queue.Write, v queue.Verdict) error   { return w.queue.End(w.task, name, v) }

// contain makes a panic one run that failed.
func (a *Automation) contain(task *queue.Task, step func() error) (err error) {
	defer func() {
		if p := recover(); p != nil { // its value may hold anything
			a.config.Logger.Error().Str("panic", fmt.Sprintf("%T", p)).Bytes("stack", debug.Stack()).Uint64("run", task.ID).Msg("a run panicked")
			err = reason(unexpected)
		}
	}()
	return step()
}

// rehearsal notes what a dry run would write.
type rehearsal struct {
	run.Door
	tools jobs.Catalog
	e     *Ended
	bytes int
}

// mostRehearsed bounds what is kept of a dry run's writes, in bytes. Of those beyond the tool alone
// is kept.
const mostRehearsed = 1 << 20

func (r *rehearsal) Call(ctx context.Context, tool string, args json.RawMessage) (object []byte, text string, err error) {
	object, text, err = r.Door.Call(ctx, tool, args)
	if !r.tools[tool].Writes {
		return object, text, err
	}
	p := Planned{Tool: tool}
	var refused *run.Refused
	if errors.As(err, &refused) {
		p.Code = refused.Code
	}
	if r.bytes += len(args) + len(object); r.bytes <= mostRehearsed {
		p.Args, p.Answer = args, object
	}
	r.e.Would = append(r.e.Would, p)
	return object, text, err
}
