package gate

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"aegis/gate/caller"
	"aegis/gate/policy"
	"aegis/internal/operatorfile"
)

// inForce is what a caller's calls are decided by at one moment: the policy of the door,
// narrowed by the machine's floor and by the caller's own if there are such, as it
// applies to that caller.
type inForce struct {
	policy *policy.Policy
	floor  string // SHA-256 of the floor, "" if there is none, or it is broken
	own    string // SHA-256 of the caller's own, "" if it has none
}

// same reports whether two rest on the same files.
func (f inForce) same(as inForce) bool {
	return f.policy.SHA256() == as.policy.SHA256() && f.floor == as.floor && f.own == as.own
}

// inForce returns what decides on a caller now, and notes what has changed since. It
// refuses if the floor is broken, or if the caller's own policy has never loaded; nothing
// may be done then, and the policy is good only for saying so.
func (d *desk) inForce(c *caller.Caller) (f inForce, nothing *Refusal) {
	current, change := d.policies.Current()
	d.changes.note(policyChange{whose: doors}, change)
	floor, change, broken := d.policies.Floor().Current()
	d.changes.note(policyChange{whose: floors}, change)
	own, err := d.ownPolicy(c)
	if floor != nil {
		f.floor = floor.SHA256()
	}
	if own != nil {
		f.own = own.SHA256()
	}
	f.policy = policy.OnFloor(current, floor).NarrowedBy(own).For(c.Principal())
	switch {
	case broken != nil:
		nothing = floorRefusal()
	case err != nil:
		nothing = ownPolicyRefusal(c)
	}
	return f, nothing
}

// floorRefusal refuses everybody while the floor is broken.
func floorRefusal() *Refusal {
	r := Refuse(PolicyDenied, "The policy that this machine's administrator keeps for everybody does not load, so nothing is allowed.").
		WithHint("Ask whoever operates Aegis here; the log says what is wrong with it.")
	r.Rule = "the managed floor does not load"
	return r
}

// mostOwn bounds the files of own policies that are kept in memory.
const mostOwn = 4096

// ownPolicies are the callers' own policies, by their files: callers share what they
// name alike.
type ownPolicies struct {
	mu     sync.Mutex
	stores map[string]*policy.Store
	failed map[string]failure
}

// failure is why a file has never loaded. It is not read again until it changes: who
// calls often would keep everybody waiting.
type failure struct {
	err  error
	read operatorfile.Reading
}

// ownPolicy returns a caller's own policy as it is now, nil if it has none. As with the
// door's, a file that breaks leaves what it said before in force.
func (d *desk) ownPolicy(c *caller.Caller) (*policy.Policy, error) {
	file := c.Policy()
	if file == "" {
		return nil, nil
	}
	o := &d.owns
	o.mu.Lock()
	defer o.mu.Unlock()
	if store := o.stores[file]; store != nil {
		current, change := store.Current()
		d.changes.note(policyChange{whose: owns, of: c}, change)
		return current, nil
	}
	before := o.failed[file]
	if before.err != nil && before.read.Holds(file, time.Now()) {
		return nil, before.err
	}
	read := operatorfile.Reading{At: time.Now()}
	read.Info, _ = os.Stat(file) // of what is not there there is nothing to read
	store, warnings, err := policy.NewStore(file, d.options.Observer)
	if err != nil {
		o.makeRoom()
		o.failed[file] = failure{err, read}
		if before.err == nil || before.err.Error() != err.Error() {
			d.changes.note(policyChange{whose: owns, of: c}, &policy.Change{Err: err})
		}
		return nil, err
	}
	for _, warning := range warnings {
		d.options.Logger.Warn().Msg(d.scrubber.Line(warning.String()))
	}
	o.makeRoom()
	delete(o.failed, file)
	o.stores[file] = store
	current, _ := store.Current()
	return current, nil
}

// makeRoom makes room for one more file. If there are too many all are read anew.
func (o *ownPolicies) makeRoom() {
	if o.stores == nil || len(o.stores)+len(o.failed) >= mostOwn {
		o.stores, o.failed = make(map[string]*policy.Store), make(map[string]failure)
	}
}

// ownPolicyRefusal refuses a caller whose own policy has never loaded.
func ownPolicyRefusal(c *caller.Caller) *Refusal {
	r := Refuse(PolicyDenied, "A policy that applies to this caller does not load, so nothing is allowed.").
		WithHint("Ask whoever operates Aegis here; the log says what is wrong with it.")
	r.Rule = fmt.Sprintf("%s does not load", filepath.Base(c.Policy()))
	return r
}
