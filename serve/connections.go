package serve

import (
	"crypto/rand"
	"strings"
	"sync"

	"aegis/gate/caller"
	"aegis/serve/frame"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// connections are those of a server's caller, by the library's sessions, for as long as
// these last. The first is the one that the server was made with.
type connections struct {
	mu    sync.Mutex
	first *caller.Connection // until a session has it
	open  map[mcp.Session]*connected
}

// connected is how a session is connected at the moment. It may come from somewhere
// else at any request.
type connected struct {
	from, tag string
	on        *caller.Connection
}

// of returns the connection that a request came on.
func (c *connections) of(req mcp.Request) *caller.Connection {
	session, from := req.GetSession(), frame.From(req)
	c.mu.Lock()
	defer c.mu.Unlock()
	if is := c.open[session]; is != nil {
		if is.from != from {
			is.from, is.on = from, connect(from, is.tag)
		}
		return is.on
	}
	is := &connected{from: from, tag: tagOf(session), on: c.first}
	if c.first = nil; is.on == nil {
		is.on = connect(from, is.tag)
	}
	if c.open == nil {
		c.open = make(map[mcp.Session]*connected)
	}
	c.open[session] = is
	if waits, ok := session.(interface{ Wait() error }); ok {
		go func() {
			_ = waits.Wait() // however it ends
			c.mu.Lock()
			defer c.mu.Unlock()
			delete(c.open, session)
		}()
	}
	return is.on
}

// tagOf tells a session of several from the others. It is not the session's id, which a
// client's requests are let in with.
func tagOf(session mcp.Session) string {
	if session.ID() == "" {
		return ""
	}
	return strings.ToLower(rand.Text()[:8])
}

// connect makes a connection by where it comes from and the session's tag.
func connect(from, tag string) *caller.Connection {
	return caller.Connect(strings.TrimSpace(from + " " + tag))
}
