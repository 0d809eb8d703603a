package gate

import (
	"slices"
	"sync"

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

// ids are what a call knows of names: whose they are, or were at different
// moments of it. It is safe for concurrent use.
type ids struct {
	mu sync.Mutex
	of map[canon.Repo][]int64
}

func (n *ids) add(name canon.Repo, id int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.of == nil {
		n.of = make(map[canon.Repo][]int64)
	}
	if !slices.Contains(n.of[name], id) {
		n.of[name] = append(n.of[name], id)
	}
}

func (n *ids) get(name canon.Repo) []int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.of[name])
}

// identify is how the policy of a call learns more of repositories than their
// names.
func (v *Visit) identify(repo canon.Repo) policy.Identity {
	who := policy.Identity{IDs: v.ids.get(repo)}
	for _, id := range who.IDs {
		names, _ := v.caller.Identities.Of(id)
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
func (v *Visit) recognise(record *forge.Repository) {
	v.recogniseName(record.ID, record.FullName, false)
	if !record.Fork || record.ID <= 0 {
		return
	}
	parent := int64(caller.Unseen)
	if record.Parent != nil && record.Parent.ID > 0 {
		parent = record.Parent.ID
		v.recogniseName(parent, record.Parent.FullName, true)
		if record.Parent.Fork { // of what, Gitea tells when it is asked for
			v.caller.Identities.Note(parent, canon.Repo{}, caller.Unseen)
		}
	}
	v.caller.Identities.Note(record.ID, canon.Repo{}, parent)
}

// recogniseName notes a name of a repository. It is remembered if a rule is about it,
// and if it is a parent's in any case.
func (v *Visit) recogniseName(id int64, fullName string, remember bool) {
	name, err := canon.ParseFullName(fullName)
	if err != nil || id <= 0 {
		return
	}
	v.ids.add(name, id)
	if remember || v.policy.Concerns(name) {
		v.caller.Identities.Note(id, name, 0)
	}
}

// remembered is a record with the parent that the session knows of, where Gitea
// does not say that there is one any more.
func (v *Visit) remembered(record *forge.Repository) *forge.Repository {
	_, parent := v.caller.Identities.Of(record.ID)
	if record.Fork || parent == 0 {
		return record
	}
	orphan := *record
	orphan.Fork = true
	if names, _ := v.caller.Identities.Of(parent); len(names) > 0 {
		orphan.Parent = &forge.Repository{ID: parent, FullName: names[0].String()}
		v.ids.add(names[0], parent)
	}
	return &orphan
}

// judgeKnown decides once more on a repository of the call, now that its record
// was seen.
func (v *Visit) judgeKnown(name canon.Repo) *Refusal {
	if name != v.prepared.Target.repo {
		return v.judgeSecond(name)
	}
	if refusal := v.checkPolicy(); refusal != nil {
		return refusal
	}
	return v.checkLanding()
}
