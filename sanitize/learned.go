package sanitize

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
)

// learned are the credentials that are known by now: those that a scrubber was
// made with, and those that it learned since. All views of a scrubber share them.
type learned struct {
	mu      sync.Mutex // held while more are learned
	secrets []string
	current atomic.Pointer[credentials]
}

func newLearned(secrets []string) (*learned, error) {
	l := new(learned)
	return l, l.learn(secrets...)
}

// known are the credentials to look for now.
func (l *learned) known() *credentials { return l.current.Load() }

// mayHold reports whether a value of size bytes is long enough to hold a credential.
func (l *learned) mayHold(size int) bool {
	shortest := l.known().shortest
	return shortest > 0 && size >= shortest
}

func (l *learned) learn(secrets ...string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := slices.Clone(l.secrets)
	for _, secret := range secrets {
		if !slices.Contains(all, secret) {
			all = append(all, secret)
		}
	}
	if l.current.Load() != nil && len(all) == len(l.secrets) {
		return nil
	}
	found, err := newCredentials(all)
	if err != nil {
		return err
	}
	l.secrets = all
	l.current.Store(found)
	return nil
}

// Learn makes the scrubber, and every view of it, cut one more credential from what
// it is given from here on. Learning what is known costs next to nothing. It fails
// if the secret is shorter than [MinSecret].
func (s *Scrubber) Learn(secret string) error {
	if s == nil || s.own == nil {
		return errors.New("sanitize: a scrubber that was not made by New learns nothing")
	}
	return s.own.learn(secret)
}
