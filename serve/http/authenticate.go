package http

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// maxKey bounds a presented key, in bytes.
const maxKey = 512

// Why a request has no key that is in force, as the log has it: a closed set.
const (
	noKey       = "no key"
	badKey      = "malformed key"
	unknownKey  = "unknown key"
	formerKey   = "key no longer in force"
	foreignUser = "key used from an address that it is not for"
)

// reasons are the same, as metrics have them.
var reasons = map[string]string{noKey: "no_key", badKey: "malformed", unknownKey: "unknown", formerKey: "not_in_force", foreignUser: "wrong_address"}

// authenticate returns the caller whose key a request has. The key is looked at first:
// who holds one that is in force is let in, whatever others behind the same address
// have tried. Only a failure costs the address.
func (s *Server) authenticate(r *http.Request, from whence) (*tenant, Key, *refusal) {
	key, why := s.verify(r.Header, from)
	if why != "" {
		s.failures.note(networkOf(from.at), why, key.Name)
		s.config.Observer.AuthFailed(reasons[why])
		select { // not here: how long a refusal takes tells nothing either
		case s.wake <- struct{}{}:
		default:
		}
		if wait := s.failed.take(networkOf(from.at)); wait > 0 {
			return nil, Key{}, tooMany(wait, "auth_throttled")
		}
		return nil, Key{}, unauthorized
	}
	t := s.tenant(key) // first, so that one key fills no table of addresses
	if wait := t.take(time.Now()); wait > 0 {
		return nil, Key{}, tooMany(wait, "rate_key")
	}
	if wait := s.rates.take(networkOf(from.at)); wait > 0 {
		return nil, Key{}, tooMany(wait, "rate_address")
	}
	return t, key, nil
}

// verify finds out whose key a request has, or why it has none that is in force.
func (s *Server) verify(header http.Header, from whence) (key Key, why string) {
	if s.config.Anyone != nil {
		return *s.config.Anyone, ""
	}
	presented, why := bearer(header)
	if why != "" {
		return Key{}, why
	}
	key, ok := s.config.Keys.Verify(presented)
	if !ok && key.Name == "" {
		return Key{}, unknownKey
	}
	return key, key.refuses(ok, from)
}

// refuses says why a key that is known lets nobody in from an address, "" if it does.
func (k Key) refuses(inForce bool, from whence) (why string) {
	switch {
	case !inForce, !k.Expires.IsZero() && !time.Now().Before(k.Expires):
		return formerKey
	case k.From != nil && !(from.sure && slices.ContainsFunc(k.From, func(p netip.Prefix) bool { return p.Contains(from.at) })):
		return foreignUser
	}
	return ""
}

// bearer is the key that a request presents: one header, one scheme, one word.
func bearer(header http.Header) (key, why string) {
	given := header.Values("Authorization")
	switch {
	case len(given) == 0:
		return "", noKey
	case len(given) > 1:
		return "", badKey
	}
	scheme, key, found := strings.Cut(given[0], " ")
	if !found || !strings.EqualFold(scheme, "bearer") || key == "" || len(key) > maxKey || strings.ContainsAny(key, " \t,") {
		return "", badKey
	}
	return key, ""
}
