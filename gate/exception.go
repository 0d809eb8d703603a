package gate

import (
	"sync"

	"aegis/gate/policy"
	"aegis/sanitize"
)

// views keeps the scrubber of the policy that was in force last: with the
// findings that its secrets.allow names let through. Policies change rarely and
// are asked for at every call.
type views struct {
	mu       sync.Mutex
	policy   *policy.Policy
	scrubber *sanitize.Scrubber
}

// scrubberUnder returns what scrubs answers under p. Log lines and audit entries
// know no exceptions: they are scrubbed by the gate's own.
func (g *Gate) scrubberUnder(p *policy.Policy) *sanitize.Scrubber {
	g.views.mu.Lock()
	defer g.views.mu.Unlock()
	if g.views.policy != p || g.views.scrubber == nil {
		g.views.policy, g.views.scrubber = p, g.scrubber.With(p.SecretsAllow())
	}
	return g.views.scrubber
}

// file is the path of the file that the call is about, "" if it is about none.
func (v *Visit) file() string {
	if v.prepared.Target.reading != filePath {
		return ""
	}
	return v.prepared.Target.path.String()
}
