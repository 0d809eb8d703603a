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
func (d *desk) scrubberUnder(p *policy.Policy) *sanitize.Scrubber {
	d.views.mu.Lock()
	defer d.views.mu.Unlock()
	if d.views.policy != p || d.views.scrubber == nil {
		d.views.policy, d.views.scrubber = p, d.scrubber.With(p.SecretsAllow())
	}
	return d.views.scrubber
}
