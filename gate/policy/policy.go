// Package policy says what an agent may see and do.
//
// A policy is a YAML file that an operator writes: a list of rules of which none
// undoes another. The global part and every repository section whose pattern matches
// apply together. A capability (read, write, automation) is allowed if one of these or
// the default allows it and none denies it. A tool, a path or a branch must pass every
// allow-list that is present and no deny-list. So the order of rules never matters.
// Adding a deny never permits more, and neither does removing an entry from an
// allow-list that stays.
//
// What goes in is a [Case]: canonical names (package canon) and the vocabulary of
// tools. What comes out is a [Decision], which names the rule it rests on by file,
// line and key. A [Policy] is immutable. The package knows nothing of MCP or HTTP and
// keeps no state but the [Store]'s current file. Zero values are denied.
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
	floor      bool // it narrows every other, see Floor
	identity   func(canon.Repo) Identity
	principal  string    // who asks, "" if that is not known
	also       []*Policy // that hold as well, see NarrowedBy; each by itself
}

// DefaultBranch says whether a branch is its repository's default branch. The
// zero value counts as yes.
type DefaultBranch uint8

const (
	IsDefault  DefaultBranch = iota // it is, or nobody knows
	AskedLater                      // not known yet; the question is asked again before anything is sent
	NotDefault                      // it is known to be another branch
)

// Code says for machines why a case is denied.
type Code string

// The codes. The empty code is that of what is allowed.
const (
	PolicyDenied Code = "policy_denied"
	PathDenied   Code = "path_denied"
	BranchDenied Code = "branch_denied"
)

// Decision is the answer to a [Case]. The zero Decision denies.
type Decision struct {
	Allow bool
	Code  Code

	// Rule is what decided.
	Rule Source

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
	AskRule Source
}

// Decide answers c. It is the one function that decides: the gate, rows of
// lists and Explain all come here or to the refusals below it.
func (p *Policy) Decide(c Case) Decision {
	p = p.asked(c)
	scope := p.scopeOf(c)
	for refusal := range p.refusals(c, scope) {
		return refusal
	}
	return p.permission(c, scope)
}

// scopeOf is what applies to a case.
func (p *Policy) scopeOf(c Case) Scope {
	if c.Repo.IsZero() {
		return p.anywhere()
	}
	return p.in(c.Repo, c.known(p))
}

// refusals yields all that speaks against c, in its scope and in a fixed order. No refusal
// depends on another, so leaving one out can only permit more, and adding a
// rule can only add one.
func (p *Policy) refusals(c Case, scope Scope) func(yield func(Decision) bool) {
	return func(yield func(Decision) bool) {
		if d, bad := p.misfit(c); bad {
			yield(d)
			return
		}
		if c.Repo.IsZero() {
			for scope := range scope.each {
				if !scope.refuseTool(c.Tool, yield) {
					return
				}
			}
			return
		}
		if !scope.refuse(c, yield) {
			return
		}
		for _, ancestor := range c.Lineage {
			if !p.refuseAncestor(ancestor, c, yield) {
				return
			}
		}
		if c.Untraceable {
			yield(Decision{Code: PolicyDenied, Rule: Source{Key: "forks: inherit"}, Why: "it was forked from what can't be seen"})
		}
	}
}

// misfit refuses cases that make no sense, zero ones among them: what the
// vocabulary does not know can't be named in a policy either.
func (p *Policy) misfit(c Case) (Decision, bool) {
	if c.Reading && c.Tool == "" && !c.Repo.IsZero() {
		return Decision{}, false // reading, by whatever tool
	}
	known, ok := tools[c.Tool]
	switch {
	case !ok:
		return p.deny(rule{key: "tools"}, "there is no such tool"), true
	case c.Capability != known.capability:
		return p.deny(rule{key: "tools"}, "the tool has another capability"), true
	case c.Repo.IsZero() && !known.repoless:
		return p.deny(rule{key: "repositories"}, "the tool needs a repository"), true
	case c.Repo.IsZero() && (len(c.Paths) > 0 || c.Branch != ""):
		return p.deny(rule{key: "repositories"}, "a path or branch needs a repository"), true
	}
	return Decision{}, false
}

// permission is the decision on a case that nothing in its scope speaks against.
func (p *Policy) permission(c Case, scope Scope) Decision {
	if c.Repo.IsZero() {
		d := Decision{Allow: true, Rule: p.name(rule{key: "tools"}), Why: "the tool passes and no repository is named"}
		d.AskRule, d.Ask = scope.asks(c.Tool)
		return d
	}
	if c.Reading {
		return scope.grant(Read)
	}
	d := scope.grant(c.Capability)
	d.AskRule, d.Ask = scope.asks(c.Tool)
	return d
}

// SHA256 returns the hex digest of the bytes the policy was loaded from, without what
// it is narrowed by.
func (p *Policy) SHA256() string { return p.digest }

// Source returns the name the policy was loaded by, or "built-in".
func (p *Policy) Source() string { return p.source }
