package caller

import (
	"fmt"
	"strings"
	"sync"
)

// Connection is how a caller speaks at the moment. No decision rests on it.
type Connection struct {
	id  string
	run Run

	mu    sync.Mutex
	given string // the client's label as the client gave it
	label string // given, made fit for the log; "" until somebody needs it
}

// Connect makes a connection. Its id is "" where the caller has one only.
func Connect(id string) *Connection { return &Connection{id: id} }

// Run is a run of a job, and what made it. The zero Run is none.
type Run struct {
	Job      string // its name
	Trigger  string // webhook, schedule, hand
	Delivery string // Gitea's id of the webhook's delivery, a UUID; "" for none
	Number   int64
}

// ConnectRun makes the connection of a job's run.
func ConnectRun(r Run) *Connection { return &Connection{run: r} }

// Run is the run that the connection is of.
func (c *Connection) Run() Run { return c.run }

// ID names the connection, "" for a caller's only one.
func (c *Connection) ID() string { return c.id }

// maxGiven bounds the label that is kept of a client, in bytes.
const maxGiven = 1024

// Client notes the client's own name and version, as it gave them. It does not
// clean them: the handshake waits for it, and a scrubber prepares its rules for
// the first text that it sees.
func (c *Connection) Client(name, version string) {
	given := strings.TrimSpace(name + " " + version)
	if len(given) > maxGiven {
		given = fmt.Sprintf("a client with a name of %d bytes", len(given))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if given != c.given {
		c.given, c.label = given, ""
	}
}

// Label returns the client's label as clean makes it of what the client gave. It
// is made once.
func (c *Connection) Label(clean func(given string) string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.given != "" && c.label == "" {
		c.label = clean(c.given)
	}
	return c.label
}
