package tools

import (
	"context"

	"aegis/gate"
)

type getRepositoryArgs struct{ repoArgs }

func getRepository() Tool {
	return read(definition[getRepositoryArgs]{
		name:        "get_repository",
		title:       "Get a repository",
		description: "One repository: its default branch, visibility, and what of it is turned on.",
		target:      func(a getRepositoryArgs) gate.Target { return gate.Repository(a.repo) },
		run: func(_ context.Context, v *gate.Visit, _ getRepositoryArgs) (*gate.Result, error) {
			r := v.Repo().Record
			fields := struct {
				repositoryItem
				ID       int64    `json:"id"`
				Language string   `json:"language,omitempty"`
				Topics   []string `json:"topics,omitempty"`
				Website  string   `json:"website,omitempty"`
				Template bool     `json:"template,omitempty"`
				Mirror   bool     `json:"mirror,omitempty"`
				Parent   string   `json:"parent,omitempty"`
				SizeKiB  int      `json:"size_kib"`
				Stars    int      `json:"stars"`
				Forks    int      `json:"forks"`
				Releases int      `json:"releases"`
				Issues   bool     `json:"has_issues"`
				Wiki     bool     `json:"has_wiki"`
				Pulls    bool     `json:"has_pull_requests"`
				Actions  bool     `json:"has_actions"`
				Created  string   `json:"created_at,omitempty"`
				URL      string   `json:"html_url"`
			}{
				repositoryItem: repositoryRow(v, r),
				ID:             r.ID, Language: r.Language, Topics: r.Topics, Website: r.Website,
				Template: r.Template, Mirror: r.Mirror, Parent: v.ParentName(),
				SizeKiB: r.Size, Stars: r.Stars, Forks: r.Forks, Releases: r.Releases,
				Issues: r.HasIssues, Wiki: r.HasWiki, Pulls: r.HasPullRequests, Actions: r.HasActions,
				Created: stamp(r.Created), URL: r.HTMLURL,
			}
			return &gate.Result{Fields: fields}, nil
		},
	})
}
