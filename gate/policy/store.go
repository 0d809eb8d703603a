package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"aegis/internal/operatorfile"
)

// Store holds the policy in force and notices when its file changes. It is
// safe for concurrent use.
type Store struct {
	file string
	now  func() time.Time

	mu      sync.Mutex
	current *Policy
	seen    string // what the last look found: a digest, or an error's text
	read    operatorfile.Reading
}

// Change is what [Store.Current] found to be new about the file.
type Change struct {
	Loaded   bool      // a new policy is in force
	SHA256   string    // of the policy in force, be it new or kept
	Warnings []Warning // of the new policy
	Err      error     // why the file could not be loaded and the old policy stays
}

// NewStore loads a policy file, or the built-in policy if file is "".
func NewStore(file string) (*Store, []Warning, error) {
	s := &Store{file: file, now: time.Now}
	warnings, err := s.first()
	if err != nil {
		return nil, nil, err
	}
	return s, warnings, nil
}

// first loads the policy that is in force to begin with.
func (s *Store) first() ([]Warning, error) {
	if s.file == "" {
		s.current = Builtin()
		return nil, nil
	}
	s.read.At = s.now()
	p, warnings, stat, err := load(s.file)
	if err != nil {
		return nil, err
	}
	s.current, s.read.Info, s.seen = p, stat, p.digest
	return warnings, nil
}

// Current returns the policy in force, having looked whether its file has
// changed. A file that does not load or is gone leaves the policy in force.
// The change is nil but once for each change and each new failure.
func (s *Store) Current() (*Policy, *Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == "" || s.read.Holds(s.file, s.now()) {
		return s.current, nil
	}
	s.read.At = s.now()
	p, warnings, stat, err := load(s.file)
	s.read.Info = stat
	if err != nil {
		failure := sha256.Sum256([]byte(err.Error()))
		if found := "failed " + hex.EncodeToString(failure[:]); found != s.seen {
			s.seen = found
			return s.current, &Change{SHA256: s.current.digest, Err: err}
		}
		return s.current, nil
	}
	if p.digest == s.seen {
		return s.current, nil
	}
	s.current, s.seen = p, p.digest
	return p, &Change{Loaded: true, SHA256: p.digest, Warnings: warnings}
}
