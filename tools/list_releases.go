package tools

import (
	"context"

	"aegis/forge"
	"aegis/gate"

	gitea "code.gitea.io/sdk/gitea"
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

// releaseItem is a release in a list. Only who may write to a repository can
// make one.
type releaseItem struct {
	ID         int64  `json:"id"` // which edit_release wants
	Tag        string `json:"tag"`
	Title      string `json:"title,omitempty"`
	Target     string `json:"target,omitempty"` // what a tag that was made with it was made from
	Draft      bool   `json:"draft,omitempty"`
	Prerelease bool   `json:"prerelease,omitempty"`
	Author     string `json:"author,omitempty"`
	Created    string `json:"created_at,omitempty"`
}

// Narrow implements [gate.Narrow]: who may not write to a repository sees none of its
// drafts.
func (r releaseItem) Narrow() bool { return r.Draft }

func releaseRow(r *gitea.Release) releaseItem {
	return releaseItem{
		ID: r.ID, Tag: r.TagName, Title: r.Title, Target: r.Target, Draft: r.IsDraft, Prerelease: r.IsPrerelease,
		Author: login(r.Publisher), Created: stamp(r.CreatedAt),
	}
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
