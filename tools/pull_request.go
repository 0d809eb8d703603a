package tools

import (
	"aegis/forge/gitea"
	"aegis/gate"
	"aegis/internal/canon"
)

// pullArgs are the arguments that name a pull request.
type pullArgs struct {
	repoArgs
	Number int64 `json:"number"`
}

// openPull returns a pull request for a tool that shows what it brings. That
// was pushed to the head's repository: policy has to show it as well as the
// target.
func openPull(v *gate.Visit, number int64) (*gitea.PullRequest, error) {
	pull, err := v.Gitea().PullRequest(v.Repo().Name, number)
	if err != nil {
		return nil, err
	}
	if !v.JoinHead(v.Repo(), pull) {
		return nil, headHidden()
	}
	v.InPullRequest(number, pull.Head.Sha)
	v.Attribute(gate.ProposerOf(pull))
	return pull, nil
}

// orUnrelated is err, or that a pull request's two sides have no history in common.
func orUnrelated(v *gate.Visit, pull *gitea.PullRequest, err error) error {
	return v.Gitea().OrUnrelated(err, v.Repo().Name, pull.Base.Sha, pull.Head.Sha)
}

// pullSide is where a pull request comes from or goes to.
type pullSide struct {
	Repository string `json:"repository,omitempty"` // where it is not the target
	Branch     string `json:"branch,omitempty"`
	Commit     string `json:"commit,omitempty"`
	Hidden     bool   `json:"hidden,omitempty"` // by policy, as is all the rest
	Gone       bool   `json:"repository_gone,omitempty"`
}

// headOf is where a pull request comes from, as far as policy shows it.
func headOf(v *gate.Visit, pull *gitea.PullRequest) pullSide {
	head := pull.Head
	if !v.ShowsHead(pull) {
		return pullSide{Hidden: true}
	}
	v.InPullRequest(pull.Index, head.Sha)
	side := pullSide{Branch: head.Name, Commit: head.Sha}
	switch {
	case head.Repository == nil:
		side.Gone = true
	case head.Repository.ID != v.Repo().ID:
		side.Repository = head.Repository.FullName
	}
	if (side.Gone || side.Repository != "") && v.HidesTextOf(gate.ProposerOf(pull)) {
		side.Branch = gate.HiddenText
		if side.Repository != "" {
			side.Repository = gate.HiddenText
		}
	}
	return side
}

// String is the branch, with its owner before it if that is not the target's.
func (s pullSide) String() string {
	if repo, err := canon.ParseFullName(s.Repository); err == nil {
		return repo.Owner() + ":" + s.Branch
	}
	return s.Branch
}

// pullIssue is what a pull request has in common with an issue.
func pullIssue(pull *gitea.PullRequest) *issueItem {
	item := &issueItem{
		Number: pull.Index, Title: pull.Title, State: string(pull.State), Poster: login(pull.Poster),
		Assignees: logins(pull.Assignees), Comments: pull.Comments,
		Created: stampOf(pull.Created), Updated: stampOf(pull.Updated),
		Closed: stampOf(pull.Closed), Due: stampOf(pull.Deadline),
	}
	for _, label := range pull.Labels {
		item.Labels = append(item.Labels, label.Name)
	}
	if pull.Milestone != nil {
		item.Milestone = pull.Milestone.Title
	}
	return item
}

type pullListArgs struct {
	pullArgs
	pageArgs
}
