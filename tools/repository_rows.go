package tools

import (
	"aegis/forge"
	"aegis/gate"
)

// repositoryItem is a repository in a list.
type repositoryItem struct {
	FullName      string `json:"full_name"`
	Description   string `json:"description,omitempty"`
	Visibility    string `json:"visibility"`
	Fork          bool   `json:"fork,omitempty"`
	Archived      bool   `json:"archived,omitempty"`
	Empty         bool   `json:"empty,omitempty"`
	DefaultBranch string `json:"default_branch,omitempty"`
	OpenIssues    *int   `json:"open_issues,omitempty"`
	OpenPulls     *int   `json:"open_pull_requests,omitempty"`
	Updated       string `json:"updated_at,omitempty"`
}

func repositoryRow(v *gate.Visit, r *forge.Repository) repositoryItem {
	item := repositoryItem{
		FullName: r.FullName, Description: r.Description, Visibility: string(gate.VisibilityOf(r)),
		Fork: r.Fork, Archived: r.Archived, Empty: r.Empty, DefaultBranch: r.DefaultBranch,
		OpenIssues: &r.OpenIssues, OpenPulls: &r.OpenPulls, Updated: stamp(r.Updated),
	}
	if r.Fork {
		item.Description = forkDescription(v, r)
	}
	return item
}

// forkDescription is a fork's own description. Gitea copies the parent's when it
// forks, so that a hidden repository's would show through its forks: one that
// may have come from there, or is the same, is left out.
func forkDescription(v *gate.Visit, r *forge.Repository) string {
	if !v.ShowsParent(r) || r.Parent.Description == r.Description {
		return ""
	}
	return r.Description
}
