package gate

import (
	"strings"

	"aegis/forge"
	"aegis/gate/policy"
	"aegis/internal/canon"
)

// judge holds what a call touches and shows against the policy. It asks nobody:
// what it does not know it notes as missing, and decides as if that were hidden. The
// world answers what is missing and has it judged again, see [world.settle].
type judge struct {
	*request
	*facts
	knowing *policy.Policy // the policy, for somebody who knows the call's facts
	missing []question
	lacks   int // how often something was missing
}

// knowing is the call's policy for somebody who knows its facts.
func (r *request) knowing(f *facts) *policy.Policy {
	return r.policy.Knowing(func(repo canon.Repo) policy.Identity { return f.identify(r.caller, repo) })
}

// judgement is what policy says of a case.
type judgement struct {
	policy.Decision
	of policy.Case
	by *policy.Policy
}

// decide puts a case to the policy, with all that is known of its repository.
func (j *judge) decide(c policy.Case) judgement {
	c = j.filled(c)
	return judgement{j.policy.Decide(c), c, j.policy}
}

// filled is a case with who asks and what is known of its repository.
func (j *judge) filled(c policy.Case) policy.Case {
	c.Principal, c.Known = j.caller.Principal(), j.identify(j.caller, c.Repo)
	return c
}

// caseOf is the call's case about one of its repositories.
func (r *request) caseOf(repo canon.Repo) policy.Case {
	return policy.Case{Tool: r.tool.Name, Capability: r.tool.Capability, Repo: repo}
}

// reading is the case of what a call that may do more reads of a repository besides,
// by whatever tool.
func reading(repo canon.Repo) policy.Case {
	return policy.Case{Capability: policy.Read, Reading: true, Repo: repo}
}

// names is the case of the names as they were given.
func (r *request) names() policy.Case {
	target := r.prepared.Target
	c := r.caseOf(target.repo)
	if target.reading != noPath {
		c.Paths = []canon.Path{target.path}
		c.Folder = target.reading != filePath
	}
	return c
}

// landing is the case of where a write lands.
func (r *request) landing(standing policy.DefaultBranch) policy.Case {
	target := r.prepared.Target
	c := r.caseOf(target.repo)
	c.Paths, c.Branch, c.Default = target.paths(), target.branch, standing
	return c
}

// whole is the call's case with all that is known by now.
func (j *judge) whole() policy.Case {
	switch {
	case !j.writes():
		c := j.names()
		if j.repo != nil {
			c = j.withLineage(c, j.repo)
		}
		return j.filled(c)
	case j.repo == nil:
		return j.filled(j.landing(policy.AskedLater))
	}
	return j.filled(j.withLineage(j.landing(j.standingOf(j.prepared.Target.branch)), j.repo))
}

// withLineage adds to a case what its repository was forked from, as far as that was
// found out.
func (j *judge) withLineage(c policy.Case, r *Resolved) policy.Case {
	for _, ancestor := range r.ancestors {
		c.Lineage = append(c.Lineage, policy.Place{Name: ancestor, Identity: j.identify(j.caller, ancestor)})
	}
	c.Untraceable = r.untraceable != nil
	return c
}

// decidePath decides on a path of the call's repositories: by their own rules, and by
// those of the repositories that they were forked from.
func (j *judge) decidePath(path canon.Path, folder bool) (d judgement) {
	for i, r := range append([]*Resolved{j.repo}, j.others...) {
		c := j.caseOf(r.Name)
		if i > 0 && j.writes() {
			c = reading(r.Name)
		}
		c.Paths, c.Folder = []canon.Path{path}, folder
		j.ancestorsOf(r)
		if d = j.decide(j.withLineage(c, r)); !d.Allow {
			break
		}
	}
	return d
}

// answer returns the answer to a question, if there is one. A question that may
// still be asked is noted.
func (j *judge) answer(kind questionKind, repo canon.Repo) (found finding, known bool) {
	q := question{kind, repo}
	found, known, room := j.look(q)
	if known {
		return found, true
	}
	noted := false
	for _, other := range j.missing {
		noted = noted || other == q
		if other.kind == kind {
			room--
		}
	}
	switch {
	case noted:
		j.lacks++
	case room > 0:
		j.lacks++
		j.missing = append(j.missing, q)
	}
	return finding{}, false
}

// showsFile reports whether policy shows the target repository's file at path.
func (j *judge) showsFile(path canon.Path) bool {
	return j.repo != nil && j.path(path, false).Allow
}

// showsRepository reports whether policy shows a repository, with all its
// parents.
func (j *judge) showsRepository(record *forge.Repository) bool {
	j.recognise(record)
	name, err := canon.ParseFullName(record.FullName)
	if err != nil || !j.knowing.Repository(name, j.tool.Name).Allow {
		return false
	}
	_, refusal := j.lineage(name, record, false)
	return refusal == nil
}

// showsParent reports whether policy shows what record was forked from.
func (j *judge) showsParent(record *forge.Repository) bool {
	if record.Parent == nil {
		return false
	}
	j.recognise(record)
	name, err := canon.ParseFullName(record.Parent.FullName)
	return err == nil && j.knowing.Repository(name, j.tool.Name).Allow
}

// showsNamed is showsRepository for one that is known by name only. Its record is
// needed unless none could hide it.
func (j *judge) showsNamed(repo canon.Repo) bool {
	if !j.knowing.Repository(repo, j.tool.Name).Allow {
		return false
	}
	if !j.knowing.CanHideRepositories() {
		return true
	}
	record := j.recordNamed(repo)
	return record != nil && j.showsRepository(record)
}

// visibilityNamed is the visibility of a repository that is known by name only;
// what can't be found out is private.
func (j *judge) visibilityNamed(repo canon.Repo) Visibility {
	if j.policy.Flow().PrivateToPublic == policy.Allow {
		return Private // nobody will ask
	}
	if record := j.recordNamed(repo); record != nil {
		return VisibilityOf(record)
	}
	return Private
}

// recordNamed is the record of a repository that a row only names, nil if there is
// none.
func (j *judge) recordNamed(repo canon.Repo) *forge.Repository {
	found, _ := j.answer(aboutNamed, repo)
	return found.record
}

// hasStanding reports whether somebody may write to a repository. In doubt they may
// not.
func (j *judge) hasStanding(login string, repo canon.Repo) bool {
	if login == "" {
		return false
	}
	found, _ := j.answer(aboutWriters, repo)
	return found.writers[strings.ToLower(login)]
}

// shows reports whether policy shows a row.
func (j *judge) shows(row Row) bool {
	if row.Unnameable {
		return false
	}
	if row.Record != nil {
		if !j.showsRepository(row.Record) {
			return false
		}
	} else if !row.Repo.IsZero() {
		j.recogniseName(row.RepoID, row.Repo.String(), false)
		if !j.showsNamed(row.Repo) {
			return false
		}
	}
	if !row.Owner.IsZero() && !j.knowing.OwnerVisible(row.Owner, j.tool.Name).Allow {
		return false
	}
	if !row.Former.IsRoot() && !j.showsFile(row.Former) {
		return false
	}
	if !row.Path.IsRoot() {
		return j.repo != nil && j.path(row.Path, row.Folder).Allow
	}
	return true
}

// hides reports whether policy hides what somebody wrote in a repository.
func (j *judge) hides(login string, repo canon.Repo) bool {
	return !repo.IsZero() && j.knowing.Untrusted(repo) == policy.Hide && !j.hasStanding(login, repo)
}
