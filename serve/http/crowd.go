package http

import (
	"container/list"
	"context"
	"net"
	"net/http"
	"sync"

	"github.com/rs/zerolog"
)

// crowd bounds how many connections there are. When there is one too many, the one goes
// that has been longest without a request of somebody who was let in: whoever opens many
// pushes out their own, whatever they send.
type crowd struct {
	most int
	full func() // is run for each that has to go

	mu    sync.Mutex
	all   map[net.Conn]*list.Element // nil for one that may stay
	quiet list.List                  // of net.Conn, the longest waiting in front
}

func newCrowd(most int, full func()) *crowd {
	return &crowd{most: most, full: full, all: make(map[net.Conn]*list.Element)}
}

// size is how many there are.
func (c *crowd) size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.all)
}

// changed is told of every connection's state. That something was sent says nothing of
// who has sent it.
func (c *crowd) changed(on net.Conn, state http.ConnState) {
	if state == http.StateActive {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leave(on)
	if state != http.StateNew && state != http.StateIdle {
		delete(c.all, on)
		return
	}
	c.all[on] = c.quiet.PushBack(on)
	if state == http.StateNew && len(c.all) > c.most {
		c.full()
		longest := c.quiet.Front().Value.(net.Conn)
		c.leave(longest)
		go longest.Close() // which may take a while, of TLS
	}
}

// leave takes a connection out of those that have to go first. The lock is held.
func (c *crowd) leave(on net.Conn) {
	if waits := c.all[on]; waits != nil {
		c.quiet.Remove(waits)
		c.all[on] = nil
	}
}

// serve lets a connection stay until done is called: who asks on it was let in.
func (c *crowd) serve(on net.Conn) (done func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leave(on)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if waits, known := c.all[on]; known && waits == nil {
			c.all[on] = c.quiet.PushBack(on)
		}
	}
}

// connKey is the context's key of a request's connection.
type connKey struct{}

// withConn lets [connOf] tell a request's connection.
func withConn(ctx context.Context, on net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, on)
}

// connOf is the connection that a request came on, nil if it is not known.
func connOf(r *http.Request) net.Conn {
	on, _ := r.Context().Value(connKey{}).(net.Conn)
	return on
}

// debugLines takes what the HTTP library has to say about connections: anybody can make
// it say much.
type debugLines struct{ logger zerolog.Logger }

func (d debugLines) Write(line []byte) (int, error) {
	d.logger.Debug().Str("said", string(line)).Msg("connection failed")
	return len(line), nil
}
