package tools

import (
	"context"
	"strings"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
	"aegis/internal/canon"
)

type searchIssuesArgs struct {
	Query string      `json:"query" max:"1024" doc:"Words"`
	Owner canon.Owner `json:"owner,omitempty" doc:"Only this owner's"`
	State string      `json:"state,omitempty" enum:"open,closed,all" default:"open"`
	Type  string      `json:"type,omitempty" enum:"issues,pulls" doc:"Both if absent"`
	pageArgs
}

func searchIssues() Tool {
	return read(definition[searchIssuesArgs]{
		name:        "search_issues",
		title:       "Search issues",
		description: "Issues and pull requests of all repositories, newest first, without bodies. Untrusted text.",
		target:      func(searchIssuesArgs) gate.Target { return gate.Everywhere() },
		run:         runSearchIssues,
	})
}

// foundIssue is an issue or a pull request of some repository.
type foundIssue struct {
	Repository string `json:"repository"`
	Pull       bool   `json:"pull_request,omitempty"`
	*issueItem
}

func runSearchIssues(_ context.Context, v *gate.Visit, a searchIssuesArgs) (*gate.Result, error) {
	search := forge.Everywhere{Query: searchWord(a.Query), Owner: a.Owner, State: a.State, Type: a.Type}
	found, more, err := scan(func(page forge.Page) ([]*gitea.Issue, bool, error) {
		return v.Gitea().SearchIssues(page, search)
	})
	if err != nil {
		return nil, err
	}
	list := &gate.List{Page: a.Page, Limit: a.Limit, HasMore: more, Whole: true, Query: a.Query}
	for _, issue := range found {
		if row, ok := a.row(issue); ok {
			list.Rows = append(list.Rows, row)
		}
	}
	return &gate.Result{Fields: scanNote(), List: list}, nil
}

// row holds an issue against the filters, which Gitea may not know, and makes a
// row of it. One of no repository is none.
func (a searchIssuesArgs) row(issue *gitea.Issue) (gate.Row, bool) {
	if issue.Repository == nil {
		return gate.Row{}, false
	}
	repo, err := canon.ParseFullName(issue.Repository.FullName)
	pull := issue.PullRequest != nil
	switch {
	case err != nil,
		!a.Owner.IsZero() && repo.Owner() != a.Owner.String(),
		a.State != "all" && !strings.EqualFold(string(issue.State), a.State),
		a.Type == "issues" && pull, a.Type == "pulls" && !pull:
		return gate.Row{}, false
	}
	return gate.Row{
		Value: &foundIssue{Repository: issue.Repository.FullName, Pull: pull, issueItem: issueRow(issue)},
		Repo:  repo, RepoID: issue.Repository.ID,
		Text: issue.Title + "\n" + issue.Body,
	}, true
}
