package automation

import (
	"time"

	"aegis/internal/jobs/queue"
)

// At sets the clock.
func (a *Automation) At(now func() time.Time) { a.now = now }

// Retrying sets how long a run waits until it is tried again.
func (a *Automation) Retrying(wait time.Duration) { a.waits = func(int) time.Duration { return wait } }

// Tasks are those that wait or run.
func (a *Automation) Tasks() ([]*queue.Task, error) { return a.config.Queue.Tasks() }
