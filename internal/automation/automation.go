// Package automation runs jobs: when Gitea tells of an event, when a time comes, and by
// hand.
//
// It takes deliveries of webhooks ([Automation.ServeHTTP]), keeps in the queue what is to be done, and
// does it ([Automation.Run]). A job is a caller like any other: each of its calls goes
// through [gate.Gate.Do], as the principal job:NAME with the job's own access token. Nothing
// here decides about a call, and nothing here has another way to Gitea.
//
// What is acknowledged is on disk before. What ends in whatever way while a job runs is made
// again later, without the writes that were sent. Nothing runs before Run is called, or after
// it has returned.
package automation

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"aegis/gate"
	"aegis/gate/caller"
	"aegis/internal/jobs"
	"aegis/internal/jobs/queue"
	"aegis/internal/metrics"
	"aegis/tools"

	"github.com/rs/zerolog"
)

// Config is what automation works with. Jobs, Queue, Gate, Callers and Learn are required.
type Config struct {
	Jobs  *jobs.Store
	Queue *queue.Queue
	Gate  *gate.Gate
	// Callers makes the caller that a job is, with its access token. What it was shown is known
	// by its id, for as long as policy has it count.
	Callers func(job *jobs.Job, token string) *caller.Caller
	// Learn is told of each access token and secret, before it is used. It is an error if it is
	// too short to be one.
	Learn func(secret string) error
	Tools []tools.Tool  // every tool if nil
	Drain time.Duration // that calls which run get at the end; 10 s if zero

	Observer *metrics.Observer // is told of runs and deliveries; nil is nobody
	Logger   zerolog.Logger
}

// Automation runs jobs. Make one with [New].
type Automation struct {
	config  Config
	catalog jobs.Catalog
	people  people
	woken   chan struct{} // holds one: there may be something to do
	now     func() time.Time
	waits   func(attempt int) time.Duration // until a run is tried again
	every   time.Duration                   // how often clocks are looked at
	looks   atomic.Int64                    // at the clocks

	mu      sync.Mutex
	waiting map[uint64]chan Ended // by the ids of tasks that somebody waits for
}

// New makes an automation. It makes known what nobody is to be shown, and does nothing else yet.
func New(c Config) *Automation {
	if c.Tools == nil {
		c.Tools = tools.All()
	}
	if c.Drain <= 0 {
		c.Drain = 10 * time.Second
	}
	a := &Automation{
		config: c, catalog: Catalog(c.Tools), woken: make(chan struct{}, 1), now: time.Now, waits: waitsFor, every: lookEvery,
		people:  people{callers: make(map[string]*who), logins: make(map[string]string), met: make(map[string]bool), learned: make(map[string]bool)},
		waiting: make(map[uint64]chan Ended),
	}
	a.learn()
	c.Observer.Watch(metrics.JobsWaiting, func() float64 {
		n, _, _ := c.Queue.Waiting()
		return float64(n)
	})
	return a
}

// waitsFor is how long a run waits until it is tried again: a Gitea that is started anew is there
// in a minute, one that is mended in ten.
func waitsFor(attempt int) time.Duration {
	if attempt <= 1 {
		return time.Minute
	}
	return 10 * time.Minute
}

// lookEvery is how often clocks, files and what can't be used are looked at.
const lookEvery = time.Second

// Run recovers what an earlier process left, and then runs what is to be done until ctx is
// done. Calls that run then get the time to drain. Their runs are made anew later.
func (a *Automation) Run(ctx context.Context) error {
	calls, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	defer context.AfterFunc(ctx, func() {
		if sleep(calls, a.config.Drain) {
			giveUp()
		}
	})()
	if !a.recover(ctx) {
		return nil
	}
	var all sync.WaitGroup
	all.Go(func() { a.clock(ctx) })
	all.Go(func() { a.work(ctx, calls) })
	all.Wait()
	a.people.end(a)
	return nil
}

// recover puts back or gives up what ran when an earlier process ended. It is tried until the
// state file can be used; false is that ctx was done before.
func (a *Automation) recover(ctx context.Context) bool {
	for {
		found, err := a.config.Queue.Recover()
		if err == nil {
			for _, each := range found {
				event := a.config.Logger.Warn().Uint64("run", each.Task.ID).Str("job", each.Task.Job)
				if each.GivenUp {
					event.Msg("a run that the end of a process cut short was given up")
				} else {
					event.Msg("a run that the end of a process cut short is made anew")
				}
			}
			return true
		}
		a.config.Logger.Error().Err(err).Msg("the queue of jobs can't be read; no job runs")
		if !sleep(ctx, lookEvery) {
			return false
		}
	}
}

// Start keeps a run of a job that somebody asks for; a dry one sends no write. It is made by
// [Automation.Run], and its end comes by the channel, once.
func (a *Automation) Start(job string, dry bool) (id uint64, ended <-chan Ended, err error) {
	if a.config.Jobs.Jobs().ByName(job) == nil {
		return 0, nil, ErrNoJob
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if id, err = a.config.Queue.Add(queue.Task{Job: job, Dry: dry}); err != nil {
		return 0, nil, err
	}
	end := make(chan Ended, 1)
	a.waiting[id] = end
	a.wake()
	return id, end, nil
}

// Once runs a job now, where no [Automation.Run] is under way: in a process that does nothing
// else. It recovers what an earlier process left.
func (a *Automation) Once(ctx context.Context, job string, dry bool) (Ended, error) {
	if a.config.Jobs.Jobs().ByName(job) == nil {
		return Ended{}, ErrNoJob
	}
	if _, err := a.config.Queue.Recover(); err != nil {
		return Ended{}, err
	}
	id, err := a.config.Queue.Add(queue.Task{Job: job, Dry: dry})
	if err != nil {
		return Ended{}, err
	}
	task, err := a.config.Queue.ClaimThis(id)
	if err != nil {
		return Ended{}, err
	}
	calls, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	defer a.people.end(a)
	return a.make(ctx, calls, task), nil
}

// Failed returns what was given up, the oldest first.
func (a *Automation) Failed() ([]*queue.Task, error) { return a.config.Queue.Failed() }

// Retry puts what was given up at the end, as a new task. What it wrote, or may have written, it
// does not write again.
func (a *Automation) Retry(id uint64) (again uint64, err error) {
	again, err = a.config.Queue.Retry(id)
	a.wake()
	return again, err
}

// wake has the queue looked at.
func (a *Automation) wake() {
	select {
	case a.woken <- struct{}{}:
	default:
	}
}

// sleep waits, and reports whether ctx is still not done.
func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
