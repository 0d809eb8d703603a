package gate

import (
	"aegis/forge"
	"aegis/gate/policy"
	"aegis/internal/canon"
)

// maxOpenPages bounds how many open pull requests of a parent are looked at, in
// pages of the most that Gitea gives.
const maxOpenPages = 20

// lookAtPullRequests finds out whether what is committed shows in the repository that
// the target was forked from. A branch that an open pull request comes from is
// shown there as it is pushed to, to everybody who sees that one.
func (w *world) lookAtPullRequests(target Target) error {
	if len(target.writes) == 0 || target.branch == "" || w.policy.Flow().PrivateToPublic == policy.Allow {
		return nil
	}
	record := w.repo.Record
	for range maxLineage {
		if !record.Fork {
			return nil
		}
		parent, err := w.parentOf(record)
		if err != nil || parent == nil {
			return err
		}
		name, err := canon.ParseFullName(parent.FullName)
		if err != nil {
			return err
		}
		if to := (place{name: name, visibility: w.audience(parent), shows: true}); w.tells(to.visibility) {
			shown, err := w.shownByPullRequest(name, target.branch)
			if err != nil {
				return err
			}
			if shown {
				w.found.referred = append(w.found.referred, to)
			}
		}
		record = parent
	}
	return nil
}

// parentOf is the whole record of what a repository was forked from, nil if it
// can't be seen: then it is not one that more people see.
func (w *world) parentOf(record *forge.Repository) (*forge.Repository, error) {
	if record.Parent == nil {
		return nil, nil
	}
	if !record.Parent.Fork || record.Parent.Parent != nil {
		return record.Parent, nil
	}
	name, err := canon.ParseFullName(record.Parent.FullName)
	if err != nil {
		return nil, err
	}
	w.client.LookUp(name)
	parent, err := w.client.Repository(name)
	if err != nil && isHidden(err) {
		return nil, nil
	}
	return parent, err
}

// tells reports whether there is anything that must not be seen by those who see a
// repository of a visibility.
func (w *world) tells(to Visibility) bool {
	_, _, ok := w.caller.Marks.Narrowest(to, w.since())
	return ok && to.Rank() > recorded(w.repo.Record).WhenWritten().Rank()
}

// shownByPullRequest reports whether an open pull request of a repository comes from a branch
// of the target, or whether that can't be told.
func (w *world) shownByPullRequest(in canon.Repo, branch string) (bool, error) {
	aside := w.way.Client(w.ctx, w.grant(in)) // no plan is to read there
	defer aside.Close()
	for page := 1; page <= maxOpenPages; page++ {
		pulls, more, err := aside.PullRequests(in, forge.Page{Page: page, Limit: 50}, "open")
		if err != nil {
			return true, orHidden(err)
		}
		for _, pull := range pulls {
			if pull.Head.RepoID == w.repo.ID && pull.Head.Ref == branch {
				return true, nil
			}
		}
		if !more {
			return false, nil
		}
	}
	return true, nil
}

// isHidden reports whether Gitea does not show what was asked for.
func isHidden(err error) bool {
	switch forge.From(err).Kind {
	case forge.NotFound, forge.Off, forge.Forbidden, forge.Moved:
		return true
	}
	return false
}

// orHidden is err unless it only says that something is hidden.
func orHidden(err error) error {
	if isHidden(err) {
		return nil
	}
	return err
}
