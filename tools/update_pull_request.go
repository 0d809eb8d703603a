package tools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"aegis/forge"
	"aegis/gate"
)

type updatePullRequestArgs struct {
	writeArgs
	Number    int64    `json:"number"`
	Title     string   `json:"title,omitempty"`
	Body      *string  `json:"body,omitempty" text:"body"`
	State     string   `json:"state,omitempty" enum:"open,closed"`
	Labels    []string `json:"labels,omitempty" doc:"All it shall have"`
	Add       []string `json:"add_labels,omitempty" doc:"Keeps the others"`
	Remove    []string `json:"remove_labels,omitempty"`
	Assignees []string `json:"assignees,omitempty" doc:"All it shall have"`
	Milestone *string  `json:"milestone,omitempty" doc:"Title"`
	Clear     []string `json:"clear,omitempty" enum:"body,labels,assignees,milestone" doc:"Members to empty"`
}

func (a *updatePullRequestArgs) check() error {
	wrong := []error{a.repoArgs.check(), notBlank("title", a.Title)}
	wrong = append(wrong, clearing{&a.Body, &a.Labels, &a.Assignees, &a.Milestone}.of(a.Clear), a.labelChange().check())
	if a.Title == "" && a.Body == nil && a.State == "" && a.labelChange().isZero() && a.Assignees == nil && a.Milestone == nil {
		wrong = append(wrong, errNothingGiven)
	}
	return errors.Join(wrong...)
}

func (a *updatePullRequestArgs) labelChange() labelChange {
	return labelChange{a.Labels, a.Add, a.Remove}
}

func updatePullRequest() Tool {
	return write(changing[updatePullRequestArgs]{
		name:        "update_pull_request",
		title:       "Change a pull request",
		description: "Changes what is given of a pull request; all else stays, and so do its branches.",
		target:      func(a updatePullRequestArgs) gate.Target { return gate.Repository(a.repo) },
		plan:        planUpdatePullRequest,
		destructive: true, idempotent: true,
	})
}

func planUpdatePullRequest(_ context.Context, v *gate.Visit, a updatePullRequestArgs) (*gate.Plan, error) {
	repo := v.Repo().Name
	read := func() (*forge.VersionedPull, error) {
		pull, err := v.Gitea().VersionedPull(repo, a.Number)
		if isNothing(err) {
			return nil, notThis("There is no pull request with this number.", "If it is an issue's, update_issue changes it.")
		}
		if err == nil {
			err = versioned(pull.ContentVersion)
		}
		return pull, err
	}
	pull, err := read()
	if err != nil {
		return nil, err
	}
	if pull.HasMerged && a.State != "" {
		return nil, gate.Refuse(gate.Conflict, "This pull request is merged, and stays so; nothing was written.")
	}
	before := storedPull(pull)
	wanted := &asked{title: a.Title, body: a.Body, state: a.State}
	if err := wanted.resolve(v, a.labelChange(), a.Assignees, a.Milestone, pull.Labels); err != nil {
		return nil, err
	}
	plan := &gate.Plan{Effect: wanted.effectOn(before), Changes: wanted.changesOf(before), Look: fmt.Sprintf("#%d", a.Number)}
	// Gitea takes a milestone away only as if from an issue. It does not count as
	// a change of the version, so that the other request comes to the same one.
	edit := wanted.edit()
	edit.Labels = wanted.labels
	apart := a.Milestone != nil && *a.Milestone == ""
	if apart {
		edit.Milestone = nil
		plan.Steps = append(plan.Steps, gate.Step{
			Write: forge.EditIssue(repo, a.Number, *before.version, forge.Edit{Milestone: new(int64)}), What: "the milestone",
		})
	}
	if !edit.IsZero() {
		plan.Steps = append(plan.Steps, gate.Step{
			Write: forge.EditPullRequest(repo, a.Number, *before.version, edit), What: "all but the milestone",
		})
	}
	for i := range plan.Steps {
		state := func(p *forge.VersionedPull) string {
			is := storedPull(p)
			if i > 0 { // the milestone was taken away before
				is.milestone = before.milestone
			}
			return fmt.Sprint(is.held(), p.HasMerged)
		}
		plan.Steps[i].Rests = []gate.Basis{gate.RestsOn(state(pull), func() (string, error) {
			now, err := read()
			if err != nil {
				return "", err
			}
			return state(now), nil
		}, nil)}
	}
	plan.Answer = func(answers []json.RawMessage) (any, error) {
		if apart && len(answers) == 1 && len(plan.Steps) == 2 { // the rest was not carried out
			issue, err := forge.Read[forge.VersionedIssue](answers[0])
			if err != nil {
				return nil, err
			}
			return (&asked{milestone: wanted.milestone}).written(v, storedIssue(issue)).noted(v), nil
		}
		last := answers[len(answers)-1]
		if edit.IsZero() {
			issue, err := forge.Read[forge.VersionedIssue](last)
			if err != nil {
				return nil, err
			}
			return wanted.written(v, storedIssue(issue)).noted(v), nil
		}
		changed, err := forge.Read[forge.VersionedPull](last)
		if err != nil {
			return nil, err
		}
		return wanted.written(v, storedPull(changed)).noted(v), nil
	}
	return plan, nil
}
