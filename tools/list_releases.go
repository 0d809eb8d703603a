package tools

import (
	"context"

	"aegis/forge"
	"aegis/gate"
)

type listReleasesArgs struct {
	repoArgs
	pageArgs
}

func listReleases() Tool {
	return read(definition[listReleasesArgs]{
		name:        "list_releases",
		title:       "List releases",
		description: "A repository's releases, newest first; get_release has the notes.",
		target:      func(a listReleasesArgs) gate.Target { return gate.Repository(a.repo) },
		run:         runListReleases,
		ahead:       func(ask *forge.Reader, a listReleasesArgs, _ string) { _, _, _ = ask.Releases(a.repo, a.page()) },
	})
}

func runListReleases(_ context.Context, v *gate.Visit, a listReleasesArgs) (*gate.Result, error) {
	found, more, err := v.Gitea().Releases(v.Repo().Name, a.page())
	if err != nil {
		return nil, err
	}
	list := &gate.List{Page: a.Page, Limit: a.Limit, HasMore: more}
	for _, r := range found {
		list.Rows = append(list.Rows, gate.Row{Value: releaseRow(r)})
	}
	return &gate.Result{List: list}, nil
}
