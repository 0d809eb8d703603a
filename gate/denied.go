package gate

import (
	"fmt"
	"strings"

	"aegis/gate/policy"
)

// final is the hint where nothing that a caller could ask instead would pass.
const final = "The policy has to allow it first; asking in another way will not help."

// denied is the refusal of a policy's decision, with its rule, the reason that the
// policy's author gave, and what would pass.
func denied(d judgement) *Refusal {
	r := &Refusal{Code: codeOf[d.Code], Rule: d.Rule.String(), of: &d, Hint: final}
	switch r.Code {
	case PathDenied:
		r.Message = "Policy does not show this path."
		if strings.HasPrefix(d.Rule.Key, "write_paths") {
			r.Message = "Policy does not let this path be written."
		}
		r.Hint = d.pathHint()
	case BranchDenied:
		r.Message = "Policy does not open this branch to writing."
		r.Hint = d.branchHint()
	default:
		r.Message = "Policy does not allow this."
		if d.of.Capability == policy.Write && strings.HasSuffix(d.Rule.Key, policy.Automation.String()) {
			r.Message = "Policy does not allow this to a job."
			r.Hint = "What a job writes needs automation: allow in a section of this repository, besides write: allow."
		}
	}
	if d.Reason != "" {
		r.Message += " Reason given: " + sentence(d.Reason)
	}
	return r
}

// branchHint says which branches would pass.
func (d judgement) branchHint() string {
	if d.by == nil {
		return final
	}
	open := d.by.Openings(d.of.Repo, d.of.Known)
	switch {
	case open.Branches.Restricted():
		return fmt.Sprintf("Names that pass in this repository: %s (tags by refs/tags/NAME). create_branch makes a branch.", open.Branches)
	case d.Rule.Key == "branches.deny":
		return "A rule denies this name; another one, but for the default branch, may pass. create_branch makes a branch."
	case open.Branches.Denies():
		return "Any branch but the default one, and what a rule denies, passes in this repository: create_branch makes one, create_pull_request proposes what is on it."
	}
	return "Any branch but the default one passes in this repository: create_branch makes one, create_pull_request proposes what is on it."
}

// pathHint says which paths would pass.
func (d judgement) pathHint() string {
	if d.by == nil {
		return final
	}
	open := d.by.Openings(d.of.Repo, d.of.Known)
	switch key := d.Rule.Key; {
	case open.WritePaths.Has(d.Rule), key == "write_paths.deny" && open.WritePaths.Restricted():
		return fmt.Sprintf("Paths that may be written in this repository: %s.", open.WritePaths)
	case key == "write_paths.deny":
		return "A rule denies writing this path; others may be written."
	case key == "write_paths":
		return "Paths that CI runs are written only where the policy's write_paths.allow names them, which is for whoever operates Aegis; others may be written."
	case open.Paths.Has(d.Rule):
		return fmt.Sprintf("Paths that are shown in this repository: %s. No other tool shows this one.", open.Paths)
	}
	return final
}

// openings is what a caller may be told of a repository that may be written to.
func (j *judge) openings(c policy.Case) policy.Openings {
	c = j.filled(c)
	return j.policy.Openings(c.Repo, c.Known)
}
