package gate

import (
	"fmt"
	"path/filepath"
	"sync"

	"aegis/gate/caller"
	"aegis/gate/policy"
)

// inForce is what a caller's calls are decided by at one moment: the policy of the
// door, narrowed by the caller's own if it has one, as it applies to that caller.
type inForce struct {
	policy *policy.Policy
	own    string // SHA-256 of the caller's own, "" if it has none
}

// same reports whether two rest on the same files.
func (f inForce) same(as inForce) bool {
	return f.policy.SHA256() == as.policy.SHA256() && f.own == as.own
}

// inForce returns what decides on a caller now, and notes what has changed since. It
// fails if the caller's own policy has never loaded; nothing may be done then, and the
// policy is good only for saying so.
func (d *desk) inForce(c *caller.Caller) (inForce, error) {
	current, change := d.policies.Current()
	d.changes.note(change, false)
	own, err := d.ownPolicy(c.Policy())
	f := inForce{policy: current.NarrowedBy(own).For(c.Principal())}
	if own != nil {
		f.own = own.SHA256()
	}
	return f, err
}

// mostOwn bounds the files of own policies that are kept in memory.
const mostOwn = 4096

// ownPolicies are the callers' own policies, by their files: callers share what they
// name alike.
type ownPolicies struct {
	mu     sync.Mutex
	stores map[string]*policy.Store
	failed map[string]string // why a file has never loaded
}

// ownPolicy returns the policy of a file as it is now, nil if the file is "". As with
// the door's own, a file that breaks leaves what it said before in force.
func (d *desk) ownPolicy(file string) (*policy.Policy, error) {
	if file == "" {
		return nil, nil
	}
	o := &d.owns
	o.mu.Lock()
	defer o.mu.Unlock()
	if store := o.stores[file]; store != nil {
		current, change := store.Current()
		d.changes.note(change, true)
		return current, nil
	}
	store, warnings, err := policy.NewStore(file)
	if err != nil {
		if o.failed[file] != err.Error() {
			o.keep(file, nil, err.Error())
			d.changes.note(&policy.Change{Err: err}, true)
		}
		return nil, err
	}
	for _, warning := range warnings {
		d.options.Logger.Warn().Msg(d.scrubber.Line(warning.String()))
	}
	o.keep(file, store, "")
	current, _ := store.Current()
	return current, nil
}

// keep keeps what became of a file. If there are too many all are read anew.
func (o *ownPolicies) keep(file string, store *policy.Store, failed string) {
	if o.stores == nil || len(o.stores)+len(o.failed) >= mostOwn {
		o.stores, o.failed = make(map[string]*policy.Store), make(map[string]string)
	}
	delete(o.failed, file)
	if store != nil {
		o.stores[file] = store
		return
	}
	o.failed[file] = failed
}

// ownPolicyRefusal refuses a caller whose own policy has never loaded.
func ownPolicyRefusal(c *caller.Caller) *Refusal {
	r := Refuse(PolicyDenied, "A policy that applies to this caller does not load, so nothing is allowed.").
		WithHint("Ask whoever operates Aegis here; the log says what is wrong with it.")
	r.Rule = fmt.Sprintf("%s does not load", filepath.Base(c.Policy()))
	return r
}
