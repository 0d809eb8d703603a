package http

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// lookedAtFor is how long the files of a certificate are not looked at again.
const lookedAtFor = time.Second

// certificate is one that is read anew when its files have changed. One that does not
// load leaves the one before in use.
type certificate struct {
	cert, key string
	logger    zerolog.Logger

	mu     sync.Mutex
	inUse  *tls.Certificate
	seen   [2]look
	looked time.Time
}

// look is what a file looks like from outside.
type look struct {
	size int64
	at   time.Time
}

// TLS makes the configuration of a listener of the certificate and key in two files. Both
// are read again when they change.
func TLS(cert, key string, logger zerolog.Logger) (*tls.Config, error) {
	c := &certificate{cert: cert, key: key, logger: logger}
	c.seen = c.look()
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("certificate %s with key %s: %w", cert, key, err)
	}
	c.inUse, c.looked = &pair, time.Now()
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current(), nil },
	}, nil
}

func (c *certificate) look() (seen [2]look) {
	for i, name := range []string{c.cert, c.key} {
		if info, err := os.Stat(name); err == nil {
			seen[i] = look{info.Size(), info.ModTime()}
		}
	}
	return seen
}

// current returns the certificate in use, the new one if there is one that loads.
func (c *certificate) current() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) < lookedAtFor {
		return c.inUse
	}
	c.looked = time.Now()
	seen := c.look()
	if seen == c.seen {
		return c.inUse
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil { // looked at again: the two may be written one after the other
		c.logger.Error().Err(err).Msg("the certificate changed but does not load; the one in use stays")
		return c.inUse
	}
	c.inUse, c.seen = &pair, seen
	c.logger.Info().Msg("the certificate changed; the new one is in use")
	return c.inUse
}
