// Package automation runs jobs: when Gitea tells of an event, when a time comes, and by
// hand.
//
// It takes deliveries of webhooks ([Automation.ServeHTTP]), keeps what is to be done in the queue, and does it
// ([Automation.Run]). A job is a caller like any other: each of its calls goes through
// [gate.Gate.Do], as the principal job:NAME with the job's own access token. Nothing here
// decides about a call, and nothing here has a way to Gitea.
//
// Nothing runs before Run is called or after it has returned.
package automation

import (
	"context"
	"net/http"
	"sync"
	"time"

	"aegis/gate"
	"aegis/gate/caller"
	"aegis/internal/jobs"
	"aegis/internal/jobs/queue"
	"aegis/internal/jobs/run"
	"aegis/internal/metrics"
	"aegis/tools"

	"github.com/rs/zerolog"
)

// Config is what automation works with. Jobs, Queue, Gate and Callers are required.
type Config struct {
	Jobs  *jobs.Store
	Queue *queue.Queue
	Gate  *gate.Gate
	// Callers makes the caller that a job is, with its access token. What it was shown is known
	// by its id, for as long as policy has it count.
	Callers func(job *jobs.Job, token string) *caller.Caller
	Tools   []tools.Tool  // every tool if nil
	Drain   time.Duration // that a call which runs gets at the end; 10 s if zero

	Observer *metrics.Observer // is told of runs and deliveries; nil is nobody
	Logger   zerolog.Logger
}

// Automation runs jobs. Make one with [New].
type Automation struct {
	config Config

	mu      sync.Mutex
	waiting map[uint64]chan Ended // by the ids of tasks that somebody waits for
}

// Ended is how a run ended.
type Ended struct {
	ID      uint64 // of its task
	Job     string
	Trigger queue.Trigger
	Outcome Outcome
	Reason  string // a word for it, "" for done
	Summary run.Summary
	Would   []Planned // of a dry run
	Took    time.Duration
}

// Outcome is what became of a run's task.
type Outcome string

const (
	Done    Outcome = "done"
	Later   Outcome = "later"   // it waits to be tried again
	Failed  Outcome = "failed"  // it was given up
	Unknown Outcome = "unknown" // it was given up: nobody knows what came of a write
	Dropped Outcome = "dropped" // it was one run too many in an hour
)

// Outcomes are all of them.
var Outcomes = []Outcome{Done, Later, Failed, Unknown, Dropped}

// Planned is a write that a dry run did not send.
type Planned struct {
	Tool   string
	Args   []byte // JSON
	Answer []byte // JSON, of the gate's rehearsal; nil if it was refused
	Code   string // why it was refused, "" if it would be sent
}

// New makes an automation. It does nothing yet.
func New(c Config) *Automation {
	if c.Tools == nil {
		c.Tools = tools.All()
	}
	if c.Drain <= 0 {
		c.Drain = 10 * time.Second
	}
	return &Automation{config: c, waiting: make(map[uint64]chan Ended)}
}

// ServeHTTP takes a delivery of a webhook of Gitea's.
func (a *Automation) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	http.NotFound(w, r)
}

// Run recovers what an earlier process left, and then runs what is to be done until ctx is
// done. A call that runs then may end within the time to drain. Nothing runs after it.
func (a *Automation) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// Start keeps a run of a job that somebody asks for. A dry one sends no writes. Its end comes by
// the channel, once; it is one that Run makes.
func (a *Automation) Start(job string, dry bool) (id uint64, ended <-chan Ended, err error) {
	return 0, nil, nil
}

// Once runs a job now, where no Run is under way: for a process that does nothing else. It
// recovers what an earlier process left first.
func (a *Automation) Once(ctx context.Context, job string, dry bool) (Ended, error) {
	return Ended{}, nil
}

// Failed returns what was given up, the oldest first.
func (a *Automation) Failed() ([]*queue.Task, error) { return a.config.Queue.Failed() }

// Retry puts what was given up at the end, as a new task. What it wrote, or may have written, it
// does not write again.
func (a *Automation) Retry(id uint64) (again uint64, err error) { return a.config.Queue.Retry(id) }

// AlsoCalls are the tools that a job's runs call besides those of its steps: policy has to
// let it.
func AlsoCalls(j *jobs.Job) []string { return nil }
