package gate

import (
	"aegis/gate/caller"
	"aegis/gate/policy"
	"aegis/internal/canon"
	"aegis/sanitize"
)

// About is what a caller may know of its own session, so that it need not find
// out by being refused.
type About struct {
	Session   string
	WriteMode bool
	// WriteRepos are the repositories of the write whitelist that policy does
	// not hide, nil unless write mode is on.
	WriteRepos []string
	// Writing is what the policy opens in the first of them.
	Writing []Opening
	// WritesNothing says why nothing can be written in write mode, "" if something can.
	WritesNothing string
	Policy        policy.Summary
	Floor         string // SHA-256 of the machine's floor, "" if there is none
	// Hidden are the tools that no call of could be allowed by the policy,
	// sorted, of the capabilities that the session has.
	Hidden []string
}

// Opening is what may be written to a repository.
type Opening struct {
	Repo string
	policy.Openings
}

// WriteMode reports whether the session may write at all.
func (v *Visit) WriteMode() bool { return v.world.options.Write }

// Session tells a handler who is at the door and what this door allows.
func (v *Visit) Session() About {
	about := About{Session: v.world.caller.Session(), WriteMode: v.world.options.Write, Policy: v.world.policy.Summary(), Floor: v.world.floor}
	for _, name := range policy.Tools() {
		capability, _ := policy.ToolCapability(name)
		if (capability == policy.Read || about.WriteMode) && !v.world.policy.AllowsTool(name, capability) {
			about.Hidden = append(about.Hidden, name)
		}
	}
	if !about.WriteMode {
		return about
	}
	for _, repo := range v.world.writable(v.world.knowing) {
		about.WriteRepos = append(about.WriteRepos, repo.String())
		if len(about.Writing) < maxWritable {
			about.Writing = append(about.Writing, Opening{repo.String(), v.world.judge().openings(policy.Case{Repo: repo})})
		}
	}
	about.WritesNothing = writesNothing(v.world.policy, v.world.caller)
	return about
}

// WritesNothing says why a caller in write mode can change nothing at all, "" if it can,
// or is in no write mode.
func (g *Gate) WritesNothing(c *caller.Caller) string {
	if !g.options.Write {
		return ""
	}
	decides, nothing := g.inForce(c)
	if nothing != nil {
		return "Write mode is on, but nothing can be written: a policy that applies to this caller does not load."
	}
	return writesNothing(decides.policy, c)
}

func writesNothing(p *policy.Policy, c *caller.Caller) string {
	if len(c.Writable()) == 0 {
		return "Write mode is on, but nothing can be written: WRITE_REPOSITORY_WHITELIST (--write-repo) names no repository."
	}
	for _, repo := range c.Writable() {
		for _, name := range policy.Tools() {
			if capability, _ := policy.ToolCapability(name); capability != policy.Read && p.AllowsToolIn(repo, name, capability) {
				return ""
			}
		}
	}
	if canon.IsJob(c.Principal()) {
		return "Write mode is on, but nothing can be written: the policy says write: allow and automation: allow, both of which a job needs, for no repository of WRITE_REPOSITORY_WHITELIST (--write-repo)."
	}
	return "Write mode is on, but nothing can be written: the policy says write: allow for no repository of WRITE_REPOSITORY_WHITELIST (--write-repo)."
}

// Offers returns what tells, by a tool's name and capability, whether some call of it
// could be allowed to a caller now. It is for not listing what never works, and errs
// to true; calls are decided by [Gate.Do].
func (g *Gate) Offers(to *caller.Caller) func(tool string, c policy.Capability) bool {
	decides, nothing := g.inForce(to)
	current := decides.policy
	return func(tool string, c policy.Capability) bool {
		if nothing != nil || !current.AllowsTool(tool, c) {
			return false
		}
		if c == policy.Read {
			return true
		}
		if !g.options.Write {
			return false
		}
		for _, repo := range to.Writable() {
			if current.AllowsToolIn(repo, tool, c) {
				return true
			}
		}
		return false
	}
}

// Clean removes secrets from a text that leaves without having passed the gate. Such a
// text was composed of what the client itself sent, and nothing was read for it. Clean
// keeps line breaks.
func (g *Gate) Clean(text string) string {
	clean, _ := g.scrubber.Text(text, sanitize.TextOptions{})
	return clean
}
