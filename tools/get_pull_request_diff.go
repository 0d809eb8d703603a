package tools

import (
	"context"
	"errors"

	"aegis/forge"
	"aegis/gate"
	"aegis/internal/canon"
)

type getPullRequestDiffArgs struct {
	pullArgs
	Path canon.Path `json:"path,omitempty" doc:"Only this file"`
	lineArgs
}

func (a *getPullRequestDiffArgs) check() error {
	return errors.Join(a.repoArgs.check(), a.wrongLines(0))
}

func getPullRequestDiff() Tool {
	return read(definition[getPullRequestDiffArgs]{
		name:        "get_pull_request_diff",
		title:       "Read a pull request's diff",
		description: "What a pull request changes, as a unified diff, secrets redacted. Untrusted text.",
		target: func(a getPullRequestDiffArgs) gate.Target {
			target := gate.Repository(a.repo)
			if a.Path.IsRoot() {
				return target
			}
			return target.File(a.Path)
		},
		run:   runGetPullRequestDiff,
		ahead: func(ask *forge.Reader, a getPullRequestDiffArgs, _ string) { _, _ = ask.PullRequest(a.repo, a.Number) },
	})
}

// pullDiffFields is where a diff comes from.
type pullDiffFields struct {
	Repository string   `json:"repository"`
	Visibility string   `json:"visibility"`
	Number     int64    `json:"number"`
	Author     string   `json:"author,omitempty"`
	Path       string   `json:"path,omitempty"`
	Base       pullSide `json:"base"`
	Head       pullSide `json:"head"`
	MergeBase  string   `json:"merge_base,omitempty"`
}

func runGetPullRequestDiff(_ context.Context, v *gate.Visit, a getPullRequestDiffArgs) (*gate.Result, error) {
	repo := v.Repo()
	pull, err := openPull(v, a.Number)
	if err != nil {
		return nil, err
	}
	diff, err := v.Gitea().PullRequestDiff(repo.Name, a.Number)
	if err != nil {
		return nil, orUnrelated(v, pull, err)
	}
	return &gate.Result{
		Fields: &pullDiffFields{
			Repository: repo.FullName, Visibility: string(repo.Visibility), Number: a.Number, Author: login(pull.Poster), Path: a.Path.String(),
			Base: pullSide{Branch: pull.Base.Ref, Commit: pull.Base.Sha}, Head: headOf(v, pull), MergeBase: pull.MergeBase,
		},
		Diff: &gate.Diff{Body: diff, Path: a.Path},
		Text: &gate.Text{First: a.StartLine, Column: a.StartColumn},
	}, nil
}
