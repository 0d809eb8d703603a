package gate

import (
	"errors"

	"aegis/forge"
	"aegis/gate/caller"
	"aegis/gate/policy"
	"aegis/internal/canon"
)

// resolve asks Gitea what the decided names stand for, decides what depends on it,
// and has a tool that changes something plan. A refusal is the call's outcome.
func (w *world) resolve() error {
	return w.contain(func() error {
		target := w.prepared.Target
		if target.kind == everywhere {
			return nil
		}
		w.askAhead()
		for _, step := range []func(Target) error{
			w.resolveRepository, w.resolveLanding, w.resolveReferences, w.lookAtPullRequests, w.refuseFlow, w.refuseFrozen, w.resolveRef, w.refuseProtected, w.resolvePath, w.judgeWrittenPaths,
		} {
			if err := step(target); err != nil {
				return err
			}
		}
		return w.makePlan()
	})
}

// makePlan asks a tool that changes something what it is about to do.
func (w *world) makePlan() error {
	if w.prepared.Plan == nil {
		return nil
	}
	w.found.looked = true
	return w.contain(func() (err error) {
		if w.plan, err = w.prepared.Plan(w.ctx, &Visit{w}); err != nil || w.plan == nil {
			return err
		}
		for i, from := range w.plan.From {
			if w.plan.From[i] = w.own(from); w.plan.From[i] == nil {
				return errors.New("a plan carries content from a repository that the call has not resolved")
			}
		}
		if err := w.refuseForbidden(); err != nil {
			return err
		}
		return w.judgeBrought(w.plan.Brings)
	})
}

func (w *world) resolveRepository(target Target) (err error) {
	if w.repo, err = w.resolved(target.repo); err != nil {
		w.caller.Heads.Forget(target.repo)
		return err
	}
	var refusal *Refusal
	if target.reading != noPath || target.writes != nil {
		w.settle(func(j *judge) { _, refusal = j.ancestorsOf(w.repo) })
	}
	if refusal != nil {
		return refusal
	}
	w.caller.Heads.Meet(target.repo, w.repo.ID)
	return nil
}

// resolved asks for a repository and judges what only its record tells.
func (w *world) resolved(repo canon.Repo) (*Resolved, error) {
	record, err := w.client.Repository(repo)
	if err != nil {
		return nil, err
	}
	name, err := canon.ParseFullName(record.FullName)
	if err != nil || name != repo {
		return nil, w.moved(name)
	}
	w.recognise(record)
	if refusal := w.judgeKnown(name); refusal != nil {
		return nil, refusal
	}
	if refusal := w.lineage(name, record); refusal != nil {
		return nil, refusal
	}
	w.client.Expect(name, record)
	return &Resolved{
		Name: name, ID: record.ID, FullName: record.FullName, DefaultBranch: record.DefaultBranch,
		Visibility: VisibilityOf(record), Empty: record.Empty, Record: record,
	}, nil
}

// judgeKnown decides once more on a repository of the call, now that its record
// was seen.
func (w *world) judgeKnown(name canon.Repo) *Refusal {
	if name != w.prepared.Target.repo {
		return w.judgeOther(name)
	}
	j := w.judge()
	if refusal := w.consent.judged(j.decide(j.names())); refusal != nil || !w.writes() {
		return refusal
	}
	return refused(j.decide(j.landing(policy.AskedLater)))
}

// resolveRef turns the target's ref into a commit.
func (w *world) resolveRef(target Target) error {
	if !target.commit || w.repo.Empty && target.nothing && target.path.IsRoot() && (w.writes() || target.ref.IsZero()) {
		return nil
	}
	if err := w.resolveRefIn(w.repo, target.ref); err != nil {
		var refusal *Refusal
		if target.branch != "" && target.ref.String() == "refs/heads/"+target.branch && (isNotFound(err) || errors.As(err, &refusal) && refusal.Code == NotFound && !w.repo.Empty) {
			return Refuse(NotFound, "There is no such branch.").WithHint("create_branch makes one.")
		}
		return err
	}
	w.noteHead(target)
	return nil
}

// resolveRefIn turns a ref of a repository into a commit; the zero ref stands
// for the default branch. A branch wins over a tag, a tag over what a commit's id begins
// with, and a commit id has to be a commit's: Gitea would serve a tree's as well.
func (w *world) resolveRefIn(repo *Resolved, ref canon.Ref) (err error) {
	repo.Ref, repo.Commit, repo.Head, repo.origin = "", "", forge.Head{}, caller.Origin{}
	if repo.Empty {
		return nothingCommitted()
	}
	if ref.IsZero() {
		if ref, err = canon.ParseRef("refs/heads/" + repo.DefaultBranch); err != nil {
			return Refuse(NotFound, "The default branch has a name that can't be asked for.").WithHint("Give a ref.")
		}
	}
	if id, ok := ref.Commit(); ok {
		if repo.Commit, err = w.client.CommitID(repo.Name, id); err != nil {
			return w.noSuchRef(err)
		}
		return w.claim(repo)
	}
	if name, ok := ref.Branch(); ok {
		head, err := w.client.Branch(repo.Name, name)
		if err == nil || !isNotFound(err) {
			repo.Ref, repo.Commit, repo.Head, repo.origin = "refs/heads/"+name, head.Commit, head, caller.Origin{By: caller.ByBranch}
			w.caller.Origins.Note(repo.ID, repo.origin, head.Commit)
			return err
		}
	}
	if name, ok := ref.Tag(); ok {
		commit, err := w.client.TagCommit(repo.Name, name)
		if short, may := ref.ShortCommit(); may && isNotFound(err) {
			if repo.Commit, err = w.client.ShortCommitID(repo.Name, short); err != nil {
				return w.noSuchRef(err)
			}
			return w.claim(repo)
		}
		repo.Ref, repo.Commit, repo.origin = "refs/tags/"+name, commit, caller.Origin{By: caller.ByTag}
		w.caller.Origins.Note(repo.ID, repo.origin, commit)
		return w.noSuchRef(err)
	}
	return w.noSuchRef(&forge.Error{Kind: forge.NotFound})
}

// nothingCommitted tells of a repository that Gitea takes for empty. It may have a tag.
func nothingCommitted() *Refusal {
	refusal := Refuse(NotFound, "The repository is empty: it has no branch yet.").
		WithHint("A first commit makes its first branch: commit_files, where this session may write there, or a human.")
	refusal.tells = true
	return refusal
}

func (w *world) noSuchRef(err error) error {
	if isNotFound(err) {
		return Refuse(NotFound, "The repository has no such branch, tag or commit.").
			WithHint("Give a branch, a tag, refs/heads/…, refs/tags/… or a commit id: all 40 hex digits, or at least 7 that only one begins with. A commit counts if a branch, a tag or a pull request that you may see leads to it; of many branches list_commits has to be asked about the right one first.")
	}
	return err
}

// resolvePath holds the path against the rules of the repositories that the
// target was forked from, and one that passed as a folder against the policy for
// files, if a folder is not what Gitea has there.
func (w *world) resolvePath(target Target) error {
	if target.reading == noPath || target.path.IsRoot() {
		return nil
	}
	asFile := w.path(target.path, false)
	if target.reading == filePath && !asFile.Allow {
		return denied(asFile)
	}
	if target.reading == filePath || target.reading == anyPath && asFile.Allow {
		return nil
	}
	if asFolder := w.path(target.path, true); !asFolder.Allow {
		return denied(asFolder)
	}
	if target.reading == folderPath {
		return nil
	}
	tree, err := w.client.FolderTree(w.repo.Name, w.repo.Commit, target.path)
	if err != nil && !isNotFound(err) {
		return err
	}
	if tree == "" {
		return denied(asFile)
	}
	return nil
}

func isNotFound(err error) bool {
	var failure *forge.Error
	return errors.As(err, &failure) && failure.Kind == forge.NotFound
}
