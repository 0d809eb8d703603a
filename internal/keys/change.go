package keys

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"aegis/internal/apikey"
)

// ErrUnknown says that there is no key of that name.
var ErrUnknown = errors.New("there is no such key")

// Add adds a key under a name that none has yet, with a fresh secret, which it returns.
func Add(all []*Key, k Key, now time.Time) (more []*Key, secret string, err error) {
	if why := nameProblem(k.Name); why != "" {
		return nil, "", errors.New(why)
	}
	switch {
	case find(all, k.Name) != nil:
		return nil, "", fmt.Errorf("there is a key %s already; rotate it, or revoke it first", k.Name)
	case len(all) >= Most:
		return nil, "", fmt.Errorf("there are %d keys, and no more are possible", len(all))
	}
	secret = apikey.New()
	k.Created, k.Secrets = now.UTC().Truncate(time.Second), []Secret{{Hash: Hash(apikey.Hash(secret))}}
	return append(all, &k), secret, nil
}

// Revoke takes a key away. It fails with [ErrUnknown] if there is none.
func Revoke(all []*Key, name string) ([]*Key, error) {
	if find(all, name) == nil {
		return nil, ErrUnknown
	}
	return slices.DeleteFunc(all, func(k *Key) bool { return k.Name == name }), nil
}

// Rotate gives a key another secret, which it returns. Those that it has count on for
// as long as overlap says, or for as long as they would have if that is shorter. It
// fails with [ErrUnknown] if there is no such key.
func Rotate(all []*Key, name string, overlap time.Duration, now time.Time) (secret string, err error) {
	k := find(all, name)
	switch {
	case k == nil:
		return "", ErrUnknown
	case over(k.Expires, now):
		return "", fmt.Errorf("the key %s has expired; revoke it, and add it again", name)
	}
	secret = apikey.New()
	end := now.Add(overlap).UTC().Truncate(time.Second)
	kept := []Secret{{Hash: Hash(apikey.Hash(secret))}}
	for _, s := range k.Secrets {
		if s.Until.IsZero() || end.Before(s.Until) {
			s.Until = end
		}
		if !over(s.Until, now) {
			kept = append(kept, s)
		}
	}
	if len(kept) > mostSecrets {
		return "", fmt.Errorf("the key %s has %d secrets that count; wait until one is over, or rotate without overlap", name, len(k.Secrets))
	}
	k.Secrets = kept
	return secret, nil
}
