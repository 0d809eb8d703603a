package automation

import (
	"context"
	"errors"
	"maps"
	"time"

	"aegis/internal/jobs"
	"aegis/internal/jobs/queue"
)

// firing is what is known of a job's schedule.
type firing struct {
	schedule string
	next     time.Time // nothing is due before
}

// clock keeps each firing of each schedule in the queue, until ctx is done.
func (a *Automation) clock(ctx context.Context) {
	known := make(map[string]firing)
	var before *jobs.File
	for {
		file := a.config.Jobs.Jobs()
		if file != before {
			a.changed(file)
			maps.DeleteFunc(known, func(name string, _ firing) bool { return file.ByName(name) == nil })
			before = file
		}
		a.learn()
		for _, job := range file.Jobs {
			if job.On.Schedule != nil {
				a.look(known, job)
			}
		}
		a.looks.Add(1)
		if !sleep(ctx, a.every) {
			return
		}
	}
}

// changed is told of the jobs that are in force now.
func (a *Automation) changed(file *jobs.File) {
	var names []string
	for _, job := range file.Jobs {
		names = append(names, job.Name)
	}
	a.config.Observer.Jobs(names...)
	a.people.retire(a, file)
}

// look keeps a job's firing, if one is due.
func (a *Automation) look(known map[string]firing, job *jobs.Job) {
	now := a.now().Round(0) // what the clock on the wall says, also after a sleep
	schedule := job.On.Schedule
	was, ok := known[job.Name]
	switch {
	case !ok:
	case was.schedule != schedule.String(): // what would have fired by the new one did not mean to
		if _, err := a.config.Queue.Fire(job.Name, now, false); err != nil {
			a.cantKeep(job, err)
			return
		}
	case now.Before(was.next):
		return
	}
	seen, err := a.config.Queue.Fired(job.Name)
	if err != nil {
		a.cantKeep(job, err)
		return
	}
	due := schedule.DueSince(seen, now, job.On.Missed)
	if !due.Seen.IsZero() {
		at, run := due.Seen, !due.At.IsZero()
		if run {
			at = due.At
		}
		isNew, err := a.config.Queue.Fire(job.Name, at, run)
		if err != nil {
			a.cantKeep(job, err)
			return
		}
		seen = due.Seen
		if due.Missed > 0 {
			a.config.Logger.Warn().Str("job", job.Name).Int("missed", due.Missed).Bool("runs", run).Msg("a schedule's times passed while nothing ran")
		}
		if isNew && run {
			a.wake()
		}
	}
	if seen.Before(now) {
		seen = now
	}
	known[job.Name] = firing{schedule.String(), schedule.Next(seen)}
}

// cantKeep tells of a firing that could not be kept: it is tried again at the next look.
func (a *Automation) cantKeep(job *jobs.Job, err error) {
	event := a.config.Logger.Error().Err(err)
	if errors.Is(err, queue.ErrFull) {
		event = a.config.Logger.Warn().Err(err)
	}
	event.Str("job", job.Name).Msg("a schedule can't be kept")
}
