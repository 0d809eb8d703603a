package gate

import (
	"errors"

	"aegis/forge"
	"aegis/gate/policy"
	"aegis/internal/canon"
)

// maxLineage bounds the parents of one fork. Forks of forks are rare; a longer line
// is refused.
const maxLineage = 10

// lineage refuses a fork with a denied parent, however far up, and returns
// its ancestors, the nearest first: a fork has the files of each, so a rule on
// their paths holds in it. paths says whether the call touches files at all. A
// parent that can't be seen can't be held against the policy; it is refused if
// policy hides any repository at all, or paths of one.
func (j *judge) lineage(name canon.Repo, record *forge.Repository, paths bool) (ancestors []canon.Repo, refusal *Refusal) {
	if !j.knowing.CanHideRepositories() && !(paths && j.knowing.CanHidePathsOfSome()) {
		return nil, nil
	}
	fork := name
	for range maxLineage {
		record = j.remembered(record)
		if !record.Fork || j.knowing.ForksSeparate(name) {
			return ancestors, nil
		}
		if record.Parent == nil {
			return nil, j.unseenParent(fork)
		}
		parent, err := canon.ParseFullName(record.Parent.FullName)
		if err != nil {
			return nil, j.unseenParent(fork)
		}
		if d := j.knowing.Repository(parent, j.tool.Name); !d.Allow {
			return nil, j.deniedParent(d, parent)
		}
		ancestors = append(ancestors, parent)
		name, record = parent, record.Parent
		if record.Fork && record.Parent == nil { // Gitea embeds one generation
			if record, refusal = j.ancestor(parent); refusal != nil {
				return nil, refusal
			}
		}
	}
	return nil, j.unseenParent(fork)
}

// ancestor is the record of a repository that something was forked from.
func (j *judge) ancestor(name canon.Repo) (*forge.Repository, *Refusal) {
	found, known := j.answer(aboutParent, name)
	switch {
	case !known:
		return nil, unseenParent()
	case found.err != nil:
		return nil, j.lineageFailed(found.err)
	}
	j.recognise(found.record)
	return found.record, nil
}

// ancestorsOf returns what a repository was forked from. It is found out when the
// first path has to be judged.
func (j *judge) ancestorsOf(r *Resolved) ([]canon.Repo, *Refusal) {
	if r.traced {
		return r.ancestors, r.untraceable
	}
	lacked := j.lacks
	ancestors, refusal := j.lineage(r.Name, r.Record, true)
	if j.lacks == lacked { // nothing was missing: this is final
		r.ancestors, r.untraceable, r.traced = ancestors, refusal, true
	}
	return ancestors, refusal
}

// path judges a path of the call's repositories by their own rules and by
// those of the repositories that they were forked from.
func (j *judge) path(path canon.Path, folder bool) policy.Decision {
	d := j.pathIn(j.repo, path, folder)
	for _, other := range j.others {
		if d.Allow {
			d = j.pathIn(other, path, folder)
		}
	}
	return d
}

func (j *judge) pathIn(r *Resolved, path canon.Path, folder bool) policy.Decision {
	decide := j.knowing.Path
	if folder {
		decide = j.knowing.Folder
	}
	ancestors, refusal := j.ancestorsOf(r)
	if refusal != nil {
		return policy.Decision{Code: policy.PathDenied}
	}
	d := decide(r.Name, path)
	for _, parent := range ancestors {
		if !d.Allow {
			break
		}
		d = decide(parent, path)
	}
	return d
}

// lineageFailed tells a parent that can't be seen from a Gitea that fails.
func (j *judge) lineageFailed(err error) *Refusal {
	var failure *forge.Error
	if errors.As(err, &failure) {
		switch failure.Kind {
		case forge.NotFound, forge.Forbidden, forge.Unauthorized, forge.Moved:
			return unseenParent()
		}
	}
	return j.refusalOf(err)
}

const forksHint = "A section for this fork may say forks: separate."

// deniedParent does not repeat the parent's reason or name: they are the
// hidden repository's.
func (j *judge) deniedParent(d policy.Decision, parent canon.Repo) *Refusal {
	r := Refuse(PolicyDenied, "Policy denies a repository that this one is a fork of.").WithHint(forksHint)
	c := j.caseOf(parent)
	c.Reading = true
	asked := j.decide(c)
	r.Rule, r.of = d.Rule.String(), &asked
	return r
}

func unseenParent() *Refusal {
	r := Refuse(PolicyDenied, "This is a fork of a repository that can't be seen, so that policy can't be asked about it.").WithHint(forksHint)
	r.Rule = "forks: inherit"
	return r
}

// unseenParent is the refusal of a fork, as it is recorded.
func (j *judge) unseenParent(fork canon.Repo) *Refusal {
	c := j.caseOf(fork)
	c.Reading, c.Untraceable = true, true
	asked := j.decide(c)
	r := unseenParent()
	r.of = &asked
	return r
}
