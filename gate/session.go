package gate

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"aegis/audit"
	"aegis/gate/policy"
	"aegis/sanitize"
)

// Session is who is at the door: one client for as long as it is connected.
// Nothing else keeps state about a caller.
type Session struct {
	id        string
	principal string
	gate      *Gate
	calls     atomic.Int64
	rates     rates
	sent      atomic.Int64
	code      codeCache
	marks     marks
	shown     units
	questions questions
	memory    sanitize.Memory // of values that were cut from what the caller was shown
	origins   origins

	identities identities

	begin    sync.Mutex // held while session_start is being written
	begun    bool
	mu       sync.Mutex
	given    string // the client's label as the client gave it
	client   string // given, scrubbed; "" until an entry needs it
	closedBy error  // why an outcome could not be written; the session stays closed
}

// NewSession lets principal, the operating system's user over stdio, to the
// door.
func (g *Gate) NewSession(principal string) *Session {
	id := strings.ToLower(rand.Text()[:12]) // 60 random bits: unique, not secret
	s := &Session{id: id, principal: principal, gate: g}
	s.code.spare = g.forge.Spare(s.code.empty)
	return s
}

// ID returns the session's id, which every audit entry and log line carries.
func (s *Session) ID() string { return s.id }

// Client records the client's own name and version, as it gave them. It does
// not scrub them: the handshake waits for it, and the scrubber prepares its
// rules for the first text that it sees.
func (s *Session) Client(name, version string) {
	given := strings.TrimSpace(name + " " + version)
	if len(given) > maxGiven {
		given = fmt.Sprintf("a client with a name of %d bytes", len(given))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if given != s.given {
		s.given, s.client = given, ""
	}
}

// Bounds on a client's label, in bytes: on what is scrubbed, and on what an
// entry then shows of it.
const (
	maxGiven = 1024
	maxLabel = 100
)

// label makes a client's label fit for an entry. It is scrubbed before it is
// cut, or half a secret would stay, and again as it leaves.
func (s *Session) label(given string) string {
	clean := s.gate.scrubber.Line(given)
	if len(clean) > maxLabel {
		clean = s.gate.scrubber.Line(strings.ToValidUTF8(clean[:maxLabel], ""))
	}
	return clean
}

// Begin writes the session_start entry. A failure is not the end: the entry is
// tried again before the first call, which is refused if it still fails.
func (s *Session) Begin(ctx context.Context) error {
	s.begin.Lock()
	defer s.begin.Unlock()
	if s.begun {
		return nil
	}
	current, change := s.gate.policies.Current()
	s.gate.changes.note(change)
	entry := s.entry(audit.KindSessionStart)
	entry.PolicySHA256 = current.SHA256()
	if err := s.gate.log.Append(ctx, entry); err != nil {
		return err
	}
	s.begun = true
	return nil
}

// End writes the session_end entry, if the session had begun.
func (s *Session) End(ctx context.Context) error {
	s.code.empty()
	s.begin.Lock()
	defer s.begin.Unlock()
	if !s.begun {
		return nil
	}
	s.begun = false
	return s.gate.log.Append(ctx, s.entry(audit.KindSessionEnd))
}

// nextCall returns a fresh call id, "SESSION-N".
func (s *Session) nextCall() string { return fmt.Sprintf("%s-%d", s.id, s.calls.Add(1)) }

func (s *Session) entry(kind audit.Kind) audit.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.given != "" && s.client == "" {
		s.client = s.label(s.given)
	}
	return audit.Entry{Kind: kind, Session: s.id, Principal: s.principal, Client: s.client}
}

// close keeps the session closed: what was done last is not in the log, so
// nothing more may be done.
func (s *Session) close(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closedBy == nil {
		s.closedBy = err
	}
}

func (s *Session) closed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closedBy
}

// changes holds changes of the policy until the audit log has them.
type changes struct {
	mu      sync.Mutex
	pending []policy.Change
}

func (c *changes) note(change *policy.Change) {
	if change == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.pending) == 100 { // a log that is down for long: the newest changes matter
		c.pending = c.pending[1:]
	}
	c.pending = append(c.pending, *change)
}
