package tools

import (
	"context"

	"aegis/forge"
	"aegis/gate"
)

type listLabelsArgs struct {
	repoArgs
	pageArgs
}

func listLabels() Tool {
	return read(definition[listLabelsArgs]{
		name:        "list_labels",
		title:       "List labels",
		description: "A repository's own labels.",
		target:      func(a listLabelsArgs) gate.Target { return gate.Repository(a.repo) },
		run:         runListLabels,
		ahead:       func(ask *forge.Reader, a listLabelsArgs, _ string) { _, _, _ = ask.Labels(a.repo, a.page()) },
	})
}

// labelItem is a label.
type labelItem struct {
	Name        string `json:"name"`
	Color       string `json:"color,omitempty"`
	Description string `json:"description,omitempty"`
	Exclusive   bool   `json:"exclusive,omitempty"` // with others of its scope, up to the last slash
	Archived    bool   `json:"archived,omitempty"`
}

func runListLabels(_ context.Context, v *gate.Visit, a listLabelsArgs) (*gate.Result, error) {
	found, more, err := v.Gitea().Labels(v.Repo().Name, a.page())
	if err != nil {
		return nil, err
	}
	list := &gate.List{Page: a.Page, Limit: a.Limit, HasMore: more}
	for _, l := range found {
		item := labelItem{Name: l.Name, Description: l.Description, Exclusive: l.Exclusive, Archived: l.Archived}
		if l.Color != "" {
			item.Color = "#" + l.Color
		}
		list.Rows = append(list.Rows, gate.Row{Value: item})
	}
	return &gate.Result{List: list}, nil
}
