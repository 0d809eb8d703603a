// Package policy says what an agent may see and do, by a YAML file that an
// operator writes.
//
// A policy is a list of rules of which none undoes another: the global part
// and every repository section whose pattern matches apply together. A
// capability (read, write, automation) is allowed if a matching section or the
// default allows it and no matching section denies it; a tool, path or branch
// must pass every allow-list that is present and no deny-list. So the order of
// rules never matters, adding a deny never permits more, and neither does
// removing an entry from an allow-list that stays.
//
// What goes in are canonical names (package canon) and the vocabulary of
// tools; what comes out is a [Decision] that names the rule it rests on by
// file, line and key. A [Policy] is immutable. The package knows nothing of
// MCP or HTTP and keeps no state but the [Store]'s current file. Zero values
// are denied.
package policy

import "aegis/internal/canon"

// Policy is a loaded policy. It is immutable and safe for concurrent use.
type Policy struct {
	source    string // as given to Parse
	base      string // its last element, which rules are named by
	digest    string
	defaults  [capabilities]opinion
	global    section
	sections  sections
	flow      Flow
	flowLines map[string]int // keys below flow
	limits    Limits
	secrets   []string

	builtinOff bool // builtin_paths
	identity   func(canon.Repo) Identity
}

// Query asks for one call, or one repository of a call that has several.
type Query struct {
	Tool       string
	Capability Capability

	// Repo is the repository touched. The zero Repo is "none", which is
	// denied unless the tool is one that works without a repository.
	Repo canon.Repo

	// Paths are the files touched; each must pass. If Folder is set they are
	// folders to be listed, which pass if they may contain what passes; that
	// is for reading only.
	Paths  []canon.Path
	Folder bool

	// Branch is the short name of the branch a write or an automation lands
	// on, "" if none, and Default whether it is the repository's default one.
	Branch  string
	Default DefaultBranch
}

// DefaultBranch says whether a branch is its repository's default branch. The
// zero value counts as yes.
type DefaultBranch uint8

const (
	IsDefault  DefaultBranch = iota // it is, or nobody knows
	AskedLater                      // not known yet; the question is asked again before anything is sent
	NotDefault                      // it is known to be another branch
)

// Decision is the answer to a [Query]. The zero Decision denies.
type Decision struct {
	Allow bool

	// Code is "policy_denied", "path_denied" or "branch_denied", "" if allowed.
	Code string

	// Rule is what decided, as "policy.yaml:14 paths.deny"; without a line
	// for what is decided by a key's absence; "built-in paths.deny" for the
	// built-in policy.
	Rule string

	// Why is a clause that completes "denied because" or "allowed because".
	// It holds nothing from the call.
	Why string

	// Reason is the deciding section's reason, "" if it has none.
	Reason string

	// Pattern is the pattern that matched, if a pattern decided.
	Pattern string

	// Ask is set if the call is allowed and a human is to be asked first, and
	// AskRule is the rule that wants it.
	Ask     bool
	AskRule string
}

// Decide answers q. It is the one function that decides: the gate, rows of
// lists and Explain all come here or to the refusals below it.
func (p *Policy) Decide(q Query) Decision {
	for refusal := range p.refusals(q) {
		return refusal
	}
	return p.permission(q)
}

// refusals yields all that speaks against q, in a fixed order. No refusal
// depends on another, so leaving one out can only permit more, and adding a
// rule can only add one.
func (p *Policy) refusals(q Query) func(yield func(Decision) bool) {
	return func(yield func(Decision) bool) {
		if d, bad := p.misfit(q); bad {
			yield(d)
			return
		}
		if q.Repo.IsZero() {
			p.refuseTool(&p.global, q.Tool, yield)
			return
		}
		for scope := range p.In(q.Repo).each {
			if !scope.refuse(q, yield) {
				return
			}
		}
	}
}

// misfit refuses queries that make no sense, zero ones among them: what the
// vocabulary does not know can't be named in a policy either.
func (p *Policy) misfit(q Query) (Decision, bool) {
	known, ok := tools[q.Tool]
	switch {
	case !ok:
		return p.deny(rule{key: "tools"}, "there is no such tool"), true
	case q.Capability != known.capability:
		return p.deny(rule{key: "tools"}, "the tool has another capability"), true
	case q.Repo.IsZero() && !known.repoless:
		return p.deny(rule{key: "repositories"}, "the tool needs a repository"), true
	case q.Repo.IsZero() && (len(q.Paths) > 0 || q.Branch != ""):
		return p.deny(rule{key: "repositories"}, "a path or branch needs a repository"), true
	}
	return Decision{}, false
}

// permission is the decision on a query that nothing speaks against.
func (p *Policy) permission(q Query) Decision {
	if q.Repo.IsZero() {
		d := Decision{Allow: true, Rule: p.name(rule{key: "tools"}), Why: "the tool passes and no repository is named"}
		d.AskRule, d.Ask = Scope{policy: p, sections: []*section{&p.global}}.asks(q.Tool)
		return d
	}
	scope := p.In(q.Repo)
	d := scope.grant(q.Capability)
	d.AskRule, d.Ask = scope.asks(q.Tool)
	return d
}

// SHA256 returns the hex digest of the bytes the policy was loaded from.
func (p *Policy) SHA256() string { return p.digest }

// Source returns the name the policy was loaded by, or "built-in".
func (p *Policy) Source() string { return p.source }
