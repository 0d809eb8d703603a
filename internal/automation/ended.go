package automation

import (
	"errors"
	"time"

	"aegis/internal/jobs"
	"aegis/internal/jobs/queue"
	"aegis/internal/jobs/run"
)

// ErrNoJob is the error of a job that is not in force.
var ErrNoJob = errors.New("no job of this name is in force")

// Ended is how a run ended.
type Ended struct {
	ID       uint64 // of its task
	Job      string
	Trigger  queue.Trigger
	Delivery string // Gitea's id of it, "" for another trigger
	Attempt  int
	Outcome  Outcome
	Reason   string // why, in a word; "" for done
	Summary  run.Summary
	Would    []Planned // of a dry run
	Took     time.Duration
}

// Outcome is what became of a run's task.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"
	Later   Outcome = "later"   // it waits to be made again
	Failed  Outcome = "failed"  // it was given up
	Unknown Outcome = "unknown" // it was given up: nobody knows what came of a write
	Dropped Outcome = "dropped" // it was one run too many in an hour
)

// Planned is a write that a dry run did not send.
type Planned struct {
	Tool   string
	Args   []byte // JSON
	Answer []byte // JSON, the gate's rehearsal of it; nil if it was refused
	Code   string // of its refusal, "" if it would have been sent
}

// reason is why a run ended, in a word.
type reason string

func (r reason) Error() string { return string(r) }

// The reasons that are no code of a call's.
const (
	noSuchJob    = "no_such_job"
	noCredential = "no_credential" // its file can't be read, or what it has is too short
	noUser       = "no_user"       // Gitea does not tell whose access token it is
	notWanted    = "not_wanted"    // the jobs have changed since the event
	ownEvent     = "own_event"     // a user of a job's did what the event tells of
	noRepository = "no_repository" // none that the job is for is shown to it
	unexpected   = "unexpected"    // an answer that is none, or a fault inside
	stateFile    = "state_file"    // it can't be written
	cutShort     = queue.Interrupted
	tooMany      = "runs_per_hour"
)

// reasonOf is why a run ended that ended with an error.
func reasonOf(err error) string {
	var refused *run.Refused
	var word reason
	switch {
	case errors.As(err, &refused):
		return refused.Code
	case errors.As(err, &word):
		return string(word)
	case errors.Is(err, run.ErrLater): // the queue is all that is left
		return stateFile
	}
	return unexpected
}

func ended(t *queue.Task, o Outcome, why string) Ended {
	return Ended{ID: t.ID, Job: t.Job, Trigger: t.Trigger, Delivery: t.Delivery, Attempt: t.Attempts, Outcome: o, Reason: why}
}

// AlsoCalls are the tools that a job's runs call besides those of its steps, all of which
// policy has to let it.
func AlsoCalls(j *jobs.Job) []string {
	all := []string{selfTool}
	for _, pattern := range j.Repositories {
		if _, exact := pattern.Exact(); !exact && j.On.Event == nil {
			return append(all, listTool)
		}
	}
	return all
}

// tell logs a run's end in one line, counts it, and tells who waits for it.
func (a *Automation) tell(e Ended) {
	event := a.config.Logger.Info()
	if e.Outcome != Done {
		event = a.config.Logger.Warn()
	}
	event = event.Str("job", e.Job).Uint64("run", e.ID).Str("trigger", string(e.Trigger)).Str("outcome", string(e.Outcome))
	if e.Delivery != "" {
		event = event.Str("delivery", e.Delivery)
	}
	if e.Reason != "" {
		event = event.Str("reason", e.Reason)
	}
	s := e.Summary
	for _, n := range []struct {
		name  string
		count int
	}{
		{"attempt", e.Attempt}, {"calls", s.Calls}, {"written", s.Written}, {"planned", s.Planned}, {"unknown", s.Unknown}, {"left_out", s.LeftOut},
	} {
		if n.count > 0 {
			event = event.Int(n.name, n.count)
		}
	}
	if len(s.Refused) > 0 {
		event = event.Any("refused", s.Refused)
	}
	if s.Limited {
		event = event.Bool("writes_per_run", true)
	}
	event.Float64("duration_ms", float64(e.Took.Microseconds())/1000).Msg("job")
	a.config.Observer.JobEnded(e.Job, string(e.Outcome))

	a.mu.Lock()
	defer a.mu.Unlock()
	if end := a.waiting[e.ID]; end != nil {
		delete(a.waiting, e.ID)
		end <- e // it has room for it
	}
}
