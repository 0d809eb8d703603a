package tools

import (
	"context"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
)

type listTagsArgs struct {
	repoArgs
	Query string `json:"query,omitempty" max:"1024" doc:"Words in the name"`
	pageArgs
}

func listTags() Tool {
	return read(definition[listTagsArgs]{
		name:        "list_tags",
		title:       "List tags",
		description: "A repository's tags with the commits that they lead to.",
		target:      func(a listTagsArgs) gate.Target { return gate.Repository(a.repo) },
		run: func(_ context.Context, v *gate.Visit, a listTagsArgs) (*gate.Result, error) {
			return listNames(a.Query, a.pageArgs, func(page forge.Page) ([]*gitea.Tag, bool, error) {
				return v.Gitea().Tags(v.Repo().Name, page)
			}, tagRow)
		},
		ahead: func(ask *forge.Reader, a listTagsArgs, _ string) {
			_, _ = collect(namesList(a.Query, a.pageArgs), func(page forge.Page) ([]*gitea.Tag, bool, error) { return ask.Tags(a.repo, page) })
		},
	})
}

// tagItem is a tag in a list. Its message is left out: a tag of its own has
// one, of another it is the commit's.
type tagItem struct {
	Name   string `json:"name"`
	Commit string `json:"commit,omitempty"`
}

func tagRow(t *gitea.Tag) gate.Row {
	item := tagItem{Name: t.Name}
	if t.Commit != nil {
		item.Commit = t.Commit.SHA
	}
	return gate.Row{Value: item, Text: t.Name}
}
