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

type createBranchArgs struct {
	writeArgs
	Branch canon.Ref `json:"branch" doc:"Short name"`
	From   canon.Ref `json:"from,omitempty" doc:"Branch, tag or commit; else the default branch"`

	branch string
}

func (a *createBranchArgs) check() (err error) {
	a.branch, err = newRef("branch", a.Branch)
	return errors.Join(a.repoArgs.check(), err)
}

func createBranch() Tool {
	return write(changing[createBranchArgs]{
		name:        "create_branch",
		title:       "Create a branch",
		description: "Makes a branch at a commit; commit_files writes to it then.",
		target: func(a createBranchArgs) gate.Target {
			return gate.Repository(a.repo).OnBranch(a.branch).At(a.From)
		},
		plan: planCreateBranch,
	})
}

// branchEffect says where a branch will begin.
type branchEffect struct {
	Branch string `json:"branch"`
	Commit string `json:"commit"`
	From   string `json:"from,omitempty"` // the full ref that the commit was found by
}

// branchWritten is a branch that was made.
type branchWritten struct {
	Repository string `json:"repository"`
	Branch     string `json:"branch"`
	Commit     string `json:"commit"`
	Planned    string `json:"planned_commit,omitempty"` // if it is another
	URL        string `json:"html_url"`
}

func planCreateBranch(_ context.Context, v *gate.Visit, a createBranchArgs) (*gate.Plan, error) {
	repo := v.Repo()
	if err := branchIsFree(v, a.branch); err != nil {
		return nil, err
	}
	if err := unshadowed(v, repo.Commit); err != nil {
		return nil, err
	}
	return &gate.Plan{
		Steps:  []gate.Step{{Write: forge.CreateBranch(repo.Name, a.branch, repo.Commit)}},
		Brings: repo.Commit,
		Effect: branchEffect{a.branch, repo.Commit, repo.Ref},
		Rests: []gate.Basis{gate.StillSo(func() error {
			if err := absent(v.Gitea().BranchCommit(repo.Name, a.branch)); err != nil {
				return orRefusal(err, "A branch of this name is there by now; nothing was written.")
			}
			return unshadowed(v, repo.Commit)
		})},
		Look: "the branches",
		Undone: func() (bool, error) {
			err := absent(v.Gitea().BranchCommit(repo.Name, a.branch))
			return err == nil, err
		},
		Why: "The repository may protect branches of such names: choose another name, or have a human make this one.",
		Answer: func(answers []json.RawMessage) (any, error) {
			made, err := forge.Read[gitea.Branch](answers[0])
			if err != nil {
				return nil, err
			}
			written := branchWritten{Repository: repo.FullName, Branch: made.Name, URL: forge.BranchAddress(repo.Record, made.Name)}
			if made.Commit != nil {
				written.Commit = made.Commit.ID
			}
			if written.Commit != repo.Commit {
				written.Planned = repo.Commit
				v.Remark("the branch is at another commit than was planned: something took the commit's id for its name in the meantime")
			}
			if made.Name != a.branch {
				v.Remark("the branch has another name than was asked for")
			}
			return written, nil
		},
	}, nil
}

// branchIsFree refuses a name that is a branch's or a tag's already, or that git
// could not keep beside one that is there.
func branchIsFree(v *gate.Visit, branch string) error {
	repo := v.Repo()
	if strings.EqualFold(branch, repo.DefaultBranch) && branch != repo.DefaultBranch {
		return gate.Refuse(gate.Conflict, "The default branch has this name in another spelling.").WithHint("Choose a name that nobody takes for it.")
	}
	for i, c := range branch + "/" {
		if c != '/' {
			continue
		}
		if err := absent(v.Gitea().BranchCommit(repo.Name, branch[:i])); err != nil {
			if i < len(branch) {
				return orRefusal(err, "A branch is called as this name begins; git keeps no branch below another.")
			}
			return orRefusal(err, "There is a branch of this name already.")
		}
	}
	if err := absent(v.Gitea().TagCommit(repo.Name, branch)); err != nil {
		return orRefusal(err, "There is a tag of this name.")
	}
	return nil
}

// unshadowed refuses a commit whose id is the name of a branch or a tag: git would
// take that for it.
func unshadowed(v *gate.Visit, commit string) error {
	err := v.Gitea().Unshadowed(v.Repo().Name, commit)
	if err != nil && forge.From(err).Kind == forge.NotFound {
		return gate.Refuse(gate.Conflict, "A branch or a tag is called by this commit's id, and would be taken for it; nothing was written.").
			WithHint("Somebody has to rename it first.")
	}
	return err
}
