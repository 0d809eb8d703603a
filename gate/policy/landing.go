package policy

import (
	"strings"

	"aegis/internal/canon"
)

// refuseLanding yields for where a write may not land: a branch or a path that
// the lists for writing don't pass, the default branch and CI's paths unless an
// allow-list opens them. An automation is held to the lists of branches with what
// it runs on; the default branch, of all, is not closed to it.
func (s Scope) refuseLanding(q Case, yield yield) bool {
	if q.Capability == Read {
		return true
	}
	standing := q.Default
	if q.Capability == Automation {
		standing = NotDefault // it runs what is there, and lands nowhere
	}
	if q.Branch != "" && !s.refuseBranch(q.Branch, standing, yield) {
		return false
	}
	if q.Capability != Write {
		return true
	}
	for _, path := range q.Paths {
		if !s.refuseWritePath(path, yield) {
			return false
		}
	}
	return true
}

// refuseBranch judges a branch. Where no allow-list is present the default
// branch is closed.
func (s Scope) refuseBranch(branch string, standing DefaultBranch, yield yield) bool {
	p, opened := s.policy, false
	for _, sec := range s.sections {
		for _, e := range sec.branches.deny.entries {
			if e.glob.fit(branch, true).whole {
				d := p.refusal(sec, rule{"branches.deny", e.line}, "the branch is denied")
				d.Code, d.Pattern = BranchDenied, e.text
				if !yield(d) {
					return false
				}
			}
		}
		if !sec.branches.allow.present {
			continue
		}
		opened = opened || !sec.narrow
		if !matchesAny(sec.branches.allow.entries, branch) {
			d := p.refusal(sec, rule{"branches.allow", sec.branches.allow.line}, "the branch is not in the allow-list")
			d.Code = BranchDenied
			if !yield(d) {
				return false
			}
		}
	}
	if standing == IsDefault && !opened {
		d := p.deny(rule{key: "branches"}, "the default branch is closed unless branches.allow names it")
		d.Code = BranchDenied
		return yield(d)
	}
	return true
}

// refuseWritePath judges a path that is written. CI's paths need an allow
// pattern that names them: committing there is running code.
func (s Scope) refuseWritePath(path canon.Path, yield yield) bool {
	p, opened := s.policy, false
	for _, sec := range s.sections {
		if !p.refuseListed(sec, "write_paths", &sec.writing, path.String(), false, yield) {
			return false
		}
		for _, e := range sec.writing.allow.entries {
			opened = opened || !sec.narrow && e.glob.namesCI(path.String())
		}
	}
	if isCI(path.String()) && !opened {
		d := p.deny(rule{key: "write_paths"}, "the path belongs to CI, which only a write_paths.allow that names it opens")
		d.Code = PathDenied
		return yield(d)
	}
	return true
}

func matchesAny(entries []entry, text string) bool {
	for _, e := range entries {
		if e.glob.fit(text, false).whole {
			return true
		}
	}
	return false
}

// ciNames are first segments of paths that CI systems run; one that ends in
// "*" stands for all that begin so.
var ciNames = []string{".gitea", ".github", ".forgejo", ".woodpecker*", ".drone.yml", ".gitlab-ci.yml"}

// isCI reports whether CI would run what lies at path.
func isCI(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	for _, name := range ciNames {
		if prefix, open := strings.CutSuffix(name, "*"); open {
			if len(first) >= len(prefix) && strings.EqualFold(first[:len(prefix)], prefix) {
				return true
			}
		} else if strings.EqualFold(first, name) {
			return true
		}
	}
	return false
}

// namesCI reports whether an alternative of the glob matches path and names
// one of CI's paths: it spells it out, instead of reaching it by a wildcard.
func (g glob) namesCI(path string) bool {
	for _, segments := range g.alternatives {
		name, wild := segments[0].spelled()
		if isCI(name) && (!wild || isCI(name+"*")) && walk(segments, path, false).whole {
			return true
		}
	}
	return false
}
