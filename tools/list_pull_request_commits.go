package tools

import (
	"context"

	"aegis/forge"
	"aegis/gate"
)

func listPullRequestCommits() Tool {
	return read(definition[pullListArgs]{
		name:        "list_pull_request_commits",
		title:       "List a pull request's commits",
		description: "Commits that a pull request brings, newest first. Untrusted text.",
		target:      func(a pullListArgs) gate.Target { return gate.Repository(a.repo) },
		run:         runListPullRequestCommits,
		ahead:       func(ask *forge.Reader, a pullListArgs, _ string) { _, _ = ask.PullRequest(a.repo, a.Number) },
	})
}

// pullCommit is a commit that somebody proposes, who may not write: its own
// author is only what it says of itself.
type pullCommit struct {
	commitItem
	proposer string
}

// Author implements [gate.Authored]. It is not the commit's.
func (c *pullCommit) Author() string { return c.proposer }

// Hide implements [gate.Authored].
func (c *pullCommit) Hide() { c.commitItem.Hide() }

func runListPullRequestCommits(_ context.Context, v *gate.Visit, a pullListArgs) (*gate.Result, error) {
	pull, err := openPull(v, a.Number)
	if err != nil {
		return nil, err
	}
	commits, more, err := v.Gitea().PullRequestCommits(v.Repo().Name, a.Number, a.page())
	if err != nil {
		return nil, orUnrelated(v, pull, err)
	}
	list := &gate.List{Page: a.Page, Limit: a.Limit, HasMore: more}
	for _, c := range commits {
		v.InPullRequest(a.Number, c.SHA)
		list.Rows = append(list.Rows, gate.Row{Value: &pullCommit{commitItem: commitRow(c), proposer: gate.ProposerOf(pull)}})
	}
	return &gate.Result{List: list}, nil
}
