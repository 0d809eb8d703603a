package http

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"aegis/serve/frame"
)

// ownText is the type of our own texts. The library's have another spelling of it.
const ownText = "text/plain; charset=UTF-8"

// answers is how everything leaves. What the library writes is a message, an event with
// a message, or a text: errors in messages are reduced to fixed texts, and so is a text
// that it is not known to have no part of the request. A client that does not read is
// given up.
type answers struct {
	http.ResponseWriter
	method string        // of the MCP request that is answered
	within time.Duration // that a client has to take what is written
	begun  bool
	status int
}

// Unwrap lets a [http.ResponseController] through.
func (a *answers) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// arm gives the client so long to take what is written from here on. A connection keeps
// its deadline from one request to the next.
func (a *answers) arm() {
	_ = http.NewResponseController(a.ResponseWriter).SetWriteDeadline(time.Now().Add(a.within))
}

func (a *answers) WriteHeader(status int) {
	a.arm()
	a.begun, a.status = true, status
	a.ResponseWriter.WriteHeader(status)
}

// Write writes what is one message, one event, or one text.
func (a *answers) Write(b []byte) (int, error) {
	a.begun = true
	a.arm()
	clean := b
	switch kind := a.Header().Get("Content-Type"); {
	case kind == ownText:
	case strings.HasPrefix(kind, "application/json"):
		clean = frame.Outgoing(a.method, b)
	case strings.HasPrefix(kind, "text/event-stream"):
		clean = event(a.method, b)
	default:
		clean = []byte(plain(string(b), a.status) + "\n")
	}
	if _, err := a.ResponseWriter.Write(clean); err != nil {
		return 0, err
	}
	return len(b), nil
}

var (
	dataField = []byte("data: ")
	eventEnd  = []byte("\n\n")
)

// event returns an event fit to leave. Its data is one line.
func event(method string, b []byte) []byte {
	before, data, found := bytes.Cut(b, dataField)
	if !found {
		return b
	}
	message := bytes.TrimSuffix(data, eventEnd)
	clean := frame.Outgoing(method, message)
	if bytes.Equal(clean, message) {
		return b
	}
	return bytes.Join([][]byte{before, dataField, clean, eventEnd}, nil)
}

// known are texts of the library's that help whoever writes a client, and hold nothing
// of a request.
var known = []string{
	"Accept must contain both 'application/json' and 'text/event-stream'",
	"Accept must contain 'text/event-stream' for GET requests",
	"Content-Type must be 'application/json'",
	"Bad Request: GET requires an Mcp-Session-Id header",
	"Bad Request: DELETE requires an Mcp-Session-Id header",
	"Method Not Allowed",
	"session not found",
	"session is closing",
	"stream replay unsupported",
	"stream ID conflicts with ongoing stream",
}

func plain(text string, status int) string {
	text = strings.TrimSuffix(text, "\n")
	for _, each := range known {
		if text == each {
			return each
		}
	}
	return strings.ToLower(http.StatusText(status))
}
