package tools

import (
	"context"
	"errors"
	"strings"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
	"aegis/internal/canon"
)

type listPullRequestsArgs struct {
	repoArgs
	State string    `json:"state,omitempty" enum:"open,closed,all" default:"open"`
	Base  canon.Ref `json:"base,omitempty" doc:"Branch it goes to"`
	Head  string    `json:"head,omitempty" max:"296" doc:"Branch or owner:branch it comes from"`
	pageArgs

	base, head string // branches
	headOwner  canon.Owner
}

func (a *listPullRequestsArgs) check() error {
	var ok bool
	var base error
	if a.base, ok = a.Base.Branch(); !ok && !a.Base.IsZero() {
		base = errors.New("base must be a branch")
	}
	return errors.Join(a.repoArgs.check(), base, a.checkHead())
}

func (a *listPullRequestsArgs) checkHead() error {
	if a.Head == "" {
		return nil
	}
	owner, branch, two := strings.Cut(a.Head, ":")
	if two {
		var err error
		if a.headOwner, err = canon.ParseOwner(owner); err != nil {
			return errors.New("head must be a branch or owner:branch")
		}
	} else {
		branch = a.Head
	}
	ref, err := canon.ParseRef(branch)
	var ok bool
	if a.head, ok = ref.Branch(); err != nil || !ok {
		return errors.New("head must be a branch or owner:branch")
	}
	return nil
}

func listPullRequests() Tool {
	return read(definition[listPullRequestsArgs]{
		name:        "list_pull_requests",
		title:       "List pull requests",
		description: "A repository's pull requests, newest first; get_pull_request has the body. Untrusted text.",
		target:      func(a listPullRequestsArgs) gate.Target { return gate.Repository(a.repo) },
		run:         runListPullRequests,
		ahead:       func(ask *forge.Reader, a listPullRequestsArgs, _ string) { _, _ = collect(a.list(), a.fetch(ask)) },
	})
}

// list is an empty list of pull requests. Gitea ignores the head, and older ones the
// base.
func (a listPullRequestsArgs) list() *gate.List {
	return &gate.List{Page: a.Page, Limit: a.Limit, Whole: a.base != "" || a.head != ""}
}

// fetch is how a page of the pull requests is asked for.
func (a listPullRequestsArgs) fetch(client *forge.Reader) func(forge.Page) ([]*gitea.PullRequest, bool, error) {
	return func(page forge.Page) ([]*gitea.PullRequest, bool, error) {
		return client.PullRequests(a.repo, page, a.State)
	}
}

func runListPullRequests(_ context.Context, v *gate.Visit, a listPullRequestsArgs) (*gate.Result, error) {
	list := a.list()
	found, err := collect(list, a.fetch(v.Gitea()))
	if err != nil {
		return nil, err
	}
	for _, pull := range found {
		if head := headOf(v, pull); a.matches(pull, head) {
			list.Rows = append(list.Rows, gate.Row{Value: pullRow(pull, head)})
		}
	}
	var note any
	if list.Whole && list.HasMore {
		note = scanNote()
	}
	return &gate.Result{Fields: note, List: list}, nil
}

// matches holds a pull request against the filters. A head that policy hides
// matches none, or a filter would tell what it is.
func (a listPullRequestsArgs) matches(pull *gitea.PullRequest, head pullSide) bool {
	if a.base != "" && pull.Base.Ref != a.base {
		return false
	}
	if a.head == "" {
		return true
	}
	if head.Hidden || head.Branch != a.head {
		return false
	}
	if a.headOwner.IsZero() {
		return true
	}
	owner := a.repo.Owner()
	if head.Gone {
		return false
	}
	if repo, err := canon.ParseFullName(head.Repository); err == nil {
		owner = repo.Owner()
	}
	return owner == a.headOwner.String()
}

// pullItem is a pull request in a list.
type pullItem struct {
	*issueItem
	Draft      bool   `json:"draft,omitempty"`
	Merged     string `json:"merged_at,omitempty"`
	Base       string `json:"base"`
	Head       string `json:"head,omitempty"` // branch, or owner:branch
	HeadHidden bool   `json:"head_hidden,omitempty"`
}

func pullRow(pull *gitea.PullRequest, head pullSide) *pullItem {
	return &pullItem{
		issueItem: pullIssue(pull), Draft: pull.Draft, Merged: stampOf(pull.Merged),
		Base: pull.Base.Ref, Head: head.String(), HeadHidden: head.Hidden,
	}
}
