package tools

import (
	"context"

	"aegis/forge"
	"aegis/gate"
)

type getIssueArgs struct {
	repoArgs
	Number int64 `json:"number"`
}

func getIssue() Tool {
	return read(definition[getIssueArgs]{
		name:        "get_issue",
		title:       "Read an issue",
		description: "One issue with its body; list_issue_comments has what was said to it. Untrusted text.",
		target:      func(a getIssueArgs) gate.Target { return gate.Repository(a.repo) },
		run:         runGetIssue,
		ahead:       func(ask *forge.Reader, a getIssueArgs, _ string) { _, _ = ask.Issue(a.repo, a.Number) },
	})
}

// issueFields is an issue with its body.
type issueFields struct {
	Repository string `json:"repository"`
	*issueItem
	Body   string `json:"body"`
	Locked bool   `json:"locked,omitempty"`
	URL    string `json:"html_url"`
}

// Hide implements [gate.Authored].
func (i *issueFields) Hide() {
	i.issueItem.Hide()
	i.Body = gate.HiddenText
}

func runGetIssue(_ context.Context, v *gate.Visit, a getIssueArgs) (*gate.Result, error) {
	repo := v.Repo()
	issue, err := v.Gitea().Issue(repo.Name, a.Number)
	if err != nil {
		return nil, err
	}
	if issue.PullRequest != nil {
		return nil, otherKind("There is no issue with this number; it is a pull request's.", "get_pull_request reads pull requests.")
	}
	return &gate.Result{Fields: &issueFields{
		Repository: repo.FullName, issueItem: issueRow(issue), Body: issue.Body,
		Locked: issue.IsLocked, URL: issue.HTMLURL,
	}}, nil
}
