package tools

import (
	"context"

	"aegis/gate"
	"aegis/internal/canon"
)

type listOrganizationsArgs struct{ pageArgs }

func listOrganizations() Tool {
	return read(definition[listOrganizationsArgs]{
		name:        "list_organizations",
		title:       "List organisations",
		description: "Organisations that the token and the policy show.",
		target:      func(listOrganizationsArgs) gate.Target { return gate.Everywhere() },
		run:         runListOrganizations,
	})
}

// organizationItem is an organisation in a list.
type organizationItem struct {
	Login       string `json:"login"`
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
	Visibility  string `json:"visibility,omitempty"` // public, limited or private
	Website     string `json:"website,omitempty"`
}

func runListOrganizations(_ context.Context, v *gate.Visit, a listOrganizationsArgs) (*gate.Result, error) {
	found, more, err := v.Gitea().Organizations(a.page())
	if err != nil {
		return nil, err
	}
	list := &gate.List{Page: a.Page, Limit: a.Limit, HasMore: more}
	for _, o := range found {
		owner, err := canon.ParseOwner(o.Name)
		list.Rows = append(list.Rows, gate.Row{
			Value: organizationItem{
				Login: o.Name, Name: o.FullName, Description: o.Description,
				Visibility: o.Visibility, Website: o.Website,
			},
			Owner: owner, Unnameable: err != nil,
		})
	}
	return &gate.Result{List: list}, nil
}
