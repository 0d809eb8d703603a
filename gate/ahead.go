package gate

import (
	"strings"

	"aegis/forge"
	"aegis/gate/caller"
	"aegis/internal/canon"
)

// usualBranch is taken for the default branch of a repository that the caller has not
// met yet. A wrong guess costs a request.
const usualBranch = "refs/heads/main"

// askAhead sends what the call will ask for while Gitea is still asked what its names
// stand for, so that somebody who is far away waits once. It is under the name that
// the policy has passed, and to read. Nothing of an answer is looked at before its turn
// comes: see [forge.Client.Ahead]. For a human's yes it waits as well.
func (w *world) askAhead() {
	target := w.prepared.Target
	if w.prepared.Ahead == nil || w.consent.approval != nil {
		return
	}
	ask := w.client.Ahead(target.repo)
	commit := ""
	if target.commit {
		if commit = w.askForRef(ask, target.repo, target.ref); commit == "" {
			return
		}
	}
	w.prepared.Ahead(ask, commit)
}

// askForRef asks what [world.resolveRefIn] will ask, and returns the commit that will
// come of it, as far as one can guess.
func (w *world) askForRef(ask *forge.Reader, repo canon.Repo, ref canon.Ref) (commit string) {
	if id, ok := ref.Commit(); ok {
		_, _ = ask.CommitID(repo, id)
		return strings.ToLower(id)
	}
	known := w.caller.Heads.Of(repo, ref)
	if ref.IsZero() {
		if ref, _ = canon.ParseRef(known.Ref); ref.IsZero() {
			ref, _ = canon.ParseRef(usualBranch)
		}
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

// noteHead remembers what the target's ref was, for the next call.
func (w *world) noteHead(target Target) {
	if _, id := target.ref.Commit(); !id && w.repo.Commit != "" {
		w.caller.Heads.Note(target.repo, target.ref, caller.Head{Ref: w.repo.Ref, Commit: w.repo.Commit})
	}
}
