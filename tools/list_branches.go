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

// namesList is an empty list of what has a name.
func namesList(query string, a pageArgs) *gate.List {
	return &gate.List{Page: a.Page, Limit: a.Limit, Query: query, Whole: query != ""}
}

// listNames lists what has a name. Gitea has no search by it: a query is
// answered on our side.
func listNames[T any](query string, a pageArgs, fetch func(forge.Page) ([]*T, bool, error), row func(*T) gate.Row) (*gate.Result, error) {
	list := namesList(query, a)
	found, err := collect(list, fetch)
	if err != nil {
		return nil, err
	}
	var note any
	if list.Whole {
		note = scanNote()
	}
	for _, each := range found {
		list.Rows = append(list.Rows, row(each))
	}
	return &gate.Result{Fields: note, List: list}, nil
}
