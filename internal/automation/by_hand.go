package automation

import (
	"context"
	"errors"
	"fmt"

	"aegis/internal/jobs/queue"
)

// Asked is a run that somebody asks for.
type Asked struct {
	Job string
	Dry bool // sends no write
	// Event has the values of an event that the job waits for, by their names. A job that is asked
	// for without has none, and the steps that take one of its values are left out.
	Event map[string]string
}

// Errors of a run that nobody may begin now.
var (
	ErrNoJob  = errors.New("no job of this name is in force")
	ErrKilled = errors.New("the kill switch is on, and no job runs")
	ErrEvent  = errors.New("not an event of this job's")
)

// Start keeps a run that somebody asks for. It is made by [Automation.Run], and its end comes by
// the channel, once.
func (a *Automation) Start(asked Asked) (id uint64, ended <-chan Ended, err error) {
	task, err := a.task(asked)
	if err != nil {
		return 0, nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if id, err = a.config.Queue.Add(task); err != nil {
		return 0, nil, err
	}
	end := make(chan Ended, 1)
	a.waiting[id] = end
	a.wake()
	return id, end, nil
}

// Once makes a run now, where no [Automation.Run] is under way: in a process that does nothing
// else. It recovers what an earlier process left.
func (a *Automation) Once(ctx context.Context, asked Asked) (Ended, error) {
	wanted, err := a.task(asked)
	if err != nil {
		return Ended{}, err
	}
	if _, err := a.config.Queue.Recover(); err != nil {
		return Ended{}, err
	}
	id, err := a.config.Queue.Add(wanted)
	if err != nil {
		return Ended{}, err
	}
	task, dropped, err := a.config.Queue.ClaimThis(id, perHour(a.config.Jobs.Jobs()))
	if err != nil {
		return Ended{}, err
	}
	if dropped {
		e := ended(task, Dropped, tooMany)
		a.tell(e)
		return e, nil
	}
	calls, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	defer a.people.end(a)
	return a.make(ctx, calls, task), nil
}

// task is what is to be kept of what is asked for. Who asks for what can't be begun is told at
// once, and does not wait until somebody turns the kill switch off.
func (a *Automation) task(asked Asked) (queue.Task, error) {
	t := queue.Task{Job: asked.Job, Dry: asked.Dry}
	job := a.config.Jobs.Jobs().ByName(asked.Job)
	switch {
	case job == nil:
		return t, ErrNoJob
	case a.config.Gate.Killed():
		return t, ErrKilled
	case len(asked.Event) == 0:
		return t, nil
	}
	event, err := job.EventOf(asked.Event)
	if err != nil {
		return t, fmt.Errorf("%w: %w", ErrEvent, err)
	}
	t.Event, t.Repository = event, event.Repository
	return t, nil
}
