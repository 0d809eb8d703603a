package gate

import (
	"aegis/forge"
	"aegis/forge/gitea"
	"aegis/gate/caller"
	"aegis/gate/policy"
	"aegis/internal/canon"
)

// Visit is what a handler sees of its call: what was decided and resolved, and what
// asks Gitea for it. It is the handler's until that returns.
type Visit struct{ world *world }

// Resolved is a repository as Gitea resolved it for this call.
type Resolved struct {
	Name          canon.Repo
	ID            int64
	FullName      string // as Gitea spells it
	DefaultBranch string
	Visibility    Visibility
	Empty         bool
	Record        *forge.Repository // the record it was resolved from
	Ref           string            // refs/heads/… or refs/tags/…, "" if the call gave a commit id
	Commit        string            // 40 hex digits, "" if the target needs none
	Head          forge.Head        // of the branch that Ref is, zero if it is none
	origin        caller.Origin     // what leads to Commit

	traced      bool         // whether the next two are known
	ancestors   []canon.Repo // what it was forked from, as far as their rules hold in it
	untraceable *Refusal     // why they can not be known
}

// copied is a copy for a handler: what it does to that changes nothing of what the gate
// decides by.
func (r *Resolved) copied() *Resolved {
	if r == nil {
		return nil
	}
	resolved := *r
	resolved.Record = copiedRecord(r.Record)
	return &resolved
}

func copiedRecord(record *forge.Repository) *forge.Repository {
	if record == nil {
		return nil
	}
	r := *record
	r.Parent = copiedRecord(r.Parent)
	if r.Owner != nil {
		owner := *r.Owner
		r.Owner = &owner
	}
	return &r
}

// Gitea returns what asks Gitea for this call: bound to its context and to the
// repositories that the gate granted, and to reading.
func (v *Visit) Gitea() *forge.Reader { return v.world.client.Reader }

// Repo returns the target repository as it was resolved, nil for a target
// [Everywhere]. It is the handler's own copy.
func (v *Visit) Repo() *Resolved { return v.world.repo.copied() }

// ShowsFile reports whether policy shows the target repository's file at path.
func (v *Visit) ShowsFile(path canon.Path) (shows bool) {
	v.world.settle(func(j *judge) { shows = j.showsFile(path) })
	return shows
}

// ShowsParent reports whether policy shows what record was forked from.
func (v *Visit) ShowsParent(record *forge.Repository) bool {
	return v.world.judge().showsParent(record)
}

// ParentName returns the name of the repository that the target was forked from. It is
// "" if there is none, if policy hides it, or if the token can't read it. Gitea tells
// a fork's readers of parents that are none of their business.
func (v *Visit) ParentName() string {
	w := v.world
	if w.repo == nil || !v.ShowsParent(w.repo.Record) {
		return ""
	}
	parent := w.repo.Record.Parent.FullName
	name, err := canon.ParseFullName(parent)
	if err != nil {
		return ""
	}
	w.client.LookUp(name)
	if _, err := w.client.Repository(name); err != nil {
		return ""
	}
	return parent
}

// OtherRef resolves a call's other ref. If owner is zero or the target's, it is one of
// the target's. Else it is one of that owner's repository of the same line of forks:
// the target's parent, its fork, or another fork of its parent. Such a repository is
// judged as the target was. From then on a file is shown only if the rules of both
// show its path.
//
// A repository is looked for by the target's name. A fork under another name is not
// found.
func (v *Visit) OtherRef(owner canon.Owner, ref canon.Ref) (*Resolved, error) {
	other, err := v.world.otherRef(owner, ref)
	return other.copied(), err
}

// JoinHead holds the call to the rules of the repository that a pull request of repo
// comes from, and reports whether policy shows it.
func (v *Visit) JoinHead(repo *Resolved, pull *gitea.PullRequest) bool {
	return v.world.joinHead(repo, pull)
}

// ShowsHead reports whether policy shows what a pull request of the target comes from.
func (v *Visit) ShowsHead(pull *gitea.PullRequest) bool { return v.world.showsHead(v.world.repo, pull) }

// JudgesHeads reports whether policy has any rule that depends on where a pull request
// comes from, or on who proposes it.
func (v *Visit) JudgesHeads() bool {
	w := v.world
	return v.HidesHeads() || w.knowing.Untrusted(w.target()) == policy.Hide || w.policy.Flow().UntrustedToWrite != policy.Allow
}

// HidesHeads reports whether policy can hide what a pull request comes from.
func (v *Visit) HidesHeads() bool { return v.world.policy.CanHideRepositories() }

// Lands refuses a branch or a tag, refs/heads/… or refs/tags/…, on which policy
// lets nothing run. It is for plans that learn it from Gitea.
func (v *Visit) Lands(ref canon.Ref) error { return v.world.lands(ref) }

// Attribute tells the gate who wrote what the call is about to show or to carry along,
// where that does not say it itself. It takes a login, or "" for somebody unknown.
func (v *Visit) Attribute(login string) { v.world.strange(login, v.world.target()) }

// HidesTextOf reports whether policy hides what somebody writes in the target.
func (v *Visit) HidesTextOf(login string) (hides bool) {
	v.world.settle(func(j *judge) { hides = j.hides(login, j.target()) })
	return hides
}

// Before notes commits that lie before the one that repo was resolved to: they are
// the repository's as that one is.
func (v *Visit) Before(repo *Resolved, commits ...string) {
	from := repo.origin
	from.Sure = false
	if own := v.world.own(repo); own != nil {
		v.world.caller.Origins.Note(own.ID, from, commits...)
	}
}

// OnBranches notes commits that branches of the target point to.
func (v *Visit) OnBranches(commits ...string) {
	v.world.caller.Origins.Note(v.world.repo.ID, caller.Origin{By: caller.ByBranch}, commits...)
}

// InPullRequest notes commits that a pull request of the target brings.
func (v *Visit) InPullRequest(number int64, commits ...string) {
	v.world.caller.Origins.Note(v.world.repo.ID, caller.Origin{By: caller.ByPull, Pull: number}, commits...)
}

// SawNarrow tells the gate that the plan has looked at what fewer people see than the
// repository: a draft, say. Whatever comes of the call then tells of it.
func (v *Visit) SawNarrow() { v.world.found.narrow = true }

// Remark is for a tool to note what turned out otherwise than planned.
func (v *Visit) Remark(text string) { v.world.found.remark(text) }

// Code reads the files of the target's commit that policy shows and reader wants.
//
// Gitea has no way to read many files but the archive of all. What is in it is told by
// its content, never by its name. A content is looked at under the paths where the
// commit's tree has that blob, if policy shows them now. Everything else in the
// archive is dropped unread. Texts are scrubbed whole before anybody looks at them,
// and kept for the caller's next search, at most [caller.MaxCode] bytes.
func (v *Visit) Code(reader CodeReader) (CodeSeen, error) { return v.world.code(reader) }
