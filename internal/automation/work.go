package automation

import (
	"context"
	"sync"
	"time"

	"aegis/internal/jobs/queue"
)

// atOnce is how many runs are under way at once.
const atOnce = 4

// work makes the runs of the queue until ctx is done, and returns when none is under way.
func (a *Automation) work(ctx, calls context.Context) {
	places := make(chan struct{}, atOnce)
	var running sync.WaitGroup
	defer running.Wait()
	for {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			return
		}
		task := a.next(ctx)
		if task == nil {
			return
		}
		running.Go(func() {
			defer func() {
				<-places
				a.wake()
			}()
			a.make(ctx, calls, task)
		})
	}
}

// next waits for a task whose turn it is; nil is that ctx is done.
func (a *Automation) next(ctx context.Context) *queue.Task {
	for ctx.Err() == nil {
		task, wait := a.claim()
		if task != nil {
			return task
		}
		timer := time.NewTimer(wait)
		select {
		case <-a.woken:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return nil
}

// claim begins the run of a task whose turn it is. Without one it says when to look again. Nothing
// begins while the kill switch is on, or while the jobs file is gone: what waits then waits on.
func (a *Automation) claim() (task *queue.Task, wait time.Duration) {
	file := a.config.Jobs.Jobs()
	if a.config.Gate.Killed() || len(file.Jobs) == 0 && a.config.Jobs.Err() != nil {
		return nil, lookEvery
	}
	task, dropped, err := a.config.Queue.Claim(func(name string) int {
		if job := file.ByName(name); job != nil {
			return job.RunsPerHour
		}
		return 0
	})
	for _, t := range dropped {
		a.tell(ended(t, Dropped, tooMany))
	}
	if task != nil {
		return task, 0
	}
	var again time.Time
	if err == nil {
		_, again, err = a.config.Queue.Waiting()
	}
	switch {
	case err != nil:
		a.config.Logger.Error().Err(err).Msg("the queue of jobs can't be read")
		return nil, lookEvery
	case again.IsZero():
		return nil, time.Minute
	}
	// The clock may be set forward meanwhile.
	return nil, min(max(again.Sub(a.now()), lookEvery/10), time.Minute)
}
