package tools

import (
	"context"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
)

type listBranchesArgs struct {
	repoArgs
	Query string `json:"query,omitempty" max:"1024" doc:"Words in the name"`
	pageArgs
}

func listBranches() Tool {
	return read(definition[listBranchesArgs]{
		name:        "list_branches",
		title:       "List branches",
		description: "A repository's branches with the commits at their heads.",
		target:      func(a listBranchesArgs) gate.Target { return gate.Repository(a.repo) },
		run: func(_ context.Context, v *gate.Visit, a listBranchesArgs) (*gate.Result, error) {
			return listNames(a.Query, a.pageArgs, func(page forge.Page) ([]*gitea.Branch, bool, error) {
				branches, more, err := v.Gitea().Branches(v.Repo().Name, page)
				for _, b := range branches {
					if b.Commit != nil {
						v.OnBranches(b.Commit.ID)
					}
				}
				return branches, more, err
			}, branchRow)
		},
		ahead: func(ask *forge.Reader, a listBranchesArgs, _ string) {
			_, _ = collect(namesList(a.Query, a.pageArgs), func(page forge.Page) ([]*gitea.Branch, bool, error) { return ask.Branches(a.repo, page) })
		},
	})
}

// branchItem is a branch in a list.
type branchItem struct {
	Name      string `json:"name"`
	Commit    string `json:"commit,omitempty"`
	Protected bool   `json:"protected,omitempty"`
}

func branchRow(b *gitea.Branch) gate.Row {
	item := branchItem{Name: b.Name, Protected: b.Protected}
	if b.Commit != nil {
		item.Commit = b.Commit.ID
	}
	return gate.Row{Value: item, Text: b.Name}
}
