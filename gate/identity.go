package gate

import (
	"slices"

	"aegis/forge"
	"aegis/gate/caller"
	"aegis/gate/policy"
	"aegis/internal/canon"
)

// Names change hands while somebody is at the door. So a caller remembers by id what
// its repositories were called and what they were forked from ([caller.Identities]),
// as far as a policy can have a rule on that. A repository is held to the rules of
// each name that it was seen under, and a fork to its parents', whatever Gitea says
// later. It is the policy in force that judges them: what it denies no longer is
// denied no longer.

// identify is how the policy of a call learns more of repositories than their
// names.
func (f *facts) identify(by *caller.Caller, repo canon.Repo) policy.Identity {
	who := policy.Identity{IDs: f.idsOf(repo)}
	for _, id := range who.IDs {
		names, _ := by.Identities.Of(id)
		for _, name := range names {
			if name != repo && !slices.Contains(who.Former, name) {
				who.Former = append(who.Former, name)
			}
		}
	}
	return who
}

// recognise notes who a record is of, and its parent. From here on the policy of this
// call judges the record's name by it.
func (j *judge) recognise(record *forge.Repository) {
	j.recogniseName(record.ID, record.FullName, false)
	if !record.Fork || record.ID <= 0 {
		return
	}
	parent := int64(caller.Unseen)
	if record.Parent != nil && record.Parent.ID > 0 {
		parent = record.Parent.ID
		j.recogniseName(parent, record.Parent.FullName, true)
		if record.Parent.Fork { // of what, Gitea tells when it is asked for
			j.caller.Identities.Note(parent, canon.Repo{}, caller.Unseen)
		}
	}
	j.caller.Identities.Note(record.ID, canon.Repo{}, parent)
}

// recogniseName notes a name of a repository. It is remembered if a rule is about it,
// and if it is a parent's in any case.
func (j *judge) recogniseName(id int64, fullName string, remember bool) {
	name, err := canon.ParseFullName(fullName)
	if err != nil || id <= 0 {
		return
	}
	j.identified(name, id)
	if remember || j.policy.Concerns(name) {
		j.caller.Identities.Note(id, name, 0)
	}
}

// remembered is a record with the parent that the session knows of, where Gitea
// does not say that there is one any more.
func (j *judge) remembered(record *forge.Repository) *forge.Repository {
	_, parent := j.caller.Identities.Of(record.ID)
	if record.Fork || parent == 0 {
		return record
	}
	orphan := *record
	orphan.Fork = true
	if names, _ := j.caller.Identities.Of(parent); len(names) > 0 {
		orphan.Parent = &forge.Repository{ID: parent, FullName: names[0].String()}
		j.identified(names[0], parent)
	}
	return &orphan
}
