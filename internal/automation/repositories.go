package automation

import (
	"context"
	"encoding/json"
	"slices"

	"aegis/internal/canon"
	"aegis/internal/jobs/run"
)

// listTool finds the repositories of a pattern, and selfTool whose access token a job has.
const (
	listTool = "list_repositories"
	selfTool = "get_me"
)

// mostPages bounds what is looked through for the repositories of a pattern, perPage rows each.
const (
	mostPages = 20
	perPage   = 50
)

// ranks are visibilities, those first that most people see.
var ranks = []string{"public", "internal", "private"}

// repositories are those that a job is for. A pattern is held against what Gitea and policy
// show to the job. Of these the public ones come first: what is read in a private one
// keeps none of them from being written to.
func repositories(ctx context.Context, r *run.Run) (all []canon.Repo, err error) {
	rank := make(map[canon.Repo]int)
	add := func(repo canon.Repo, visibility string) {
		if !slices.Contains(all, repo) {
			all, rank[repo] = append(all, repo), slices.Index(ranks, visibility)
		}
	}
	for _, pattern := range r.Job.Repositories {
		if repo, exact := pattern.Exact(); exact {
			add(repo, "")
		}
	}
	for _, pattern := range r.Job.Repositories {
		if _, exact := pattern.Exact(); exact {
			continue
		}
		with := map[string]any{"limit": perPage}
		if owner, one := pattern.Owner(); one {
			with["owner"] = owner
		}
		for page := 1; page <= mostPages; page++ {
			with["page"] = page
			args, err := json.Marshal(with)
			if err != nil {
				return nil, err
			}
			answer, err := r.Ask(ctx, listTool, args)
			if err != nil {
				return nil, err
			}
			for _, row := range answer.Rows {
				name, _ := row["full_name"].(string)
				visibility, _ := row["visibility"].(string)
				if repo, err := canon.ParseFullName(name); err == nil && pattern.Matches(repo) {
					add(repo, visibility)
				}
			}
			if more, _ := answer.Members["has_more"].(bool); !more {
				break
			}
		}
	}
	if len(all) == 0 {
		return nil, reason(noRepository)
	}
	slices.SortStableFunc(all, func(one, other canon.Repo) int { return rank[one] - rank[other] })
	return all, nil
}
