package http

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"aegis/serve/frame"

	"github.com/rs/zerolog"
)

// refusal is why a request goes no further: a status and a fixed text. It tells nothing
// of who has which key.
type refusal struct {
	status int
	text   string
	limit  string            // that it is over, as metrics have it, "" for none
	wait   time.Duration     // until it makes sense to try again, 0 for nothing to say
	frame  *frame.Rejection  // said in the protocol's words, nil where it is not one of a message
	header map[string]string // more to say
}

var (
	notFound     = &refusal{status: http.StatusNotFound, text: "not found"}
	wrongHost    = &refusal{status: http.StatusForbidden, text: "this host name is not one of the server's (--host)"}
	wrongOrigin  = &refusal{status: http.StatusForbidden, text: "requests from other sites' pages are refused"}
	unauthorized = &refusal{status: http.StatusUnauthorized, text: "unauthorized", header: map[string]string{"WWW-Authenticate": "Bearer"}}
	tooSlow      = &refusal{status: http.StatusRequestTimeout, text: "the request did not arrive in time", limit: "slow_body"}
	tooLarge     = &refusal{status: http.StatusRequestEntityTooLarge, text: "the request is too large", limit: "body"}
	sessionsFull = &refusal{status: http.StatusServiceUnavailable, text: "too many sessions are open; close one", wait: 10 * time.Second, limit: "sessions"}
	busy         = &refusal{status: http.StatusServiceUnavailable, text: "too much is being done at once", wait: time.Second, limit: "bodies"}
	hooksFull    = &refusal{status: http.StatusServiceUnavailable, text: "too much is delivered at once", wait: time.Second, limit: "hooks"}
	goingDown    = &refusal{status: http.StatusServiceUnavailable, text: "the server is shutting down", wait: 5 * time.Second}
	internal     = &refusal{status: http.StatusInternalServerError, text: "internal error"}
)

// tooMany is the refusal of whom has to wait.
func tooMany(wait time.Duration, limit string) *refusal {
	return &refusal{status: http.StatusTooManyRequests, text: "too many requests", wait: wait, limit: limit}
}

// malformed is the refusal of a message.
func malformed(bad *frame.Rejection) *refusal {
	return &refusal{status: http.StatusBadRequest, frame: bad}
}

func (r *refusal) write(w http.ResponseWriter) {
	header := w.Header()
	for name, value := range r.header {
		header.Set(name, value)
	}
	if r.wait > 0 {
		header.Set("Retry-After", strconv.Itoa(int(r.wait/time.Second)+1))
	}
	header.Set("X-Content-Type-Options", "nosniff")
	if r.frame != nil {
		header.Set("Content-Type", "application/json")
		w.WriteHeader(r.status)
		_, _ = w.Write(frame.ErrorFrame(r.frame.ID, r.frame.Code, r.frame.Reason, nil))
		return
	}
	header.Set("Content-Type", ownText)
	w.WriteHeader(r.status)
	_, _ = fmt.Fprintln(w, r.text)
}

// logPanic says where a panic was. Its value may hold anything; its type and the stack
// say enough.
func logPanic(logger zerolog.Logger, p any) {
	logger.Error().Str("panic", fmt.Sprintf("%T", p)).Bytes("stack", debug.Stack()).Msg("a request panicked")
}
