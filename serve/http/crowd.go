package http

import (
	"container/list"
	"context"
	"net"
	"net/http"
	"net/netip"
	"sync"

	"github.com/rs/zerolog"
)

// crowd bounds how many connections there are. When there is one too many, one goes that
// nobody who was let in has a request on: of the network that has most of these, the one
// that has been so for longest. So whoever opens many pushes out their own, whatever they
// send.
type crowd struct {
	most int
	full func() // is run for each that has to go

	mu    sync.Mutex
	count int64                       // of all that were ever put into quiet
	all   map[net.Conn]*list.Element  // nil for one that may stay
	quiet map[netip.Prefix]*list.List // of waiting, the longest waiting in front
}

// waiting is a connection that may have to go.
type waiting struct {
	on    net.Conn
	since int64 // by count
}

func newCrowd(most int, full func()) *crowd {
	return &crowd{most: most, full: full, all: make(map[net.Conn]*list.Element), quiet: make(map[netip.Prefix]*list.List)}
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
	c.wait(on)
	if state == http.StateNew && len(c.all) > c.most {
		c.full()
		first := c.first()
		c.leave(first)
		go first.Close() // which may take a while, of TLS
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
			c.wait(on)
		}
	}
}

// wait puts a connection behind those that may have to go. The lock is held.
func (c *crowd) wait(on net.Conn) {
	network := peerOf(on)
	if c.quiet[network] == nil {
		c.quiet[network] = list.New()
	}
	c.count++
	c.all[on] = c.quiet[network].PushBack(waiting{on, c.count})
}

// leave takes a connection out of those that may have to go. The lock is held.
func (c *crowd) leave(on net.Conn) {
	waits := c.all[on]
	if waits == nil {
		return
	}
	network := peerOf(on)
	if c.quiet[network].Remove(waits); c.quiet[network].Len() == 0 {
		delete(c.quiet, network)
	}
	c.all[on] = nil
}

// first is the one that has to go first. There is one. The lock is held.
func (c *crowd) first() net.Conn {
	var most int
	var first waiting
	for _, all := range c.quiet {
		front := all.Front().Value.(waiting)
		if all.Len() > most || all.Len() == most && front.since < first.since {
			most, first = all.Len(), front
		}
	}
	return first.on
}

// peerOf is the network that a connection comes from.
func peerOf(on net.Conn) netip.Prefix { return networkOf(addressOf(on.RemoteAddr().String())) }

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
