package gate

import (
	"strings"

	"aegis/forge"
	"aegis/internal/canon"
)

// Second resolves a call's other ref: in the target repository if owner is zero
// or the target's, and else in that owner's repository of the same line of
// forks: the one that the target was forked from, a fork of the target, or
// another fork of the same parent. Such a repository is judged as the target
// was, and from then on a file is shown only if the rules of both show its path.
//
// A repository is looked for by the target's name. A fork under another name is
// not found.
func (v *Visit) Second(owner canon.Owner, ref canon.Ref) (*Resolved, error) {
	if owner.IsZero() || owner.String() == v.repo.Name.Owner() {
		same := *v.repo
		return &same, v.resolveRefIn(&same, ref)
	}
	name, err := v.relativeOf(owner)
	if err != nil {
		return nil, err
	}
	if refusal := v.judgeSecond(name); refusal != nil {
		return nil, refusal
	}
	v.client.Allow(name)
	second, err := v.resolved(name)
	if err != nil {
		return nil, err
	}
	if !related(v.repo.Record, second.Record) {
		return nil, Refuse(NotFound, "This owner's repository of that name is not of the same line of forks.")
	}
	v.others = append(v.others, second)
	if v.writes() {
		v.strange(name.Owner(), v.repo.Name) // whoever writes there answers to its owner
	} else {
		v.strange("", v.repo.Name)
	}
	return second, v.resolveRefIn(second, ref)
}

// judgeSecond decides whether a call may read from its other repository.
func (v *Visit) judgeSecond(name canon.Repo) *Refusal {
	if v.writes() { // which it carries from there: that is a reading
		if d := v.policy.Repository(name, ""); !d.Allow {
			return denied(d)
		}
		return nil
	}
	d := v.policy.Decide(v.query(name))
	if d.Allow && d.Ask && v.approval == nil { // it is too late to ask by now
		r := Refuse(ApprovalUnavailable, "A human has to approve what is read from %s, and is asked only about a call that names it as its repository.", name)
		r.Rule = d.AskRule
		return r
	}
	return v.judged(d)
}

// Join makes record's repository, which policy has to show, one of the call's: what
// the call shows of files came from there, too, so that its rules on paths count as
// the target's do. It reports whether policy shows it.
func (v *Visit) Join(record *forge.Repository) bool {
	name, err := canon.ParseFullName(record.FullName)
	if err != nil || !v.ShowsRepository(record) {
		return false
	}
	v.others = append(v.others, &Resolved{Name: name, ID: record.ID, FullName: record.FullName, Record: record})
	return true
}

// relativeOf is the name to look for: the parent's if it is the owner's, else
// the target's own. A fork usually keeps it.
func (v *Visit) relativeOf(owner canon.Owner) (canon.Repo, error) {
	if parent := v.repo.Record.Parent; parent != nil {
		if name, err := canon.ParseFullName(parent.FullName); err == nil && name.Owner() == owner.String() {
			return name, nil
		}
	}
	return canon.ParseRepo(owner.String(), v.repo.Name.Name())
}

// related reports whether two repositories are parent and fork, or forks of one
// parent. Gitea compares repositories that are not.
func related(a, b *forge.Repository) bool {
	origin := func(r *forge.Repository) int64 {
		if r.Parent == nil {
			return 0
		}
		return r.Parent.ID
	}
	return origin(a) == b.ID || origin(b) == a.ID || origin(a) != 0 && origin(a) == origin(b)
}

// SplitHead takes "owner:ref" apart; without an owner it is zero. Its errors say
// which rule is broken.
func SplitHead(s string) (owner canon.Owner, ref canon.Ref, err error) {
	if name, rest, ok := strings.Cut(s, ":"); ok {
		if owner, err = canon.ParseOwner(name); err != nil {
			return canon.Owner{}, canon.Ref{}, err
		}
		s = rest
	}
	ref, err = canon.ParseRef(s)
	return owner, ref, err
}
