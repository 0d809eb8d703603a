package gate

import (
	"context"
	"sync"
	"time"
)

// atOnce runs the jobs that feed hands to do, so many at once, and waits for all.
// do waits for a free worker. It reports false once a job has failed or the call is
// over, and then no job runs any more. A job's error, or panic, is the result, before
// feed's own.
func (r *request) atOnce(workers int, feed func(do func(job func() error) bool) error) error {
	ctx, fail := context.WithCancelCause(r.ctx)
	defer fail(nil)
	jobs := make(chan func() error)
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			for job := range jobs {
				if ctx.Err() == nil {
					if err := r.contain(job); err != nil {
						fail(err)
					}
				}
			}
		})
	}
	err := feed(func(job func() error) bool {
		select {
		case jobs <- job:
			return ctx.Err() == nil
		case <-ctx.Done():
			return false
		}
	})
	close(jobs)
	running.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// progress returns a function that tells the client how far a call is, if the
// client wants to know: at most twice a second, in whole percents that grow. A client
// that does not read is waited for until the call is over, and keeps no place longer. It
// is for one goroutine.
func (r *request) progress() func(done, all int) {
	if r.call.Progress == nil {
		return func(int, int) {}
	}
	reported, next := -1, time.Now()
	return func(done, all int) {
		percent := 100 * done / max(all, 1)
		if now := time.Now(); percent > reported && !now.Before(next) {
			reported, next = percent, now.Add(500*time.Millisecond)
			heard := make(chan struct{})
			go func() {
				defer close(heard)
				_ = r.contain(func() error { r.call.Progress(float64(percent), 100, "reading files"); return nil })
			}()
			select {
			case <-heard:
			case <-r.ctx.Done():
			}
		}
	}
}
