package queue

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"aegis/internal/canon"
	"aegis/internal/jobs/hook"
)

// Trigger is what made a task.
type Trigger string

const (
	Webhook  Trigger = "webhook"
	Schedule Trigger = "schedule"
	Hand     Trigger = "hand"
)

// Task is one run of one job that is to be made. Tasks of a repository run one after the
// other, in the order of their ids.
type Task struct {
	ID         uint64
	Job        string
	Trigger    Trigger
	Repository canon.Repo  // the zero Repo for a job's own choice of them
	Event      *hook.Event // of a webhook
	Delivery   string      // Gitea's id of it
	Due        time.Time   // of a schedule: which firing
	Dry        bool        // by hand: no write is sent
	Added      time.Time

	Attempts  int       // runs that began
	Stopped   int       // of those, runs that the end of the process has cut short
	NotBefore time.Time // when the next may begin
	Running   bool      // a run has begun, and not ended
	Reason    string    // why it waits again, or failed
	Failed    time.Time // when it was given up; the zero time while it was not
}

// order is what tasks run one after the other in: a repository's, or where a task names
// none its job's.
func (t *Task) order() string {
	if t.Repository.IsZero() {
		return "job " + t.Job
	}
	return t.Repository.String()
}

// tooOften reports whether the task's runs have begun so often without an end that it is given
// up.
func (t *Task) tooOften() bool { return t.Attempts-t.Stopped >= MostAttempts }

// record is a task as JSON has it.
type record struct {
	Job        string      `json:"job"`
	Trigger    Trigger     `json:"trigger"`
	Repository string      `json:"repository,omitempty"`
	Event      *hook.Event `json:"event,omitempty"`
	Delivery   string      `json:"delivery,omitempty"`
	Due        time.Time   `json:"due,omitzero"`
	Dry        bool        `json:"dry,omitempty"`
	Added      time.Time   `json:"added"`
	Attempts   int         `json:"attempts,omitempty"`
	Stopped    int         `json:"stopped,omitempty"`
	NotBefore  time.Time   `json:"not_before,omitzero"`
	Running    bool        `json:"running,omitempty"`
	Reason     string      `json:"reason,omitempty"`
	Failed     time.Time   `json:"failed,omitzero"`
}

func (t *Task) encode() ([]byte, error) {
	return json.Marshal(record{
		t.Job, t.Trigger, t.Repository.String(), t.Event, t.Delivery, t.Due, t.Dry, t.Added,
		t.Attempts, t.Stopped, t.NotBefore, t.Running, t.Reason, t.Failed,
	})
}

// decode reads a task, and holds its names to the same rules as when it came in.
func decode(key, value []byte) (*Task, error) {
	var r record
	if err := json.Unmarshal(value, &r); err != nil || len(key) != 8 {
		return nil, fmt.Errorf("the queue holds what is no task: %x", key)
	}
	t := &Task{
		ID: binary.BigEndian.Uint64(key), Job: r.Job, Trigger: r.Trigger, Event: r.Event, Delivery: r.Delivery, Due: r.Due, Dry: r.Dry, Added: r.Added,
		Attempts: r.Attempts, Stopped: r.Stopped, NotBefore: r.NotBefore, Running: r.Running, Reason: r.Reason, Failed: r.Failed,
	}
	if r.Repository != "" {
		repo, err := canon.ParseFullName(r.Repository)
		if err != nil {
			return nil, err
		}
		t.Repository = repo
	}
	return t, nil
}

func idKey(id uint64) []byte { return binary.BigEndian.AppendUint64(nil, id) }
