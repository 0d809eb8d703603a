package http

import (
	"container/list"
	"net"
	"net/http"
	"sync"

	"github.com/rs/zerolog"
)

// crowd bounds how many connections there are. When there is one too many, the one goes
// that has waited longest without having asked for anything: whoever opens many and says
// nothing pushes out their own.
type crowd struct {
	most int
	full func() // is run for each that has to go

	mu    sync.Mutex
	all   map[net.Conn]*list.Element // nil for one that has asked
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

// changed is told of every connection's state.
func (c *crowd) changed(on net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.all[on]; known != nil {
		c.quiet.Remove(known)
	}
	switch state {
	case http.StateNew, http.StateIdle:
		c.all[on] = c.quiet.PushBack(on)
	case http.StateActive:
		c.all[on] = nil
	default:
		delete(c.all, on)
	}
	if state == http.StateNew && len(c.all) > c.most {
		c.full()
		_ = c.quiet.Front().Value.(net.Conn).Close()
	}
}

// debugLines takes what the HTTP library has to say about connections: anybody can make
// it say much.
type debugLines struct{ logger zerolog.Logger }

func (d debugLines) Write(line []byte) (int, error) {
	d.logger.Debug().Str("said", string(line)).Msg("connection failed")
	return len(line), nil
}
