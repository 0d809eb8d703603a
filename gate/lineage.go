package gate

import (
	"errors"

	"aegis/forge"
	"aegis/gate/policy"
	"aegis/internal/canon"
)

// Bounds on looking for what a fork was forked from. Forks of forks are rare;
// a longer line, or more of them in one call, is refused.
const (
	maxLineage   = 10 // parents of one fork
	maxAncestors = 100
)

// judgeLineage refuses a fork with a denied parent, however far up, and returns
// its ancestors, the nearest first: a fork has the files of each, so a rule on
// their paths holds in it. paths says whether the call touches files at all. A
// parent that can't be seen can't be held against the policy; it is refused if
// policy hides any repository at all, or paths of one.
func (v *Visit) judgeLineage(name canon.Repo, record *forge.Repository, paths bool) (ancestors []canon.Repo, refusal *Refusal) {
	if !v.policy.CanHideRepositories() && !(paths && v.policy.CanHidePathsOfSome()) {
		return nil, nil
	}
	for range maxLineage {
		record = v.remembered(record)
		if !record.Fork || v.policy.ForksSeparate(name) {
			return ancestors, nil
		}
		if record.Parent == nil {
			return nil, unseenParent()
		}
		parent, err := canon.ParseFullName(record.Parent.FullName)
		if err != nil {
			return nil, unseenParent()
		}
		if d := v.policy.Repository(parent, v.tool.Name); !d.Allow {
			return nil, deniedParent(d)
		}
		ancestors = append(ancestors, parent)
		name, record = parent, record.Parent
		if record.Fork && record.Parent == nil { // Gitea embeds one generation
			if record, refusal = v.ancestor(parent); refusal != nil {
				return nil, refusal
			}
		}
	}
	return nil, unseenParent()
}

// ancestor returns the record of a repository that something was forked from,
// asking for each once a call.
func (v *Visit) ancestor(name canon.Repo) (*forge.Repository, *Refusal) {
	if found, ok := v.ancestors[name]; ok {
		return found.record, found.refusal
	}
	if len(v.ancestors) == maxAncestors {
		return nil, unseenParent()
	}
	v.client.Allow(name)
	record, err := v.client.Repository(name)
	found := ancestor{record: record}
	if err != nil {
		found = ancestor{refusal: v.lineageFailed(err)}
	} else {
		v.recognise(record)
	}
	if v.ancestors == nil {
		v.ancestors = make(map[canon.Repo]ancestor)
	}
	v.ancestors[name] = found
	return found.record, found.refusal
}

// ancestor is what was found where a parent was looked for.
type ancestor struct {
	record  *forge.Repository
	refusal *Refusal
}

// ancestorsOf returns what a repository was forked from. It is asked for when
// the first path has to be judged.
func (v *Visit) ancestorsOf(r *Resolved) ([]canon.Repo, *Refusal) {
	if !r.traced {
		r.ancestors, r.untraceable = v.judgeLineage(r.Name, r.Record, true)
		r.traced = true
	}
	return r.ancestors, r.untraceable
}

// judgePath judges a path of the call's repositories by their own rules and by
// those of the repositories that they were forked from.
func (v *Visit) judgePath(path canon.Path, folder bool) policy.Decision {
	d := v.judgePathIn(v.repo, path, folder)
	for _, other := range v.others {
		if d.Allow {
			d = v.judgePathIn(other, path, folder)
		}
	}
	return d
}

func (v *Visit) judgePathIn(r *Resolved, path canon.Path, folder bool) policy.Decision {
	judge := v.policy.Path
	if folder {
		judge = v.policy.Folder
	}
	ancestors, refusal := v.ancestorsOf(r)
	if refusal != nil {
		return policy.Decision{Code: string(PathDenied), Rule: refusal.Rule}
	}
	d := judge(r.Name, path)
	for _, parent := range ancestors {
		if !d.Allow {
			break
		}
		d = judge(parent, path)
	}
	return d
}

// lineageFailed tells a parent that can't be seen from a Gitea that fails.
func (v *Visit) lineageFailed(err error) *Refusal {
	var failure *forge.Error
	if errors.As(err, &failure) {
		switch failure.Kind {
		case forge.NotFound, forge.Forbidden, forge.Unauthorized, forge.Moved:
			return unseenParent()
		}
	}
	return v.refusalOf(err)
}

const forksHint = "A section for this fork may say forks: separate."

// deniedParent does not repeat the parent's reason or name: they are the
// hidden repository's.
func deniedParent(d policy.Decision) *Refusal {
	r := Refuse(PolicyDenied, "Policy denies a repository that this one is a fork of.").WithHint(forksHint)
	r.Rule = d.Rule
	return r
}

func unseenParent() *Refusal {
	r := Refuse(PolicyDenied, "This is a fork of a repository that can't be seen, so that policy can't be asked about it.").WithHint(forksHint)
	r.Rule = "forks: inherit"
	return r
}
