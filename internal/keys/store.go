package keys

import (
	"crypto/subtle"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"aegis/internal/apikey"
	"aegis/internal/operatorfile"
)

// Store is the keys in force. It notices at each look whether its file has changed,
// and is safe for concurrent use.
//
// A file that can't be read as keys leaves those in force that were: nobody is let in
// by it, and whoever was revoked before stays out. A file that is gone, or that others
// can write, denies all: it says that nobody is to be let in, or anybody could have said
// what it says. Either is told.
type Store struct {
	file   string
	listed []*Key
	tell   func(Change)
	now    func() time.Time

	mu     sync.Mutex
	read   operatorfile.Reading
	seen   string // what the last look found: the file's bytes, or why there are none
	failed error  // why the file, as it is, does not load
	filed  []*Key
	byHash map[Hash]*Key
	byID   map[string]*Key
	tokens map[string]*gitea // by their files
	learn  func(token string)
}

// Change is what a look at the file has found.
type Change struct {
	Keys      int      // in the file now in force
	Gone      []string // ids of those that are not in force any more
	Warnings  []string
	Err       error // why the file, or a token's, is not as it should be
	DeniesAll bool  // no key of the file is in force
}

// String tells a change in a line, for a log. It names keys, and no hashes.
func (c Change) String() string {
	said := fmt.Sprintf("keys loaded: %d", c.Keys)
	switch {
	case c.DeniesAll:
		said = fmt.Sprintf("no key of the file is in force: %v", c.Err)
	case c.Err != nil:
		said = fmt.Sprintf("keys in force stay: %v", c.Err)
	}
	if len(c.Gone) > 0 {
		said += "; not in force any more: " + strings.Join(c.Gone, ", ")
	}
	if len(c.Warnings) > 0 {
		said += "; " + strings.Join(c.Warnings, "; ")
	}
	return said
}

// Open opens a store. file may be "", and listed are keys besides it, which [Listed]
// has made. tell is told of what changes, each once, and must not call the store. It is
// an error if the file or an access token can't be read, or if there is no key at all:
// a server that nobody can use was not meant.
func Open(file string, listed []*Key, tell func(Change)) (*Store, error) {
	s := &Store{file: file, listed: listed, tell: tell, now: time.Now, tokens: make(map[string]*gitea)}
	s.index()
	if file == "" {
		return s, nil
	}
	read, err := load(file)
	if err != nil {
		return nil, err
	}
	all, err := Parse(file, read.Raw)
	if err != nil {
		return nil, err
	}
	if len(all)+len(listed) == 0 {
		return nil, fmt.Errorf("%s holds no key, so that nobody could come; \"aegis keys add\" makes one", file)
	}
	for _, k := range all {
		if err := s.credential(k); err != nil {
			return nil, err
		}
	}
	s.read = operatorfile.Reading{Info: read.Info, At: s.now()}
	s.seen, s.filed = string(read.Raw), all
	if twice := s.takeTwice(); twice != nil {
		return nil, fmt.Errorf("%s and MCP_API_KEYS have the same key: %s; take it out of one", file, strings.Join(twice, ", "))
	}
	s.index()
	if len(read.Warnings) > 0 {
		tell(Change{Keys: len(all), Warnings: read.Warnings})
	}
	return s, nil
}

// Verify returns the key that was presented, and whether it is in force now; nil if it is
// not known. It does not look at where it comes from: see [Key.MayComeFrom]. What it does takes the same
// time whether or not a key of that length is known.
func (s *Store) Verify(presented string) (*Key, bool) {
	if len(presented) < leastListed || len(presented) > mostListed {
		return nil, false
	}
	if strings.HasPrefix(presented, apikey.Prefix) && !apikey.WellFormed(presented) {
		return nil, false
	}
	hash := Hash(apikey.Hash(presented))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.look()
	k := s.byHash[hash]
	if k == nil {
		return nil, false
	}
	now := s.now()
	for _, secret := range k.Secrets {
		if subtle.ConstantTimeCompare(secret.Hash[:], hash[:]) == 1 && !over(secret.Until, now) && !over(k.Expires, now) {
			found, ok := s.withToken(k)
			found.presented = hash
			return found, ok
		}
	}
	return k, false
}

// Now returns what the key of an id says now, and whether it is in force, with one of
// its secrets; the zero Hash is any. It is nil if there is none.
func (s *Store) Now(id string, secret Hash) (*Key, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.look()
	k, now := s.byID[id], s.now()
	if k == nil || over(k.Expires, now) || !slices.ContainsFunc(k.Secrets, func(each Secret) bool {
		return (secret == Hash{} || each.Hash == secret) && !over(each.Until, now)
	}) {
		return k, false
	}
	return s.withToken(k)
}

// Err says why the file, as it is now, does not load, nil if it does.
func (s *Store) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.look()
	return s.failed
}

// All returns the keys of the file and the listed ones, in force or not.
func (s *Store) All() []*Key {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.look()
	return slices.Concat(s.filed, s.listed)
}

// look reads the file if it has changed.
func (s *Store) look() {
	if s.file == "" || s.read.Holds(s.file, s.now()) {
		return
	}
	s.read.At = s.now()
	read, err := load(s.file)
	s.read.Info = read.Info
	found := string(read.Raw)
	if err != nil {
		found = "unreadable: " + err.Error()
	}
	if found == s.seen { // it is not parsed for nothing: anybody can make a server look
		return
	}
	s.seen, s.failed = found, err
	change := Change{Err: err, Warnings: read.Warnings, DeniesAll: err != nil}
	before := s.byID
	if err != nil {
		s.filed = nil
	} else if all, err := Parse(s.file, read.Raw); err != nil {
		change.Err, s.failed = err, err
	} else {
		s.filed = all
		for _, name := range s.takeTwice() {
			change.Warnings = append(change.Warnings, name+" is in MCP_API_KEYS, too: that it is there counts no more")
		}
	}
	s.index()
	change.Keys = len(s.filed)
	for _, id := range slices.Sorted(maps.Keys(before)) {
		if s.byID[id] == nil {
			change.Gone = append(change.Gone, id)
		}
	}
	s.tell(change)
	for _, k := range s.filed {
		if err := s.credential(k); err != nil {
			s.tell(Change{Keys: len(s.filed), Err: err})
		}
	}
}

// takeTwice takes out those of the listed keys that the file has, for good: it says less
// of what they may do, and takes them away. It returns their names there.
func (s *Store) takeTwice() (names []string) {
	of := make(map[Hash]string)
	for _, k := range s.filed {
		for _, secret := range k.Secrets {
			of[secret.Hash] = k.Name
		}
	}
	s.listed = slices.DeleteFunc(slices.Clone(s.listed), func(k *Key) bool {
		name, twice := of[k.Secrets[0].Hash]
		if twice {
			names = append(names, name)
		}
		return twice
	})
	return names
}

func (s *Store) index() {
	s.byHash, s.byID = make(map[Hash]*Key), make(map[string]*Key)
	for _, k := range slices.Concat(s.filed, s.listed) {
		s.byID[k.ID()] = k
		for _, secret := range k.Secrets {
			s.byHash[secret.Hash] = k
		}
	}
}
