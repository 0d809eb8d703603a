package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
)

type updateIssueArgs struct {
	writeArgs
	Number    int64      `json:"number"`
	Title     string     `json:"title,omitempty"`
	Body      *string    `json:"body,omitempty" text:"body"`
	State     string     `json:"state,omitempty" enum:"open,closed"`
	Labels    []string   `json:"labels,omitempty" doc:"All it shall have"`
	Add       []string   `json:"add_labels,omitempty" doc:"Keeps the others"`
	Remove    []string   `json:"remove_labels,omitempty"`
	Assignees []string   `json:"assignees,omitempty" doc:"All it shall have"`
	Milestone *string    `json:"milestone,omitempty" doc:"Title"`
	DueDate   *time.Time `json:"due_date,omitempty" doc:"The day counts"`
	Clear     []string   `json:"clear,omitempty" enum:"body,labels,assignees,milestone,due_date" doc:"Members to empty"`

	due      time.Time
	neverDue bool
}

func (a *updateIssueArgs) check() error {
	wrong := []error{a.repoArgs.check(), notBlank("title", a.Title), a.checkDue()}
	wrong = append(wrong, clearing{&a.Body, &a.Labels, &a.Assignees, &a.Milestone}.of(a.Clear), a.labelChange().check())
	if a.Title == "" && a.Body == nil && a.State == "" && a.labelChange().isZero() && a.Assignees == nil && a.Milestone == nil && a.DueDate == nil && !a.neverDue {
		wrong = append(wrong, errNothingGiven)
	}
	return errors.Join(wrong...)
}

// checkDue reads when it is due, and whether it is not any more.
func (a *updateIssueArgs) checkDue() error {
	a.neverDue = slices.Contains(a.Clear, "due_date")
	switch {
	case a.DueDate == nil:
		return nil
	case a.neverDue:
		return errors.New("due_date is given, and is to be cleared")
	case a.DueDate.Year() < 1970:
		return errors.New("due_date " + timeForm)
	}
	a.due = *a.DueDate
	return nil
}

func (a *updateIssueArgs) labelChange() labelChange { return labelChange{a.Labels, a.Add, a.Remove} }

func updateIssue() Tool {
	return write(changing[updateIssueArgs]{
		name:        "update_issue",
		title:       "Change an issue",
		description: "Changes what is given of an issue; all else stays.",
		target:      func(a updateIssueArgs) gate.Target { return gate.Repository(a.repo) },
		plan:        planUpdateIssue,
		destructive: true, idempotent: true,
	})
}

func planUpdateIssue(_ context.Context, v *gate.Visit, a updateIssueArgs) (*gate.Plan, error) {
	repo := v.Repo().Name
	read := func() (storedFields, []*gitea.Label, error) {
		issue, err := v.Gitea().VersionedIssue(repo, a.Number)
		if err != nil {
			return storedFields{}, nil, err
		}
		if issue.PullRequest != nil {
			return storedFields{}, nil, otherKind("There is no issue with this number; it is a pull request's.", "update_pull_request changes pull requests.")
		}
		return storedIssue(issue), issue.Labels, versioned(issue.ContentVersion)
	}
	before, labels, err := read()
	if err != nil {
		return nil, err
	}
	wanted := &asked{title: a.Title, body: a.Body, state: a.State, due: a.due, neverDue: a.neverDue}
	if err := wanted.resolve(v, a.labelChange(), a.Assignees, a.Milestone, labels); err != nil {
		return nil, err
	}
	// The labels come last: if that fails, they are as they were, and all that the
	// version guards was done.
	plan := &gate.Plan{Effect: wanted.effectOn(before), Changes: wanted.changesOf(before), Look: fmt.Sprintf("#%d", a.Number)}
	edit := wanted.edit()
	if !edit.IsZero() {
		plan.Steps = append(plan.Steps, gate.Step{Write: forge.EditIssue(repo, a.Number, *before.version, edit), What: "all but the labels"})
	}
	if wanted.labels != nil {
		plan.Steps = append(plan.Steps, gate.Step{Write: forge.SetLabels(repo, a.Number, wanted.labels), What: "the labels"})
	}
	for i := range plan.Steps {
		plan.Steps[i].Rests = []gate.Basis{gate.RestsOn(before.held(), func() (string, error) {
			now, _, err := read()
			return now.held(), err
		}, nil)}
		if i > 0 { // what came before has changed all else
			plan.Steps[i].Rests = []gate.Basis{gate.RestsOn(sorted(before.labels), func() ([]int64, error) {
				now, _, err := read()
				return sorted(now.labels), err
			}, nil)}
		}
	}
	plan.Answer = func(answers []json.RawMessage) (any, error) {
		held, sofar := before, *wanted
		if !edit.IsZero() {
			issue, err := forge.Read[forge.VersionedIssue](answers[0])
			if err != nil {
				return nil, err
			}
			held, answers = storedIssue(issue), answers[1:]
		}
		if len(answers) > 0 {
			set, err := forge.Read[[]*gitea.Label](answers[0])
			if err != nil {
				return nil, err
			}
			held.labels = idsOf(*set)
		} else {
			sofar.labels = nil
		}
		return sofar.written(v, held).noted(v), nil
	}
	return plan, nil
}

// sorted is a list of ids in whatever order, to compare.
func sorted(ids []int64) []int64 { return append([]int64{}, slices.Sorted(slices.Values(ids))...) }
