// Package forge is the Gitea client.
//
// A [Forge] is where Gitea is, and the wire to it; it never contacts Gitea by
// itself. [Forge.For] makes a caller's [Way] to it, which holds the caller's token.
// [Way.Client] makes a [Client] for one call, bound to the call's context and to
// the repositories in its [Grant]. Its transport is the last that a request passes, and
// trusts neither the tool that asks nor the server that answers:
//
//   - Only requests on the egress allow-list leave (egress.go), addressed to
//     granted repositories, at the configured host. What is sent is built anew
//     from what was judged: no header, cookie, credential or body of the
//     caller's gets through. The token is known to the transport alone.
//   - Redirects are never followed: they are how a rule on a repository's new
//     name is bypassed.
//   - Answers are read whole, within bounds of size and time, and must be
//     JSON. Every other answer is an [Error], which holds nothing of what
//     Gitea wrote.
//
// A zero Grant permits nothing.
package forge

import (
	"errors"
	"net/http"
	"net/url"

	"aegis/internal/metrics"
)

// Config says which Gitea to speak to.
type Config struct {
	// URL is Gitea's base address as [ParseURL] makes it; it may have a
	// sub-path.
	URL *url.URL

	// CAFile names a PEM file of certificate authorities. They replace the
	// system's: an organisation that signs its own certificates has no use
	// for a public authority that would vouch for an impostor. Empty means
	// the system's. An HTTPS proxy's certificate is held to the same roots.
	CAFile string

	// Memory bounds what the answers of all calls together take of this process, in
	// bytes; [DefaultMemory] if zero. Calls wait for each other.
	Memory int64

	// Observer counts requests, nil for nobody.
	Observer *metrics.Observer

	// UserAgent is sent with every request, "aegis/<version>"; empty means
	// "aegis".
	UserAgent string
}

// String names the address alone, so that a Config can be logged.
func (c Config) String() string {
	if c.URL == nil {
		return "forge.Config{}"
	}
	return "forge.Config{" + c.URL.Redacted() + "}"
}

// GoString is String.
func (c Config) GoString() string { return c.String() }

// Forge is a Gitea: its address, and the wire to it that all callers share. It is
// safe for concurrent use.
type Forge struct {
	base      url.URL // scheme, host and sub-path without a trailing slash
	api       string  // the sub-path with /api/v1
	userAgent string
	wire      *http.Transport
	memory    *memory
	observer  *metrics.Observer
	signs     noted
}

// New makes a Forge. It reads the CA file but contacts nobody. Errors name the
// setting that is wrong.
func New(cfg Config) (*Forge, error) {
	if cfg.URL == nil {
		return nil, errors.New("forge: no URL of a Gitea given")
	}
	// Whether plain http is acceptable here was decided by whoever parsed it.
	base, err := ParseURL(cfg.URL.String(), true)
	if err != nil {
		return nil, err
	}
	userAgent := cfg.UserAgent
	if userAgent == "" {
		userAgent = "aegis"
	}
	if !isPrintable(userAgent) || len(userAgent) > 256 {
		return nil, errors.New("forge: the user agent must be printable ASCII of at most 256 bytes")
	}
	wire, err := newWire(cfg.CAFile)
	if err != nil {
		return nil, err
	}
	return &Forge{base: *base, api: base.Path + "/api/v1", userAgent: userAgent, wire: wire, memory: newMemory(cfg.Memory), observer: cfg.Observer}, nil
}

// Base returns Gitea's base address, without credentials.
func (f *Forge) Base() *url.URL {
	base := f.base
	return &base
}

// Close closes idle connections. A closed Forge still works.
func (f *Forge) Close() { f.wire.CloseIdleConnections() }

// String names the address alone.
func (f *Forge) String() string { return "forge.Forge{" + f.base.String() + "}" }

// GoString is String.
func (f *Forge) GoString() string { return f.String() }

// isPrintable reports whether s is fit for a header's value.
func isPrintable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
