package gate

import (
	"strings"

	"aegis/forge"
	"aegis/internal/canon"
)

// otherRef is [Visit.OtherRef].
func (w *world) otherRef(owner canon.Owner, ref canon.Ref) (*Resolved, error) {
	if owner.IsZero() || owner.String() == w.repo.Name.Owner() {
		same := *w.repo
		return &same, w.resolveRefIn(&same, ref)
	}
	name, err := w.relativeOf(owner)
	if err != nil {
		return nil, err
	}
	if refusal := w.judgeOther(name); refusal != nil {
		return nil, refusal
	}
	w.client.LookUp(name)
	other, err := w.resolved(name)
	if err != nil {
		return nil, err
	}
	if !related(w.repo.Record, other.Record) {
		return nil, Refuse(NotFound, "This owner's repository of that name is not of the same line of forks.")
	}
	w.client.Allow(name)
	w.others = append(w.others, other)
	if w.writes() {
		w.strange(name.Owner(), w.repo.Name) // whoever writes there answers to its owner
	} else {
		w.strange("", w.repo.Name)
	}
	return other, w.resolveRefIn(other, ref)
}

// judgeOther decides whether a call may read from its other repository.
func (w *world) judgeOther(name canon.Repo) *Refusal {
	if w.writes() { // which it carries from there: that is a reading
		return refused(w.judge().decide(reading(name)))
	}
	d := w.judge().decide(w.caseOf(name))
	if d.Allow && d.Ask && w.consent.approval == nil { // it is too late to ask by now
		r := Refuse(ApprovalUnavailable, "A human has to approve what is read from %s, and is asked only about a call that names it as its repository.", name)
		r.Rule, r.of = d.AskRule.String(), &d
		return r
	}
	return w.consent.judged(d)
}

// join makes a record's repository, which policy has to show, one of the call's: what
// the call shows of files came from there, too, so that its rules on paths count as the
// target's do. It reports whether policy shows it.
func (w *world) join(record *forge.Repository) bool {
	name, err := canon.ParseFullName(record.FullName)
	if err != nil || !w.showsRepository(record) {
		return false
	}
	w.others = append(w.others, &Resolved{Name: name, ID: record.ID, FullName: record.FullName, Record: record})
	return true
}

// relativeOf is the name to look for: the parent's if it is the owner's, else
// the target's own. A fork usually keeps it.
func (w *world) relativeOf(owner canon.Owner) (canon.Repo, error) {
	if parent := w.repo.Record.Parent; parent != nil {
		if name, err := canon.ParseFullName(parent.FullName); err == nil && name.Owner() == owner.String() {
			return name, nil
		}
	}
	return canon.ParseRepo(owner.String(), w.repo.Name.Name())
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
