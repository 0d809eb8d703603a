package tools

import (
	"context"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
	"aegis/internal/canon"
)

func listPullRequestFiles() Tool {
	return read(definition[pullListArgs]{
		name:        "list_pull_request_files",
		title:       "List a pull request's files",
		description: "Files that a pull request changes. Untrusted text.",
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
	Name      string `json:"unnameable,omitempty"` // why it can't be asked for

	proposer string
}

// Author implements [gate.Authored]: who opened the pull request named the files.
func (f *changedFile) Author() string { return f.proposer }

// Hide implements [gate.Authored].
func (f *changedFile) Hide() {
	if f.Path = gate.HiddenText; f.Former != "" {
		f.Former = gate.HiddenText
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

// changedFileRow is judged by both names of a file; one that has a name which is no path
// can't be.
func changedFileRow(f *gitea.ChangedFile, proposer string) gate.Row {
	item := &changedFile{
		Path: f.Filename, Former: f.PreviousFilename, Status: f.Status, Additions: f.Additions, Deletions: f.Deletions, proposer: proposer,
	}
	row := gate.Row{Value: item}
	path, why, ok := canon.ListedPath(f.Filename)
	row.Path, row.Unnameable, item.Name = path, !ok, unnameable(why)
	if f.PreviousFilename != "" {
		former, _, ok := canon.ListedPath(f.PreviousFilename)
		row.Former, row.Unnameable = former, row.Unnameable || !ok
	}
	return row
}
