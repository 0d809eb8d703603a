package tools

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
)

type createMilestoneArgs struct {
	writeArgs
	Title       string    `json:"title"`
	Description string    `json:"description,omitempty" text:"body"`
	DueDate     time.Time `json:"due_date,omitempty" doc:"The day counts"`
}

func (a *createMilestoneArgs) check() error {
	return errors.Join(a.repoArgs.check(), notBlank("title", a.Title))
}

func createMilestone() Tool {
	return write(changing[createMilestoneArgs]{
		name:        "create_milestone",
		title:       "Make a milestone",
		description: "Makes a milestone for issues and pull requests.",
		target:      func(a createMilestoneArgs) gate.Target { return gate.Repository(a.repo) },
		plan:        planCreateMilestone,
	})
}

// milestoneEffect says among how many milestones the new one will be.
type milestoneEffect struct {
	Present int    `json:"milestones_present"`
	Bytes   int    `json:"description_bytes"`
	Due     string `json:"due_date,omitempty"`
}

// milestoneWritten is a milestone that was made.
type milestoneWritten struct {
	Repository string `json:"repository"`
	ID         int64  `json:"milestone_id"`
	Title      string `json:"title"`
	State      string `json:"state"`
	Due        string `json:"due_date,omitempty"`
}

func planCreateMilestone(_ context.Context, v *gate.Visit, a createMilestoneArgs) (*gate.Plan, error) {
	effect := &milestoneEffect{Bytes: len(a.Description), Due: stamp(a.DueDate)}
	// Gitea makes a second milestone of the same title, which titles can't tell apart.
	free := func() error {
		known, bounded, err := milestonesOf(v)
		if err != nil {
			return err
		}
		for _, m := range known {
			if strings.EqualFold(m.Title, a.Title) {
				return gate.Refuse(gate.Conflict, "The repository has a milestone of this title, or of one that differs in capitals only; nothing was written.").
					WithHint("list_milestones lists them, closed ones with state: all.")
			}
		}
		if bounded {
			return tooMany("milestones")
		}
		effect.Present = len(known)
		return nil
	}
	if err := free(); err != nil {
		return nil, err
	}
	return &gate.Plan{
		Steps:  []gate.Step{{Write: forge.CreateMilestone(v.Repo().Name, a.Title, a.Description, a.DueDate)}},
		Effect: effect,
		Rests:  []gate.Basis{gate.StillSo(free)},
		Look:   "the milestones",
		Answer: func(answers []json.RawMessage) (any, error) {
			made, err := forge.Read[gitea.Milestone](answers[0])
			if err != nil {
				return nil, err
			}
			if made.Title != a.Title || made.Description != a.Description || made.State != gitea.StateOpen || a.DueDate.IsZero() != (stampOf(made.Deadline) == "") {
				v.Remark("Gitea holds another title, description, state or due date than was to be written.")
			}
			return milestoneWritten{v.Repo().FullName, made.ID, made.Title, string(made.State), stampOf(made.Deadline)}, nil
		},
	}, nil
}
