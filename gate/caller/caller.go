// Package caller keeps who is at the door.
//
// A [Caller] is a principal with a way to Gitea, and what narrows it. It holds all
// that is remembered of it: how often it called, what it was shown, what it was asked.
// It is kept for as long as it is known, and outlives connections. A [Connection] is
// how it speaks at the moment, and keeps nothing that a decision rests on: whoever
// connects anew is who they were.
//
// The package decides nothing and knows nothing of the gate. Two callers share nothing
// here but the [Slots] that they wait for.
package caller

import (
	"crypto/rand"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"aegis/internal/canon"
)

// Config says who a caller is.
type Config struct {
	// ID names the caller for good, "stdio" or "key:ci": what it is known by when
	// it comes again. A job's is its principal.
	ID string
	// Principal is what the audit log calls it: over stdio the operating system's
	// user. See [New] for one that looks like a job's.
	Principal string
	// Credential is its access token for Gitea, "" for none.
	Credential string `json:"-"`
	// Writable is its write whitelist: the repositories that it may write to, where
	// write mode is on.
	Writable []canon.Repo
	// Policy is a file of policy that narrows the door's for this caller, "" for none.
	Policy string
}

// String names the caller alone, so that a Config can be logged.
func (c Config) String() string { return "caller.Config{" + c.ID + "}" }

// GoString is String.
func (c Config) GoString() string { return c.String() }

// Caller is who is at the door. All that is known of it is here, and reached
// through it. It is safe for concurrent use.
type Caller struct {
	config  Config
	session string
	calls   atomic.Int64

	Rates      Rates        // how often it calls
	Sent       atomic.Int64 // bytes of answers
	Writes     atomic.Int64 // calls that sent a request which changes something, or were about to
	Marks      *Marks       // what it was shown
	Questions  Questions    // that wait for its human
	Identities Identities   // of the repositories that it met
	Origins    Origins      // of the commits that it was shown
	Heads      Heads        // of the refs that it asked for
	Audiences  Audiences    // of the repositories that it writes to
	Code       CodeCache    // what it searched

	kept sync.Map // by type, see [Keep]

	begin    sync.Mutex // held while the log is told that it comes, or goes
	begun    bool
	mu       sync.Mutex
	closedBy error
}

// New makes a caller of whom nothing is remembered. Nobody but a job can have a job's
// principal: of a user who happens to be called so, it says that it is one.
func New(c Config) *Caller {
	if canon.IsJob(c.Principal) && c.Principal != c.ID {
		c.Principal = "user " + c.Principal
	}
	c.Writable = slices.Clone(c.Writable)
	session := strings.ToLower(rand.Text()[:12]) // 60 random bits: unique, not secret
	return &Caller{config: c, session: session, Marks: new(Marks)}
}

// Known makes a caller of whom it is known what it was shown. Callers with the same id
// share these marks: they are the same one, before and after something about it changed.
func Known(c Config, marks *Marks) *Caller {
	known := New(c)
	known.Marks = marks
	return known
}

// ID names the caller for good.
func (c *Caller) ID() string { return c.config.ID }

// Session names the caller in the audit log, from when it came to when it went:
// one process' memory of it.
func (c *Caller) Session() string { return c.session }

// Principal is what the audit log calls the caller.
func (c *Caller) Principal() string { return c.config.Principal }

// Credential is the caller's access token for Gitea, "" for none.
func (c *Caller) Credential() string { return c.config.Credential }

// Writable returns the caller's write whitelist, sorted as it was given. It is
// not to be changed.
func (c *Caller) Writable() []canon.Repo { return c.config.Writable }

// Policy is the file of the caller's own policy, which narrows the door's; "" for none.
func (c *Caller) Policy() string { return c.config.Policy }

// MayWrite reports whether a repository is on the caller's write whitelist.
func (c *Caller) MayWrite(repo canon.Repo) bool { return slices.Contains(c.config.Writable, repo) }

// String names the caller alone: it holds a credential.
func (c *Caller) String() string { return "caller.Caller{" + c.config.ID + "}" }

// GoString is String.
func (c *Caller) GoString() string { return c.String() }

// NextCall returns a fresh id for a call, "SESSION-N".
func (c *Caller) NextCall() string { return fmt.Sprintf("%s-%d", c.session, c.calls.Add(1)) }

// Keep returns the T that somebody else keeps with the caller, the zero T at first.
// It is for state of packages that this one does not know.
func Keep[T any](c *Caller) *T {
	kept, _ := c.kept.LoadOrStore(reflect.TypeFor[T](), new(T))
	return kept.(*T)
}

// Begin has it recorded that the caller comes, unless that was done. A failure is
// not the end: it is tried again the next time.
func (c *Caller) Begin(record func() error) error {
	c.begin.Lock()
	defer c.begin.Unlock()
	if c.begun {
		return nil
	}
	if err := record(); err != nil {
		return err
	}
	c.begun = true
	return nil
}

// End has it recorded that the caller goes, if it was recorded that it came.
func (c *Caller) End(record func() error) error {
	c.begin.Lock()
	defer c.begin.Unlock()
	if !c.begun {
		return nil
	}
	c.begun = false
	return record()
}

// Close keeps the caller out: what was done for it last is not in the log, so
// nothing more may be done.
func (c *Caller) Close(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closedBy == nil {
		c.closedBy = why
	}
}

// Closed returns why the caller is kept out, nil if it is not.
func (c *Caller) Closed() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closedBy
}
