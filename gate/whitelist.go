package gate

import (
	"fmt"
	"strings"

	"aegis/gate/policy"
	"aegis/internal/canon"
)

// checkWhitelist refuses a repository that is not on the write whitelist.
func (r *request) checkWhitelist() *Refusal {
	if !r.writes() {
		return nil
	}
	return r.whitelisted(r.prepared.Target.repo)
}

func (r *request) whitelisted(repo canon.Repo) *Refusal {
	if r.caller.MayWrite(repo) {
		return nil
	}
	refusal := Refuse(NotWhitelisted, "%s is not on the write whitelist.", repo).
		WithHint("%s Only whoever runs Aegis can add one, to WRITE_REPOSITORY_WHITELIST (--write-repo).", r.tellWritable())
	refusal.Rule = "WRITE_REPOSITORY_WHITELIST"
	return refusal
}

// maxWritable is how many repositories of the whitelist are told.
const maxWritable = 20

// writable are the repositories of the whitelist that policy does not hide.
func (r *request) writable(knowing *policy.Policy) (all []canon.Repo) {
	for _, repo := range r.caller.Writable() {
		if knowing.Repository(repo, "").Allow {
			all = append(all, repo)
		}
	}
	return all
}

// tellWritable says which repositories are on the whitelist.
func (r *request) tellWritable() string {
	all := r.writable(r.knowing(new(facts)))
	if len(all) == 0 {
		return "No repository is that you could write to."
	}
	var names []string
	for _, repo := range all[:min(maxWritable, len(all))] {
		names = append(names, repo.String())
	}
	told := "On it are " + strings.Join(names, ", ")
	if more := len(all) - maxWritable; more > 0 {
		told += fmt.Sprintf(" and %d more", more)
	}
	return told + "."
}

// resolveLanding decides again where a write lands, now that the default branch
// is known.
func (w *world) resolveLanding(target Target) error {
	if target.branch == "" {
		return nil
	}
	if w.repo.Empty && !target.nothing {
		return nothingCommitted()
	}
	d := w.judge().decide(w.landing(w.standingOf(target.branch)))
	switch {
	case d.Allow:
		return nil
	case w.repo.Empty:
		return denied(d).WithHint("The repository is empty, and its first commit makes its branch the default one: policy's branches.allow has to name that branch for it, or a human makes the first commit.")
	}
	return denied(d)
}

// standingOf is whether a branch of the target is its default branch. The first branch of
// an empty repository becomes that, whatever it is called.
func (f *facts) standingOf(branch string) policy.DefaultBranch {
	if f.repo.DefaultBranch == "" || f.repo.Empty || branch == f.repo.DefaultBranch {
		return policy.IsDefault
	}
	return policy.NotDefault
}

// lands is [Visit.Lands].
func (w *world) lands(ref canon.Ref) error {
	if ref.IsZero() { // a name that can't be held against the policy
		return Refuse(BranchDenied, "The branch or tag has a name that policy can't be asked about.")
	}
	c := w.caseOf(w.repo.Name)
	c.Branch, c.Default = ref.String(), policy.NotDefault
	if name, ok := ref.Branch(); ok {
		c.Branch, c.Default = name, w.standingOf(name)
	}
	if d := w.judge().decide(c); !d.Allow {
		return denied(d)
	}
	return nil
}

// judgeWrittenPaths holds the paths of a write against the rules of the
// repositories that the target was forked from.
func (w *world) judgeWrittenPaths(target Target) error {
	for _, path := range target.writes {
		if d := w.path(path, false); !d.Allow {
			return denied(d)
		}
	}
	return nil
}
