package tools

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"aegis/forge"
	"aegis/gate"
)

type createLabelArgs struct {
	writeArgs
	Label       string `json:"name"`
	Color       string `json:"color" text:"id" doc:"#rrggbb"`
	Description string `json:"description,omitempty"`
}

func (a *createLabelArgs) check() error {
	var color error
	if digits, ok := strings.CutPrefix(a.Color, "#"); !ok || len(digits) != 6 || strings.Trim(digits, "0123456789abcdefABCDEF") != "" {
		color = errors.New("color must be # and six hex digits, like #00aabb")
	}
	return errors.Join(a.repoArgs.check(), notBlank("name", a.Label), color)
}

func createLabel() Tool {
	return write(changing[createLabelArgs]{
		name:        "create_label",
		title:       "Make a label",
		description: "Makes a label for issues and pull requests.",
		target:      func(a createLabelArgs) gate.Target { return gate.Repository(a.repo) },
		plan:        planCreateLabel,
	})
}

// labelEffect says among how many labels the new one will be.
type labelEffect struct {
	Present int `json:"labels_present"`
}

// labelWritten is a label that was made.
type labelWritten struct {
	Repository string `json:"repository"`
	ID         int64  `json:"label_id"`
	Name       string `json:"name"`
	Color      string `json:"color"`
}

func planCreateLabel(_ context.Context, v *gate.Visit, a createLabelArgs) (*gate.Plan, error) {
	effect := new(labelEffect)
	// Gitea makes a second label of the same name, which names can't tell apart.
	free := func() error {
		known, err := labelsOf(v)
		if err != nil {
			return err
		}
		for _, label := range known.all {
			if strings.EqualFold(label.Name, a.Label) {
				return gate.Refuse(gate.Conflict, "The repository or its organization has a label of this name, or of one that differs in capitals only; nothing was written.").
					WithHint("list_labels lists them.")
			}
		}
		if known.bounded {
			return tooMany("labels")
		}
		effect.Present = len(known.all)
		return nil
	}
	if err := free(); err != nil {
		return nil, err
	}
	return &gate.Plan{
		Steps:  []gate.Step{{Write: forge.CreateLabel(v.Repo().Name, a.Label, a.Color, a.Description)}},
		Effect: effect,
		Rests:  []gate.Basis{gate.StillSo(free)},
		Look:   "the labels",
		Answer: func(answers []json.RawMessage) (any, error) {
			label, err := forge.Read[forge.Label](answers[0])
			if err != nil {
				return nil, err
			}
			if label.Name != a.Label || !strings.EqualFold("#"+label.Color, a.Color) || label.Description != a.Description {
				v.Remark("Gitea holds another name, colour or description than was to be written.")
			}
			return labelWritten{v.Repo().FullName, label.ID, label.Name, "#" + label.Color}, nil
		},
	}, nil
}
