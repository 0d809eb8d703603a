package gate

import (
	"strings"

	"aegis/forge"
	"aegis/gate/caller"
	"aegis/internal/canon"
)

// askAhead sends what the call will ask for while Gitea is still asked what its names
// stand for, so that somebody who is far away waits once. It is under the name that
// the policy has passed, and to read. Nothing of an answer is looked at before its turn
// comes: see [forge.Client.Ahead].
//
// It waits for a human's yes, and, where policy hides repositories, for the first record of
// each: that one may tell that it is a fork of what is hidden. Of what the caller knows to
// be refused nothing is asked.
func (w *world) askAhead() {
	target := w.prepared.Target
	id, met := w.caller.Heads.Met(target.repo)
	if w.prepared.Ahead == nil || w.consent.approval != nil {
		return
	}
	if met && !w.foresees(id) || !met && w.policy.CanHideRepositories() {
		return
	}
	ask := w.client.Ahead(target.repo)
	commit := ""
	if target.commit {
		if commit = w.askForRef(ask, target.repo, target.ref); commit == "" || !met {
			return
		}
	}
	w.prepared.Ahead(ask, commit)
}

// foresees reports whether the call would be let through, without a human, if its name
// were still whose it was when the caller met it: by all that is remembered of what that
// repository was called, and was forked from.
func (w *world) foresees(id int64) bool {
	target := w.prepared.Target
	known := new(facts)
	j := &judge{request: w.request, facts: known, knowing: w.request.knowing(known)}
	j.identified(target.repo, id)
	record := j.remembered(&forge.Repository{ID: id, FullName: target.repo.String()})
	j.repo = &Resolved{Name: target.repo, ID: id, Record: record}
	if d := j.decide(j.names()); !d.Allow || d.Ask {
		return false
	}
	if _, refusal := j.lineage(target.repo, record, false); refusal != nil {
		return false
	}
	shows := target.reading == noPath || j.decidePath(target.path, target.reading == folderPath).Allow
	return shows && len(j.missing) == 0
}

// askForRef asks what [world.resolveRefIn] will ask, and returns the commit that will
// come of it, as far as one can guess.
func (w *world) askForRef(ask *forge.Reader, repo canon.Repo, ref canon.Ref) (commit string) {
	if id, ok := ref.Commit(); ok {
		return w.askForCommit(ask, repo, strings.ToLower(id))
	}
	known := w.caller.Heads.Of(repo, ref)
	if ref.IsZero() {
		ref, _ = canon.ParseRef(w.usualBranch(repo))
	}
	if name, ok := ref.Branch(); ok {
		_, _ = ask.BranchCommit(repo, name)
	}
	if name, ok := ref.Tag(); ok && (strings.HasPrefix(known.Ref, "refs/tags/") || ref.String() != name) {
		_, _ = ask.TagCommit(repo, name)
		if known.Commit != "" {
			_, _ = ask.CommitID(repo, known.Commit)
		}
	}
	return known.Commit
}

// askForCommit asks what [world.claim] will ask. A commit that the caller has come by will be
// read; another id may be a tree's, and is not read at before it is known to be none. What
// a pull request brings is not either: policy may hide by now where it comes from.
func (w *world) askForCommit(ask *forge.Reader, repo canon.Repo, id string) (commit string) {
	_, _ = ask.CommitID(repo, id)
	owner, _ := w.caller.Heads.Met(repo)
	if known := w.caller.Origins.Of(owner, id); known.By == caller.ByBranch || known.Sure && known.By != caller.ByPull {
		return id
	}
	_, _ = ask.Reaches(repo, w.usualBranch(repo), id)
	return ""
}

// usualBranch is what the default branch is called, as far as one can guess.
func (w *world) usualBranch(repo canon.Repo) string {
	if known := w.caller.Heads.Of(repo, canon.Ref{}); known.Ref != "" {
		return known.Ref
	}
	return "refs/heads/main"
}

// noteHead remembers what the target's ref was, for the next call, if that was a branch or
// a tag. A commit's id or its begin is none, see [world.askForCommit].
func (w *world) noteHead(target Target) {
	if w.repo.Ref != "" && w.repo.Commit != "" {
		w.caller.Heads.Note(target.repo, target.ref, caller.Head{Ref: w.repo.Ref, Commit: w.repo.Commit})
	}
}
