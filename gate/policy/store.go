package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"aegis/internal/metrics"
	"aegis/internal/operatorfile"
)

// Store holds the policy in force and notices when its file changes. It is
// safe for concurrent use.
type Store struct {
	file     string
	now      func() time.Time
	observer *metrics.Observer
	floor    *Floor

	mu      sync.Mutex
	current *Policy
	seen    string // what the last look found: a digest, or an error's text
	failed  error  // why the file, as it is, does not load
	news    *Change
	read    operatorfile.Reading
}

// Change is what [Store.Current] found to be new about the file.
type Change struct {
	Loaded   bool      // a new policy is in force
	SHA256   string    // of the policy in force, be it new or kept
	Warnings []Warning // of the new policy
	Err      error     // why the file could not be loaded and the old policy stays
}

// NewStore loads a policy file, or the built-in policy if file is "". Whether it loads, now
// and whenever it changes, is told the observer, nil for nobody.
func NewStore(file string, observer *metrics.Observer) (*Store, []Warning, error) {
	s := &Store{file: file, now: time.Now, observer: observer}
	warnings, err := s.first()
	observer.PolicyRead(err)
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

// StandOn has the policy stand on a floor, by which whoever decides narrows it. Nil is none.
func (s *Store) StandOn(floor *Floor) { s.floor = floor }

// Floor is what the policy stands on, nil for nothing.
func (s *Store) Floor() *Floor { return s.floor }

// InForce returns the policy in force, narrowed by the floor. The error says why nothing
// may be allowed, or why the file, as it is now, does not load.
func (s *Store) InForce() (*Policy, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.look()
	floor, err := s.floor.Holds()
	if err == nil {
		err = s.failed
	}
	return OnFloor(s.current, floor), err
}

// Current returns the policy in force, having looked whether its file has
// changed. A file that does not load or is gone leaves the policy in force.
// The change is nil but once for each change and each new failure.
func (s *Store) Current() (*Policy, *Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.look()
	news := s.news
	s.news = nil
	return s.current, news
}

// Err says why the file, as it is now, does not load, or the floor; nil if both do. A change
// that it meets is still one for [Store.Current].
func (s *Store) Err() error {
	_, err := s.InForce()
	return err
}

// look reads the file if it has changed.
func (s *Store) look() {
	if s.file == "" || s.read.Holds(s.file, s.now()) {
		return
	}
	s.read.At = s.now()
	p, warnings, stat, err := load(s.file)
	s.read.Info, s.failed = stat, err
	if err != nil {
		failure := sha256.Sum256([]byte(err.Error()))
		if found := "failed " + hex.EncodeToString(failure[:]); found != s.seen {
			s.seen = found
			s.changed(&Change{SHA256: s.current.digest, Err: err})
		}
		return
	}
	if p.digest == s.seen {
		return
	}
	s.current, s.seen = p, p.digest
	s.changed(&Change{Loaded: true, SHA256: p.digest, Warnings: warnings})
}

func (s *Store) changed(news *Change) {
	s.news = news
	s.observer.PolicyRead(news.Err)
}
