package tools

import (
	"context"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
)

func getPullRequest() Tool {
	return read(definition[pullArgs]{
		name:        "get_pull_request",
		title:       "Read a pull request",
		description: "One pull request with its body; get_pull_request_diff has its changes. Untrusted text.",
		target:      func(a pullArgs) gate.Target { return gate.Repository(a.repo) },
		run:         runGetPullRequest,
		ahead:       func(ask *forge.Reader, a pullArgs, _ string) { _, _ = ask.PullRequest(a.repo, a.Number) },
	})
}

// pullFields is a pull request with its body.
type pullFields struct {
	Repository string `json:"repository"`
	*issueItem
	Body        string   `json:"body"`
	Draft       bool     `json:"draft,omitempty"`
	Locked      bool     `json:"locked,omitempty"`
	Base        pullSide `json:"base"`
	Head        pullSide `json:"head"`
	MergeBase   string   `json:"merge_base,omitempty"`
	Mergeable   bool     `json:"mergeable"`
	Merged      string   `json:"merged_at,omitempty"`
	MergedBy    string   `json:"merged_by,omitempty"`
	MergeCommit string   `json:"merge_commit,omitempty"`
	Reviewers   []string `json:"requested_reviewers,omitempty"`
	URL         string   `json:"html_url"`
}

// Hide implements [gate.Authored].
func (p *pullFields) Hide() {
	p.issueItem.Hide()
	p.Body = gate.HiddenText
}

func runGetPullRequest(_ context.Context, v *gate.Visit, a pullArgs) (*gate.Result, error) {
	repo := v.Repo()
	pull, err := v.Gitea().PullRequest(repo.Name, a.Number)
	if err != nil {
		return nil, err
	}
	fields := &pullFields{
		Repository: repo.FullName, issueItem: pullIssue(pull), Body: pull.Body, Draft: pull.Draft, Locked: pull.IsLocked,
		Base: pullSide{Branch: pull.Base.Ref, Commit: pull.Base.Sha}, Head: headOf(v, pull),
		MergeBase: pull.MergeBase, Mergeable: pull.Mergeable,
		Merged: stampOf(pull.Merged), MergedBy: login(pull.MergedBy), Reviewers: reviewers(pull.RequestedReviewers), URL: pull.HTMLURL,
	}
	if pull.MergedCommitID != nil {
		fields.MergeCommit = *pull.MergedCommitID
	}
	return &gate.Result{Fields: fields}, nil
}

// reviewers leaves out users that are gone.
func reviewers(users []*gitea.User) (all []string) {
	for _, u := range users {
		if name := login(u); name != "" {
			all = append(all, name)
		}
	}
	return all
}
