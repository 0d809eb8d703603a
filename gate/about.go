package gate

import (
	"aegis/gate/caller"
	"aegis/gate/policy"
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
	Policy     policy.Summary
	// Hidden are the tools that no call of could be allowed by the policy,
	// sorted, of the capabilities that the session has.
	Hidden []string
}

// WriteMode reports whether the session may write at all.
func (v *Visit) WriteMode() bool { return v.world.options.Write }

// Session tells a handler who is at the door and what this door allows.
func (v *Visit) Session() About {
	about := About{Session: v.world.caller.Session(), WriteMode: v.world.options.Write, Policy: v.world.policy.Summary()}
	for _, name := range policy.Tools() {
		capability, _ := policy.ToolCapability(name)
		if (capability == policy.Read || about.WriteMode) && !v.world.policy.AllowsTool(name, capability) {
			about.Hidden = append(about.Hidden, name)
		}
	}
	if !about.WriteMode {
		return about
	}
	for _, repo := range v.world.caller.Writable() {
		if v.world.knowing.Repository(repo, "").Allow {
			about.WriteRepos = append(about.WriteRepos, repo.String())
		}
	}
	return about
}

// Offers returns what tells, by a tool's name and capability, whether some call
// of it could be allowed to a caller by the policy in force now. It is for
// not listing what never works, and errs to true; calls are decided by [Gate.Do].
func (g *Gate) Offers(to *caller.Caller) func(tool string, c policy.Capability) bool {
	decides, err := g.inForce(to)
	current := decides.policy
	return func(tool string, c policy.Capability) bool {
		if err != nil || !current.AllowsTool(tool, c) {
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

// Clean removes secrets from a text that leaves without having passed the gate:
// one that was composed of what the client itself sent, and for which nothing
// was read. It keeps line breaks.
func (g *Gate) Clean(text string) string {
	clean, _ := g.scrubber.Text(text, sanitize.TextOptions{})
	return clean
}
