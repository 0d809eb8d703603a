package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"sync"
	"time"
)

// Store holds the policy in force and notices when its file changes. It is
// safe for concurrent use.
type Store struct {
	file string
	now  func() time.Time

	mu      sync.Mutex
	current *Policy
	seen    string      // what the last look found: a digest, or an error's text
	stat    fs.FileInfo // of the file when it was last read; nil forces a read
	readAt  time.Time
}

// Change is what [Store.Current] found to be new about the file.
type Change struct {
	Loaded   bool      // a new policy is in force
	SHA256   string    // of the policy in force, be it new or kept
	Warnings []Warning // of the new policy
	Err      error     // why the file could not be loaded and the old policy stays
}

const (
	// racy is how long after its last change a file may be changed again
	// without a new time stamp, on the coarsest file systems.
	racy = 2 * time.Second
	// reread is how long a file is believed to be unchanged because its
	// stat is. It bounds what a rewrite with forged time stamps can hide.
	reread = 5 * time.Second
)

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
	s.readAt = s.now()
	p, warnings, stat, err := load(s.file)
	if err != nil {
		return nil, err
	}
	s.current, s.stat, s.seen = p, stat, p.digest
	return warnings, nil
}

// Current returns the policy in force, having looked whether its file has
// changed. A file that does not load or is gone leaves the policy in force.
// The change is nil but once for each change and each new failure.
func (s *Store) Current() (*Policy, *Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == "" || s.unchanged() {
		return s.current, nil
	}
	s.readAt = s.now()
	p, warnings, stat, err := load(s.file)
	s.stat = stat
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

// unchanged reports whether the file needs no reading: its stat is that of the
// last reading, which was recent and not within the file system's resolution
// of the file's last change.
func (s *Store) unchanged() bool {
	stat, err := os.Stat(s.file)
	if err != nil || s.stat == nil {
		return false
	}
	age := s.now().Sub(s.readAt)
	return 0 <= age && age < reread &&
		s.readAt.Sub(stat.ModTime()) > racy &&
		os.SameFile(stat, s.stat) &&
		stat.Size() == s.stat.Size() &&
		stat.Mode() == s.stat.Mode() &&
		stat.ModTime().Equal(s.stat.ModTime())
}
