package tools

import (
	"context"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
	"aegis/internal/canon"
)

type listPackagesArgs struct {
	Owner canon.Owner `json:"owner"`
	Query string      `json:"query,omitempty" max:"1024" doc:"Words in the name"`
	pageArgs
}

func listPackages() Tool {
	return read(definition[listPackagesArgs]{
		name:        "list_packages",
		title:       "List packages",
		description: "Packages of a user or an organisation, one row a version.",
		target:      func(listPackagesArgs) gate.Target { return gate.Everywhere() },
		run: func(_ context.Context, v *gate.Visit, a listPackagesArgs) (*gate.Result, error) {
			return listNames(a.Query, a.pageArgs, func(page forge.Page) ([]*gitea.Package, bool, error) {
				return v.Gitea().Packages(page, a.Owner, searchWord(a.Query))
			}, a.row)
		},
	})
}

// packageItem is one version of a package.
type packageItem struct {
	Name       string `json:"name"`
	Version    string `json:"version"`
	Type       string `json:"type"`
	Repository string `json:"repository,omitempty"`
	Creator    string `json:"creator,omitempty"`
	Created    string `json:"created_at,omitempty"`
	URL        string `json:"html_url,omitempty"`
}

// row judges a package by the repository that it belongs to, and by its owner if
// it belongs to none.
func (a listPackagesArgs) row(p *gitea.Package) gate.Row {
	item := packageItem{
		Name: p.Name, Version: p.Version, Type: p.Type, Creator: login(p.Creator), Created: stamp(p.CreatedAt), URL: p.HTMLURL,
	}
	row := gate.Row{Record: p.Repository, Text: p.Name}
	if p.Repository != nil {
		item.Repository = p.Repository.FullName
	} else {
		row.Owner = a.Owner
	}
	row.Value = item
	return row
}
