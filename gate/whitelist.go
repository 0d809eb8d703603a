package gate

import (
	"aegis/gate/policy"
	"aegis/internal/canon"
)

// writes reports whether the call changes something, or makes Gitea run
// something.
func (v *Visit) writes() bool { return v.tool.Capability != policy.Read }

// checkWhitelist refuses a repository that is not on the write whitelist.
func (v *Visit) checkWhitelist() *Refusal {
	if !v.writes() {
		return nil
	}
	return v.whitelisted(v.prepared.Target.repo)
}

func (v *Visit) whitelisted(repo canon.Repo) *Refusal {
	if v.caller.MayWrite(repo) {
		return nil
	}
	r := Refuse(NotWhitelisted, "%s is not on the write whitelist.", repo).
		WithHint("WRITE_REPOSITORY_WHITELIST (--write-repo) names the repositories that may be written to, exactly; only whoever runs Aegis can add one.")
	r.Rule = "WRITE_REPOSITORY_WHITELIST"
	return r
}

// checkLanding holds the branch and the paths of a write against the policy,
// as far as that can be done before Gitea says which branch is the default one.
func (v *Visit) checkLanding() *Refusal {
	if !v.writes() {
		return nil
	}
	return v.judgeLanding(policy.AskedLater)
}

// resolveLanding decides again where a write lands, now that the default branch
// is known.
func (v *Visit) resolveLanding(target Target) error {
	if target.branch == "" {
		return nil
	}
	if refusal := v.judgeLanding(v.standingOf(target.branch)); refusal != nil {
		return refusal
	}
	return nil
}

func (v *Visit) standingOf(branch string) policy.DefaultBranch {
	if v.repo.DefaultBranch == "" || branch == v.repo.DefaultBranch {
		return policy.IsDefault
	}
	return policy.NotDefault
}

func (v *Visit) judgeLanding(standing policy.DefaultBranch) *Refusal {
	target := v.prepared.Target
	query := v.query(target.repo)
	query.Paths, query.Branch, query.Default = target.paths(), target.branch, standing
	if d := v.policy.Decide(query); !d.Allow {
		return denied(d)
	}
	return nil
}

// Lands refuses a branch or a tag, refs/heads/… or refs/tags/…, on which policy
// lets nothing run. It is for plans that learn it from Gitea.
func (v *Visit) Lands(ref canon.Ref) error {
	if ref.IsZero() { // a name that can't be held against the policy
		return Refuse(BranchDenied, "The branch or tag has a name that policy can't be asked about.")
	}
	query := v.query(v.repo.Name)
	query.Branch, query.Default = ref.String(), policy.NotDefault
	if name, ok := ref.Branch(); ok {
		query.Branch, query.Default = name, v.standingOf(name)
	}
	if d := v.policy.Decide(query); !d.Allow {
		return denied(d)
	}
	return nil
}

// refuseFrozen refuses a repository that takes no writes. Gitea itself forgets
// that of some of them.
func (v *Visit) refuseFrozen(Target) error {
	if !v.writes() {
		return nil
	}
	switch {
	case v.repo.Record.Archived:
		return Refuse(Conflict, "The repository is archived; nothing was written.").WithHint("It takes no changes until somebody takes it out of the archive.")
	case v.repo.Record.Mirror:
		return Refuse(Conflict, "The repository mirrors another one; nothing was written.").WithHint("Changes belong into what it mirrors.")
	}
	return nil
}

// query is what policy is asked about the call and one of its repositories.
func (v *Visit) query(repo canon.Repo) policy.Query {
	return policy.Query{Tool: v.tool.Name, Capability: v.tool.Capability, Repo: repo}
}

// judgeWrittenPaths holds the paths of a write against the rules of the
// repositories that the target was forked from.
func (v *Visit) judgeWrittenPaths(target Target) error {
	for _, path := range target.writes {
		if d := v.judgePath(path, false); !d.Allow {
			return denied(d)
		}
	}
	return nil
}
