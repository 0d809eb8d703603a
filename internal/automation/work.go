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

// next waits for a task whose turn it is; nil is that ctx is done. Nothing begins while the kill
// switch is on.
func (a *Automation) next(ctx context.Context) *queue.Task {
	for ctx.Err() == nil {
		wait := time.Hour
		if a.config.Gate.Killed() {
			wait = lookEvery
		} else {
			task, dropped, err := a.config.Queue.Claim(a.perHour)
			for _, t := range dropped {
				a.tell(ended(t, Dropped, tooMany))
			}
			if task != nil {
				return task
			}
			if err == nil {
				var again time.Time
				if _, again, err = a.config.Queue.Waiting(); !again.IsZero() {
					wait = max(again.Sub(a.now()), lookEvery/10)
				}
			}
			if err != nil {
				a.config.Logger.Error().Err(err).Msg("the queue of jobs can't be read")
				wait = lookEvery
			}
		}
		timer := time.NewTimer(min(wait, time.Minute)) // a clock that is set forward
		select {
		case <-a.woken:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return nil
}

// perHour is how many runs of a job may begin in an hour, 0 if there is no such job.
func (a *Automation) perHour(name string) int {
	if job := a.config.Jobs.Jobs().ByName(name); job != nil {
		return job.RunsPerHour
	}
	return 0
}
