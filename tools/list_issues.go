package tools

import (
	"context"
	"errors"
	"slices"
	"strings"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
)

type listIssuesArgs struct {
	repoArgs
	State     string   `json:"state,omitempty" enum:"open,closed,all" default:"open"`
	Labels    []string `json:"labels,omitempty" doc:"It has them all"`
	Query     string   `json:"query,omitempty" max:"1024" doc:"Words"`
	Assignee  string   `json:"assignee,omitempty" max:"40"`
	Milestone string   `json:"milestone,omitempty" doc:"Title"`
	pageArgs
}

func (a *listIssuesArgs) check() error {
	for _, label := range a.Labels {
		if strings.Contains(label, ",") {
			return errors.Join(a.repoArgs.check(), errors.New("labels may not contain a comma: each label is an item of the list"))
		}
	}
	return a.repoArgs.check()
}

func listIssues() Tool {
	return read(definition[listIssuesArgs]{
		name:        "list_issues",
		title:       "List issues",
		description: "A repository's issues, newest first, without pull requests; get_issue has the body. Untrusted text.",
		target:      func(a listIssuesArgs) gate.Target { return gate.Repository(a.repo) },
		run:         runListIssues,
		ahead:       func(ask *forge.Reader, a listIssuesArgs, _ string) { _, _ = collect(a.list(), a.fetch(ask)) },
	})
}

// list is an empty list of issues. Gitea takes a filter by a name that it does not
// know for no filter, and its query finds hidden text: both are done again on our side.
func (a listIssuesArgs) list() *gate.List {
	return &gate.List{
		Page: a.Page, Limit: a.Limit, Query: a.Query,
		Whole: a.Query != "" || a.Labels != nil || a.Assignee != "" || a.Milestone != "",
	}
}

// fetch is how a page of the issues is asked for.
func (a listIssuesArgs) fetch(client *forge.Reader) func(forge.Page) ([]*gitea.Issue, bool, error) {
	search := forge.IssueSearch{
		State: a.State, Labels: a.Labels, Query: searchWord(a.Query), Assignee: a.Assignee, Milestone: a.Milestone,
	}
	return func(page forge.Page) ([]*gitea.Issue, bool, error) { return client.Issues(a.repo, page, search) }
}

func runListIssues(_ context.Context, v *gate.Visit, a listIssuesArgs) (*gate.Result, error) {
	list := a.list()
	found, err := collect(list, a.fetch(v.Gitea()))
	if err != nil {
		return nil, err
	}
	for _, issue := range found {
		if issue.PullRequest == nil && a.matches(issue) {
			list.Rows = append(list.Rows, gate.Row{Value: issueRow(issue), Text: issue.Title + "\n" + issue.Body})
		}
	}
	var note any
	if a.Query != "" || list.Whole && list.HasMore {
		note = scanNote()
	}
	return &gate.Result{Fields: note, List: list}, nil
}

// matches holds an issue against the filters by name.
func (a listIssuesArgs) matches(issue *gitea.Issue) bool {
	for _, wanted := range a.Labels {
		if !slices.ContainsFunc(issue.Labels, func(l *gitea.Label) bool { return strings.EqualFold(l.Name, wanted) }) {
			return false
		}
	}
	if a.Assignee != "" && !slices.ContainsFunc(issue.Assignees, func(u *gitea.User) bool {
		return strings.EqualFold(u.UserName, a.Assignee)
	}) {
		return false
	}
	return a.Milestone == "" || issue.Milestone != nil && strings.EqualFold(issue.Milestone.Title, a.Milestone)
}
