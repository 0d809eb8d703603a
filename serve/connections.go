package serve

import (
	"sync"

	"aegis/gate/caller"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// connections are those of a server's caller, by the library's sessions: one each, for
// as long as that lasts. The first is the one that the server was made with.
type connections struct {
	mu    sync.Mutex
	first *caller.Connection // until a session has it
	open  map[mcp.Session]*caller.Connection
}

// of returns the connection that a request came on.
func (c *connections) of(req mcp.Request) *caller.Connection {
	session := req.GetSession()
	c.mu.Lock()
	defer c.mu.Unlock()
	if on := c.open[session]; on != nil {
		return on
	}
	on := c.first
	if c.first = nil; on == nil {
		on = caller.Connect(session.ID())
	}
	if c.open == nil {
		c.open = make(map[mcp.Session]*caller.Connection)
	}
	c.open[session] = on
	if waits, ok := session.(interface{ Wait() error }); ok {
		go func() {
			_ = waits.Wait() // however it ends
			c.mu.Lock()
			defer c.mu.Unlock()
			delete(c.open, session)
		}()
	}
	return on
}
