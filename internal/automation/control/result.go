package control

import (
	"encoding/json"
	"time"

	"aegis/internal/automation"
	"aegis/internal/jobs/queue"
)

// Result is how a run ended, for whoever asked for it.
type Result struct {
	Run        uint64             `json:"run"`
	Job        string             `json:"job"`
	Outcome    automation.Outcome `json:"outcome"`
	Reason     string             `json:"reason,omitempty"`
	Calls      int                `json:"calls"`
	Written    int                `json:"written"`
	Planned    int                `json:"planned,omitempty"` // of a dry run
	Unknown    int                `json:"unknown,omitempty"`
	LeftOut    int                `json:"left_out,omitempty"`
	Refused    map[string]int     `json:"refused,omitempty"` // by code
	Limited    bool               `json:"writes_per_run_reached,omitempty"`
	Would      []Would            `json:"would,omitempty"`
	DurationMS float64            `json:"duration_ms"`
}

// Would is a write that a dry run did not send.
type Would struct {
	Tool      string          `json:"tool"`
	Arguments json.RawMessage `json:"arguments,omitempty"`
	Refused   string          `json:"refused,omitempty"` // by which code it would be, "" if it would be sent
}

// ResultOf is how a run ended.
func ResultOf(e automation.Ended) Result {
	s := e.Summary
	r := Result{
		Run: e.ID, Job: e.Job, Outcome: e.Outcome, Reason: e.Reason, Calls: s.Calls, Written: s.Written, Planned: s.Planned,
		Unknown: s.Unknown, LeftOut: s.LeftOut, Refused: s.Refused, Limited: s.Limited, DurationMS: float64(e.Took.Microseconds()) / 1000,
	}
	for _, p := range e.Would {
		r.Would = append(r.Would, Would{p.Tool, p.Args, p.Code})
	}
	return r
}

// GivenUp is a run that was given up.
type GivenUp struct {
	Run        uint64        `json:"run"`
	Job        string        `json:"job"`
	Trigger    queue.Trigger `json:"trigger"`
	Event      string        `json:"event,omitempty"` // "issues opened"
	Repository string        `json:"repository,omitempty"`
	Number     int64         `json:"number,omitempty"` // of the issue or pull request that the event is about
	Delivery   string        `json:"delivery,omitempty"`
	Due        time.Time     `json:"due,omitzero"` // of a schedule
	Added      time.Time     `json:"added"`
	Failed     time.Time     `json:"failed"`
	Attempts   int           `json:"attempts"`
	Reason     string        `json:"reason"`
}

// GivenUpOf are runs that were given up, in their order.
func GivenUpOf(tasks []*queue.Task) []GivenUp {
	all := []GivenUp{}
	for _, t := range tasks {
		g := GivenUp{
			Run: t.ID, Job: t.Job, Trigger: t.Trigger, Repository: t.Repository.String(), Delivery: t.Delivery, Due: t.Due,
			Added: t.Added, Failed: t.Failed, Attempts: t.Attempts, Reason: t.Reason,
		}
		if t.Event != nil {
			g.Event, g.Number = t.Event.Kind, t.Event.Number
			if t.Event.Action != "" {
				g.Event += " " + t.Event.Action
			}
		}
		all = append(all, g)
	}
	return all
}
