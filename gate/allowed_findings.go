package gate

import (
	"strings"
	"sync"

	"aegis/gate/policy"
	"aegis/sanitize"
)

// views keeps the scrubbers that were asked for last, by the findings that a policy's
// secrets.allow names let through. Policies change rarely, few of them differ in
// this, and one is asked for at every call.
type views struct {
	mu        sync.Mutex
	scrubbers map[string]*sanitize.Scrubber
}

// mostViews bounds the scrubbers that are kept.
const mostViews = 32

// scrubberUnder returns what scrubs answers under p. Log lines and audit entries
// know no exceptions: they are scrubbed by the gate's own.
func (d *desk) scrubberUnder(p *policy.Policy) *sanitize.Scrubber {
	allowed := p.SecretsAllow()
	key := strings.Join(allowed, " ")
	d.views.mu.Lock()
	defer d.views.mu.Unlock()
	view := d.views.scrubbers[key]
	if view == nil {
		if view = d.scrubber.With(allowed); d.views.scrubbers == nil || len(d.views.scrubbers) == mostViews {
			d.views.scrubbers = make(map[string]*sanitize.Scrubber)
		}
		d.views.scrubbers[key] = view
	}
	return view
}
