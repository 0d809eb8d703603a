package tools

import (
	"context"
	"errors"

	"aegis/forge"
	"aegis/gate"
	"aegis/internal/canon"
)

type compareRefsArgs struct {
	repoArgs
	Base canon.Ref `json:"base" doc:"Branch, tag or commit id"`
	Head string    `json:"head" max:"296" doc:"The same, or owner:branch of a fork"`
	pageArgs

	headOwner canon.Owner
	headRef   canon.Ref
}

func (a *compareRefsArgs) check() (err error) {
	if a.headOwner, a.headRef, err = gate.SplitHead(a.Head); err != nil {
		var reason *canon.Error
		if errors.As(err, &reason) {
			err = errors.New("head: its " + reason.Error())
		} else {
			err = errors.New("head is not valid")
		}
	}
	return errors.Join(a.repoArgs.check(), err)
}

func compareRefs() Tool {
	return read(definition[compareRefsArgs]{
		name:        "compare_refs",
		title:       "Compare refs",
		description: "Commits of head that base does not have, newest first, and the files that they change.",
		target: func(a compareRefsArgs) gate.Target {
			return gate.Repository(a.repo).At(a.Base).Folder(canon.Path{})
		},
		run: runCompareRefs,
	})
}

// A comparison shows no more commits and files than these.
const (
	maxCompared      = 250
	maxComparedFiles = 1000
)

// comparison is what was compared, and the files that differ.
type comparison struct {
	Repository     string       `json:"repository"`
	Visibility     string       `json:"visibility"`
	Base           string       `json:"base,omitempty"`
	BaseCommit     string       `json:"base_commit"`
	HeadRepository string       `json:"head_repository,omitempty"` // if it is another
	HeadVisibility string       `json:"head_visibility,omitempty"`
	Head           string       `json:"head,omitempty"`
	HeadCommit     string       `json:"head_commit"`
	TotalCommits   int          `json:"total_commits"`
	AtMost         int          `json:"commits_at_most,omitempty"` // there are more than are listed on all pages
	Files          []fileChange `json:"files"`
	TotalFiles     int          `json:"total_files,omitempty"` // if not all are in files
}

// Hide takes away the names of files.
func (c *comparison) Hide() { c.Files, c.TotalFiles = []fileChange{}, 0 }

// strangersCommit is a commit of another repository: whoever wrote it may have
// no standing in this one.
type strangersCommit struct{ commitItem }

// Author implements [gate.Authored]. What git has for an author proves nothing.
func (c *strangersCommit) Author() string { return "" }

// Hide implements [gate.Authored].
func (c *strangersCommit) Hide() { c.commitItem.Hide() }

// orCopied is err, or the refusal of a comparison that would change a repository.
func orCopied(err error, head *gate.Resolved) error {
	if !errors.Is(err, forge.ErrNotThere) {
		return err
	}
	return gate.Refuse(gate.Conflict, "%s does not have the base commit. To compare, Gitea would copy it and all before it there, where others may read it.", head.Name).
		WithHint("Compare the other way round: ask for %s, with what is now the head as base, and owner:branch of this repository as head.", head.Name)
}

func runCompareRefs(_ context.Context, v *gate.Visit, a compareRefsArgs) (*gate.Result, error) {
	base := v.Repo()
	head, err := v.OtherRef(a.headOwner, a.headRef)
	if err != nil {
		return nil, err
	}
	commits, err := v.Gitea().Compare(base.Name, base.Commit, head.Name, head.Commit)
	if err != nil {
		return nil, orCopied(err, head)
	}
	fields := &comparison{
		Repository: base.FullName, Visibility: string(base.Visibility),
		Base: base.Ref, BaseCommit: base.Commit, Head: head.Ref, HeadCommit: head.Commit,
		TotalCommits: len(commits), Files: shownFiles(v, changedBetween(commits)),
	}
	fork := head.Name != base.Name
	if fork {
		fields.HeadRepository, fields.HeadVisibility = head.FullName, string(head.Visibility)
	}
	if len(fields.Files) > maxComparedFiles {
		fields.TotalFiles = len(fields.Files)
		fields.Files = fields.Files[:maxComparedFiles]
	}
	if len(commits) > maxCompared {
		fields.AtMost = maxCompared
		commits = commits[:maxCompared]
	}
	list := &gate.List{Page: a.Page, Limit: a.Limit, Whole: true}
	for _, commit := range commits {
		item := commitRow(&commit.Commit)
		if fork {
			list.Rows = append(list.Rows, gate.Row{Value: &strangersCommit{item}})
		} else {
			v.Before(head, append(item.Parents, item.SHA)...)
			list.Rows = append(list.Rows, gate.Row{Value: &item})
		}
	}
	return &gate.Result{Fields: fields, List: list}, nil
}
