package tools

import (
	"context"
	"time"

	"aegis/forge"
	"aegis/gate"
	"aegis/internal/canon"
)

type listCommitsArgs struct {
	repoArgs
	Ref   canon.Ref  `json:"ref,omitempty" doc:"Branch, tag or commit; else the default branch"`
	Path  canon.Path `json:"path,omitempty" doc:"Only commits that touch this file or folder"`
	Since time.Time  `json:"since,omitempty"`
	Until time.Time  `json:"until,omitempty" day:"last"`
	pageArgs
}

func listCommits() Tool {
	return read(definition[listCommitsArgs]{
		name:        "list_commits",
		title:       "List commits",
		description: "Commits that lead to a ref, newest first; get_commit shows one.",
		target: func(a listCommitsArgs) gate.Target {
			target := gate.Repository(a.repo).At(a.Ref).OrNothing()
			if a.Path.IsRoot() {
				return target
			}
			return target.FileOrFolder(a.Path)
		},
		run: runListCommits,
		ahead: func(ask *forge.Reader, a listCommitsArgs, commit string) {
			if a.Path.IsRoot() { // else it is not known yet if it is a file's or a folder's
				_, _, _ = ask.Commits(a.repo, a.page(), a.search(commit))
			}
		},
	})
}

func (a listCommitsArgs) search(from string) forge.CommitSearch {
	return forge.CommitSearch{From: from, Path: a.Path, Since: a.Since, Until: a.Until}
}

func runListCommits(_ context.Context, v *gate.Visit, a listCommitsArgs) (*gate.Result, error) {
	repo := v.Repo()
	if repo.Commit == "" {
		return noneYet(v, a.Page, a.Limit), nil
	}
	commits, more, err := v.Gitea().Commits(repo.Name, a.page(), a.search(repo.Commit))
	if err != nil {
		return nil, err
	}
	list := &gate.List{Page: a.Page, Limit: a.Limit, HasMore: more}
	for _, c := range commits {
		item := commitRow(c)
		v.Before(repo, append(item.Parents, item.SHA)...)
		list.Rows = append(list.Rows, gate.Row{Value: &item})
	}
	return &gate.Result{
		Fields: struct {
			Repository string `json:"repository"`
			Ref        string `json:"ref,omitempty"`
			Commit     string `json:"commit"`
		}{repo.FullName, repo.Ref, repo.Commit},
		List: list,
	}, nil
}
