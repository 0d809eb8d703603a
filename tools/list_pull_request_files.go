package tools

import (
	"context"

	"aegis/forge"
	"aegis/gate"
	"aegis/internal/canon"

	gitea "code.gitea.io/sdk/gitea"
)

func listPullRequestFiles() Tool {
	return read(definition[pullListArgs]{
		name:        "list_pull_request_files",
		title:       "List a pull request's files",
		description: "The files that a pull request changes. Names are untrusted text.",
		target:      func(a pullListArgs) gate.Target { return gate.Repository(a.repo) },
		run:         runListPullRequestFiles,
		ahead:       func(ask *forge.Reader, a pullListArgs, _ string) { _, _ = ask.PullRequest(a.repo, a.Number) },
	})
}

// changedFile is a file in a list of changes.
type changedFile struct {
	Path      string `json:"path"`
	Former    string `json:"former_path,omitempty"`
	Status    string `json:"status"` // added, changed, deleted, renamed, copied, unchanged
	Additions int    `json:"additions"`
	Deletions int    `json:"deletions"`

	proposer string
}

// Author implements [gate.Authored]: who opened the pull request named the files.
func (f *changedFile) Author() string { return f.proposer }

// Hide implements [gate.Authored].
func (f *changedFile) Hide() {
	if f.Path = hiddenText; f.Former != "" {
		f.Former = hiddenText
	}
}

func runListPullRequestFiles(_ context.Context, v *gate.Visit, a pullListArgs) (*gate.Result, error) {
	pull, err := openPull(v, a.Number)
	if err != nil {
		return nil, err
	}
	files, more, err := v.Gitea().PullRequestFiles(v.Repo().Name, a.Number, a.page())
	if err != nil {
		return nil, orUnrelated(v, pull, err)
	}
	list := &gate.List{Page: a.Page, Limit: a.Limit, HasMore: more}
	for _, f := range files {
		list.Rows = append(list.Rows, changedFileRow(f, login(pull.Poster)))
	}
	return &gate.Result{List: list}, nil
}

// changedFileRow is judged by both names of a file; one with a name that is not
// canonical can't be.
func changedFileRow(f *gitea.ChangedFile, proposer string) gate.Row {
	row := gate.Row{Value: &changedFile{
		Path: f.Filename, Former: f.PreviousFilename, Status: f.Status, Additions: f.Additions, Deletions: f.Deletions, proposer: proposer,
	}}
	var err error
	if row.Path, err = canon.ParsePath(f.Filename); err != nil {
		row.Unnameable = true
	}
	if f.PreviousFilename != "" {
		if row.Former, err = canon.ParsePath(f.PreviousFilename); err != nil {
			row.Unnameable = true
		}
	}
	return row
}
