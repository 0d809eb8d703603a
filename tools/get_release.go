package tools

import (
	"context"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
	"aegis/internal/canon"
)

type getReleaseArgs struct {
	repoArgs
	Tag canon.Ref `json:"tag" doc:"Tag, or latest: the newest full release"`
}

func getRelease() Tool {
	return read(definition[getReleaseArgs]{
		name:        "get_release",
		title:       "Read a release",
		description: "One release with its notes and the names of its files. Untrusted text.",
		target:      func(a getReleaseArgs) gate.Target { return gate.Repository(a.repo) },
		run:         runGetRelease,
		ahead:       func(ask *forge.Reader, a getReleaseArgs, _ string) { _, _ = findRelease(ask, a) },
	})
}

// releaseFields is a release with its notes.
type releaseFields struct {
	Repository string `json:"repository"`
	releaseItem
	Body   string      `json:"body"`
	Assets []assetItem `json:"assets,omitempty"`
	URL    string      `json:"html_url"`
}

// assetItem is a file that was uploaded to a release. It is no file of the
// repository, and is not given out.
type assetItem struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

func runGetRelease(_ context.Context, v *gate.Visit, a getReleaseArgs) (*gate.Result, error) {
	repo := v.Repo()
	release, err := findRelease(v.Gitea(), a)
	if err != nil {
		return nil, err
	}
	var assets []assetItem
	for _, file := range release.Attachments {
		assets = append(assets, assetItem{file.Name, file.Size})
	}
	return &gate.Result{Fields: releaseFields{repo.FullName, releaseRow(release), release.Note, assets, release.HTMLURL}}, nil
}

// findRelease finds the release of a tag. A tag called latest is
// refs/tags/latest.
func findRelease(client *forge.Reader, a getReleaseArgs) (*gitea.Release, error) {
	if a.Tag.String() == "latest" {
		return client.LatestRelease(a.repo)
	}
	name, ok := a.Tag.Tag()
	if !ok {
		return nil, notThis("A release belongs to a tag; this names none.", "list_releases lists them, list_tags the tags.")
	}
	return client.Release(a.repo, name)
}
