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
		description: "Labels that a repository's issues and pull requests can have, its organization's too.",
		target:      func(a listLabelsArgs) gate.Target { return gate.Repository(a.repo) },
		run:         runListLabels,
		ahead: func(ask *forge.Reader, a listLabelsArgs, _ string) {
			_, _, _, _ = ask.Labels(a.repo, forge.Page{Page: 1, Limit: scanPage})
		},
	})
}

// labelItem is a label.
type labelItem struct {
	Name         string `json:"name"`
	Color        string `json:"color,omitempty"`
	Description  string `json:"description,omitempty"`
	Exclusive    bool   `json:"exclusive,omitempty"` // with others of its scope, up to the last slash
	Archived     bool   `json:"archived,omitempty"`
	Organization string `json:"organization,omitempty"` // whose it is, if not the repository's own
}

// labelNotes say which labels are missing from a list.
type labelNotes struct {
	AtMost int    `json:"scanned_at_most,omitempty"`
	Note   string `json:"note,omitempty"`
}

func runListLabels(_ context.Context, v *gate.Visit, a listLabelsArgs) (*gate.Result, error) {
	known, err := labelsOf(v)
	if err != nil {
		return nil, err
	}
	list := &gate.List{Page: a.Page, Limit: a.Limit, Whole: true, HasMore: known.bounded}
	for _, l := range known.all {
		item := labelItem{Name: l.Name, Description: l.Description, Exclusive: l.Exclusive, Archived: l.Archived, Organization: l.Organization}
		if l.Color != "" {
			item.Color = "#" + l.Color
		}
		list.Rows = append(list.Rows, gate.Row{Value: item})
	}
	var notes labelNotes
	if known.bounded {
		notes.AtMost = 2 * maxScan * scanPage
	}
	if known.unread {
		notes.Note = unreadLabels
	}
	return &gate.Result{Fields: notes, List: list}, nil
}
