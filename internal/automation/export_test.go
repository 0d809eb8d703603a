package automation

import (
	"time"

	"aegis/internal/jobs/queue"
)

// At sets the clock.
func (a *Automation) At(now func() time.Time) { a.now = now }

// Looking sets how often clocks are looked at.
func (a *Automation) Looking(every time.Duration) { a.every = every }

// Retrying sets how long a run waits until it is tried again.
func (a *Automation) Retrying(wait time.Duration) { a.waits = func(int) time.Duration { return wait } }

// Tasks are those that wait or run.
func (a *Automation) Tasks() ([]*queue.Task, error) { return a.config.Queue.Tasks() }

// Looked waits until clocks were looked at so often from now on.
func (a *Automation) Looked(times int64) {
	for from := a.looks.Load(); a.looks.Load() < from+times; {
		time.Sleep(time.Millisecond)
	}
}

// InForce are the schedules of the jobs that are in force.
func (a *Automation) InForce() (all []string) {
	for _, job := range a.config.Jobs.Jobs().Jobs {
		if job.On.Schedule != nil {
			all = append(all, job.On.Schedule.String())
		}
	}
	return all
}
