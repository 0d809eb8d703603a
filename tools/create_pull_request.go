package tools

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate"
	"aegis/internal/canon"
)

type createPullRequestArgs struct {
	writeArgs
	Title     string    `json:"title"`
	Head      string    `json:"head" max:"296" doc:"Branch, or owner:branch in a fork"`
	Base      canon.Ref `json:"base" doc:"Branch it goes to"`
	Body      string    `json:"body,omitempty" text:"body"`
	Labels    []string  `json:"labels,omitempty"`
	Assignees []string  `json:"assignees,omitempty"`
	Milestone string    `json:"milestone,omitempty" doc:"Title"`
	Draft     bool      `json:"draft,omitempty"`

	owner  canon.Owner // of the head, zero for the target's
	branch string      // the head
	base   string
}

func (a *createPullRequestArgs) check() error {
	owner, head, wrongHead := gate.SplitHead(a.Head)
	var reason *canon.Error
	if errors.As(wrongHead, &reason) {
		wrongHead = errors.New("head " + reason.Reason)
	} else {
		a.owner = owner
		a.branch, wrongHead = shortRef("head", head)
	}
	var wrongBase error
	a.base, wrongBase = shortRef("base", a.Base)
	title := notBlank("title", a.Title)
	if title == nil && a.Draft && !isDraft(a.Title) {
		if a.Title = draftPrefix + a.Title; len(a.Title) > 255 {
			title = errors.New("title is longer than 255 bytes with the \"WIP: \" of a draft")
		}
	}
	return errors.Join(a.repoArgs.check(), title, wrongHead, wrongBase)
}

// draftPrefix makes a pull request a draft, as Gitea is set up by default. There
// is no other way.
const draftPrefix = "WIP: "

func isDraft(title string) bool {
	folded := strings.ToUpper(title)
	return strings.HasPrefix(folded, "WIP:") || strings.HasPrefix(folded, "[WIP]")
}

func createPullRequest() Tool {
	return write(changing[createPullRequestArgs]{
		name:        "create_pull_request",
		title:       "Open a pull request",
		description: "Proposes what commit_files put on a branch, here or in a fork of the same line. Its commits are readable here from then on.",
		target:      func(a createPullRequestArgs) gate.Target { return gate.Repository(a.repo) },
		plan:        planCreatePullRequest,
	})
}

// newPullEffect is what a pull request would bring.
type newPullEffect struct {
	issueEffect
	From       string `json:"head_repository"`
	Visibility string `json:"head_visibility"`
	Head       string `json:"head_commit"`
	Base       string `json:"base_commit"`
	Maintainer string `json:"allow_maintainer_edit,omitempty"`
}

// newPullWritten is a pull request that was opened.
type newPullWritten struct {
	issueWritten
	Base       string `json:"base"`
	HeadRepo   string `json:"head_repository,omitempty"` // where it is the one that was decided on
	Head       string `json:"head_commit"`
	Draft      bool   `json:"draft,omitempty"`
	Maintainer bool   `json:"allow_maintainer_edit,omitempty"`
}

func planCreatePullRequest(_ context.Context, v *gate.Visit, a createPullRequestArgs) (*gate.Plan, error) {
	repo := v.Repo()
	if err := forge.TurnedOn(repo.Record, forge.Pulls); err != nil { // whatever head is
		return nil, err
	}
	head, err := headOfNew(v, a)
	if err != nil {
		return nil, err
	}
	base, err := v.Gitea().BranchCommit(repo.Name, a.base)
	if isNothing(err) {
		return nil, notThis("base is no branch of the repository.", "list_branches lists them.")
	}
	if err != nil {
		return nil, err
	}
	foreign := head.ID != repo.ID
	switch {
	case !foreign && a.branch == a.base:
		return nil, gate.Refuse(gate.Conflict, "head and base are the same branch; nothing was written.")
	case head.Commit == base:
		return nil, gate.Refuse(gate.Conflict, "head and base are at the same commit; nothing was written.").WithHint("There is nothing to merge.")
	}
	if err := notOpenYet(v, a, head); err != nil {
		return nil, err
	}
	wanted := &asked{title: a.Title, body: &a.Body}
	if err := wanted.resolve(v, labelChange{Labels: a.Labels}, a.Assignees, given(a.Milestone), nil); err != nil {
		return nil, err
	}
	effect := newPullEffect{
		issueEffect: wanted.effect(), From: head.FullName, Visibility: string(head.Visibility), Head: head.Commit, Base: base,
	}
	pull := forge.NewPull{NewIssue: wanted.new(), Head: a.branch, Base: a.base}
	plan := &gate.Plan{Look: "the newest pull requests"}
	if foreign {
		pull.HeadRepo = head.Name
		plan.From = []*gate.Resolved{head}
		effect.Maintainer = "as the repository has it by default: whoever may write to it may then push to the head"
	}
	plan.Effect = effect
	plan.Steps = []gate.Step{{Write: forge.CreatePullRequest(repo.Name, pull)}}
	plan.Rests = headStays(v, head, a.branch, foreign)
	plan.Answer = func(answers []json.RawMessage) (any, error) {
		made, err := forge.Read[forge.VersionedPull](answers[0])
		if err != nil || made.Head == nil || made.Base == nil {
			return nil, errors.Join(err, errors.New("the answer is no pull request"))
		}
		return openedPull(v, a, wanted, head, foreign, made), nil
	}
	return plan, nil
}

// headOfNew resolves the branch that a pull request comes from, and nothing but a
// branch.
func headOfNew(v *gate.Visit, a createPullRequestArgs) (*gate.Resolved, error) {
	ref := mustRef("refs/heads/" + a.branch)
	if ref.IsZero() { // it would stand for the default branch
		return nil, notThis("head is no branch of the repository.", "Its name is too long.")
	}
	head, err := v.OtherRef(a.owner, ref)
	var refusal *gate.Refusal
	if isNothing(err) || errors.As(err, &refusal) && refusal.Code == gate.NotFound {
		return nil, notThis("head is no branch of the repository, or of its owner's repository in the same line of forks.", "list_branches lists branches; a fork is looked for by the name of what it was forked from.")
	}
	return head, err
}

// notOpenYet looks for a pull request for the same among the newest.
func notOpenYet(v *gate.Visit, a createPullRequestArgs, head *gate.Resolved) error {
	open, _, err := v.Gitea().PullRequests(v.Repo().Name, forge.Page{Page: 1, Limit: scanPage}, "open")
	if err != nil {
		return err
	}
	for _, pull := range open {
		if pull.Head.RepoID == head.ID && pull.Head.Ref == a.branch && pull.Base.Ref == a.base {
			return gate.Refuse(gate.Conflict, "There is an open pull request for this already: #%d. Nothing was written.", pull.Index).
				WithHint("It shows what is pushed to its head; update_pull_request changes it.")
		}
	}
	return nil
}

// headStays looks again at what a pull request comes from.
func headStays(v *gate.Visit, head *gate.Resolved, branch string, foreign bool) (rests []gate.Basis) {
	type seen struct {
		id int64
		by gate.Visibility
	}
	if foreign {
		rests = append(rests, gate.RestsOn(seen{head.ID, head.Visibility}, func() (seen, error) {
			record, err := v.Gitea().Repository(head.Name)
			if err != nil {
				return seen{}, err
			}
			return seen{record.ID, gate.VisibilityOf(record)}, nil
		}, gate.Refuse(gate.Moved, "The repository that the pull request comes from is another one now, or others can see it; nothing was written.").
			WithHint("Look at it before you decide anew.")))
	}
	return append(rests, gate.RestsOn(head.Commit, func() (string, error) {
		commit, err := v.Gitea().BranchCommit(head.Name, branch)
		if isNothing(err) {
			err = nil
		}
		return commit, err
	}, branchMoved("Look at what it brings now, and decide anew.")))
}

// openedPull compares a pull request with what was to be opened.
func openedPull(v *gate.Visit, a createPullRequestArgs, wanted *asked, head *gate.Resolved, foreign bool, made *forge.VersionedPull) newPullWritten {
	w := newPullWritten{
		issueWritten: wanted.written(v, storedPull(made)), Base: made.Base.Ref, Head: made.Head.Sha, Draft: made.Draft,
	}
	differs := func(is bool, what string) {
		if is {
			w.Otherwise = append(w.Otherwise, what)
		}
	}
	differs(made.State != gitea.StateOpen, "it is not open")
	differs(made.Base.RepoID != v.Repo().ID || made.Base.Ref != a.base, "it goes to another branch or repository")
	differs(made.Head.RepoID != head.ID || made.Head.Ref != a.branch, "it comes from another branch or repository")
	differs(made.Head.Sha != head.Commit, "its head is at another commit than was decided on")
	differs(made.Draft != isDraft(a.Title), "it is a draft where it should not be, or none where it should")
	if made.Head.RepoID == head.ID {
		w.HeadRepo = head.FullName
	}
	w.Maintainer = foreign && made.AllowMaintainerEdit
	w.issueWritten = w.noted(v)
	return w
}
