package tools

import (
	"context"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
	"aegis/internal/canon"
)

type getCommitStatusArgs struct {
	repoArgs
	Ref canon.Ref `json:"ref" doc:"Branch, tag or commit id"`
	pageArgs
}

func getCommitStatus() Tool {
	return read(definition[getCommitStatusArgs]{
		name:        "get_commit_status",
		title:       "Read a commit's checks",
		description: "What CI reported on a commit: the combined state, and the latest of each context.",
		target:      func(a getCommitStatusArgs) gate.Target { return gate.Repository(a.repo).At(a.Ref) },
		run:         runGetCommitStatus,
		ahead: func(ask *forge.Reader, a getCommitStatusArgs, commit string) {
			_, _, _ = ask.Statuses(a.repo, commit, forge.Page{Page: 1, Limit: scanPage})
		},
	})
}

// statusItem is the latest report under one context.
type statusItem struct {
	Context     string `json:"context"`
	State       string `json:"state"` // pending, success, error, failure, warning or skipped
	Description string `json:"description,omitempty"`
	Target      string `json:"target_url,omitempty"`
	Creator     string `json:"creator,omitempty"`
	Updated     string `json:"updated_at,omitempty"`
}

// Hide takes away what a check on somebody's commit says.
func (s *statusItem) Hide() { s.Context, s.Description, s.Target = gate.HiddenText, "", "" }

func runGetCommitStatus(_ context.Context, v *gate.Visit, a getCommitStatusArgs) (*gate.Result, error) {
	repo := v.Repo()
	found, more, err := scan(func(page forge.Page) ([]*forge.Status, bool, error) {
		return v.Gitea().Statuses(repo.Name, repo.Commit, page)
	})
	if err != nil {
		return nil, err
	}
	list := &gate.List{Page: a.Page, Limit: a.Limit, HasMore: more, Whole: true}
	for _, s := range found {
		list.Rows = append(list.Rows, gate.Row{Value: &statusItem{
			Context: s.Context, State: string(s.State), Description: s.Description, Target: s.TargetURL,
			Creator: login(s.Creator), Updated: stamp(s.Updated),
		}})
	}
	return &gate.Result{
		Fields: struct {
			Repository string `json:"repository"`
			Ref        string `json:"ref,omitempty"`
			Commit     string `json:"commit"`
			State      string `json:"state"`
		}{repo.FullName, repo.Ref, repo.Commit, combined(found)},
		List: list,
	}, nil
}

// combined is one state for all contexts, by Gitea's rules: it combines no more
// than a page.
func combined(all []*forge.Status) string {
	state := "success"
	for _, s := range all {
		switch s.State {
		case gitea.StatusError, gitea.StatusFailure, gitea.StatusWarning:
			return "failure"
		case gitea.StatusSuccess, "skipped":
		default:
			state = "pending"
		}
	}
	if len(all) == 0 {
		return "pending"
	}
	return state
}
