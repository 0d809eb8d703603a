package jobs

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"aegis/internal/jobs/document"
	"aegis/internal/jobs/hook"
	"aegis/internal/operatorfile"
)

// Store is the jobs in force. It notices at each look whether its file, a secret or a
// credential has changed, and is safe for concurrent use.
//
// A file that can't be read as jobs leaves those in force that were, as a whole. A file that
// is gone, or that others can write, leaves none: anybody could have said what it says. A
// secret or a credential that can't be read any more stays as it was read before.
type Store struct {
	name  string
	tools Catalog
	tell  func(Change)
	now   func() time.Time

	mu      sync.Mutex
	read    operatorfile.Reading
	seen    string // what the last look found: the file's bytes, or why there are none
	failed  error
	inForce *File
	values  map[string]*valueFile // secrets and credentials, by their files
}

// valueFile is a secret or a credential as it was read last.
type valueFile struct {
	read   operatorfile.Reading
	value  string
	failed string
}

// Change is what a look has found.
type Change struct {
	Jobs     int // now in force
	Warnings []string
	Err      error // why the file, a secret or a credential is not as it should be
	None     bool  // no job is in force any more
}

// String tells a change in a line, for a log.
func (c Change) String() string {
	said := fmt.Sprintf("jobs loaded: %d", c.Jobs)
	switch {
	case c.None:
		said = fmt.Sprintf("no job is in force: %v", c.Err)
	case c.Err != nil:
		said = fmt.Sprintf("jobs in force stay: %v", c.Err)
	}
	if len(c.Warnings) > 0 {
		said += "; " + strings.Join(c.Warnings, "; ")
	}
	return said
}

// Open opens a store. tell is told of what changes, each once, and must not call the
// store. It is an error if the file, a secret or a credential can't be read.
func Open(name string, tools Catalog, tell func(Change)) (*Store, error) {
	s := &Store{name: name, tools: tools, tell: tell, now: time.Now, inForce: new(File), values: make(map[string]*valueFile)}
	read, err := operatorfile.Read(name, document.MaxBytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	f, err := Parse(name, read.Raw, tools)
	if err != nil {
		return nil, err
	}
	warnings := read.Warnings
	for _, w := range f.Webhooks {
		more, err := s.value(w.SecretFile)
		if err == nil {
			_, err = hook.NewSecret(w.Covers[0], s.values[w.SecretFile].value)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: the secret of a webhook: %s: %w", name, w.SecretFile, err)
		}
		warnings = append(warnings, more...)
	}
	for _, j := range f.Jobs {
		more, err := s.value(j.CredentialFile)
		if err != nil {
			return nil, fmt.Errorf("%s: the access token of job %s: %s: %w", name, j.Name, j.CredentialFile, err)
		}
		warnings = append(warnings, more...)
	}
	s.read = operatorfile.Reading{Info: read.Info, At: s.now()}
	s.seen, s.inForce = string(read.Raw), f
	if len(warnings) > 0 {
		tell(Change{Jobs: len(f.Jobs), Warnings: warnings})
	}
	return s, nil
}

// Jobs returns the jobs in force. Nobody changes them.
func (s *Store) Jobs() *File {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.look()
	return s.inForce
}

// Secrets returns what deliveries are signed with. One that can't be read and never was, or that is
// too short, is left out: what is signed with it does not count.
func (s *Store) Secrets() (all hook.Secrets) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.look()
	for _, w := range s.inForce.Webhooks {
		value := s.current("the secret of a webhook", w.SecretFile)
		for _, covers := range w.Covers {
			if secret, err := hook.NewSecret(covers, value); err == nil {
				all = append(all, secret)
			}
		}
	}
	return all
}

// Credential returns the access token of a job, "" if it can't be read and never was: the
// job does not run then.
func (s *Store) Credential(j *Job) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current("the access token of job "+j.Name, j.CredentialFile)
}

// Values returns the values of all secrets and credentials, as they were read last: what nobody
// is to be shown.
func (s *Store) Values() (all []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.values {
		if v.value != "" {
			all = append(all, v.value)
		}
	}
	return all
}

// Err says why the file, as it is now, does not load, nil if it does.
func (s *Store) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.look()
	return s.failed
}

// look reads the file if it has changed.
func (s *Store) look() {
	if s.read.Holds(s.name, s.now()) {
		return
	}
	s.read.At = s.now()
	read, err := operatorfile.Read(s.name, document.MaxBytes)
	s.read.Info = read.Info
	found := string(read.Raw)
	if err != nil {
		err = fmt.Errorf("%s: %w", s.name, err)
		found = "unreadable: " + err.Error()
	}
	if found == s.seen {
		return
	}
	s.seen, s.failed = found, err
	change := Change{Err: err, Warnings: read.Warnings, None: err != nil}
	if err != nil {
		s.inForce = new(File)
	} else if f, err := Parse(s.name, read.Raw, s.tools); err != nil {
		change.Err, s.failed = err, err
	} else {
		s.inForce = f
	}
	change.Jobs = len(s.inForce.Jobs)
	s.tell(change)
}

// current is the value of a file, read anew if it has changed.
func (s *Store) current(what, name string) string {
	if _, err := s.value(name); err != nil && !errors.Is(err, errToldBefore) {
		s.tell(Change{Jobs: len(s.inForce.Jobs), Err: fmt.Errorf("%s: %s: %w", what, name, err)})
	}
	return s.values[name].value
}

var errToldBefore = errors.New("told before")

// value reads a file of one value if it has changed. What is wrong with it is told once,
// and the value that was read before stays.
func (s *Store) value(name string) (warnings []string, err error) {
	v := s.values[name]
	if v == nil {
		v = new(valueFile)
		s.values[name] = v
	}
	if v.read.Holds(name, s.now()) {
		return nil, nil
	}
	const most = 4 << 10
	v.read.At = s.now()
	value, read, err := operatorfile.Value(name, most)
	v.read.Info = read.Info
	switch {
	case err == nil:
		v.value, v.failed = value, ""
		return read.Warnings, nil
	case v.failed == err.Error():
		return nil, errToldBefore
	}
	v.failed = err.Error()
	return nil, err
}
