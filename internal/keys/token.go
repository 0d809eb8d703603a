package keys

import (
	"fmt"

	"aegis/internal/operatorfile"
)

// gitea is an access token for Gitea as it was read last.
type gitea struct {
	read   operatorfile.Reading
	value  string
	failed string
}

// withToken returns a copy of a key with its access token. A token's file that can't
// be read leaves the token in force that was; a key whose token was never read is not
// in force, or it would go to Gitea as somebody else.
func (s *Store) withToken(k *Key) (*Key, bool) {
	found := *k
	if k.TokenFile == "" {
		return &found, true
	}
	if err := s.credential(k); err != nil {
		s.tell(Change{Keys: len(s.filed), Err: err})
	}
	found.token = s.tokens[k.TokenFile].value
	return &found, found.token != ""
}

// credential reads a key's access token if its file has changed. It returns an error
// once for each.
func (s *Store) credential(k *Key) error {
	if k.TokenFile == "" {
		return nil
	}
	t := s.tokens[k.TokenFile]
	if t == nil {
		t = new(gitea)
		s.tokens[k.TokenFile] = t
	}
	if t.read.Holds(k.TokenFile, s.now()) {
		return nil
	}
	t.read.At = s.now()
	value, read, err := operatorfile.Value(k.TokenFile, maxToken)
	t.read.Info = read.Info
	if err == nil {
		if s.learn != nil && value != t.value {
			s.learn(value)
		}
		t.value, t.failed = value, ""
		return nil
	}
	if t.failed == err.Error() {
		return nil
	}
	t.failed = err.Error()
	return fmt.Errorf("the access token of the key %s: %s: %w", k.Name, k.TokenFile, err)
}

// Learn has learn told of each access token that is read, those before included, ahead of
// any call by its key: what one caller is shown may hold another's. It must not call the
// store.
func (s *Store) Learn(learn func(token string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.learn = learn
	for _, t := range s.tokens {
		if t.value != "" {
			learn(t.value)
		}
	}
}
