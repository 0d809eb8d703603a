package http

import (
	"context"
	"strings"

	"aegis/serve/frame"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// A request of the older protocol goes on when its connection is gone: the protocol says
// that this is no cancellation, and a write that was begun should end in a known way. So
// what runs is counted where it runs, by the caller, and has a deadline of its own. A
// request of the newer protocol is its connection, and is cancelled with it.

// outstanding is a receiving middleware that bounds what a caller has under way. It ends
// what runs when the key is no longer in force.
func (t *tenant) outstanding(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		if strings.HasPrefix(method, "notifications/") {
			return next(ctx, method, req)
		}
		if t.of.draining.Load() {
			return nil, &frame.Refusal{Code: frame.CodeServer, Message: "the server is shutting down"}
		}
		size := sizeOf(req)
		if !t.requests.take(1) {
			t.of.config.Observer.Limited("pending")
			return nil, tooManyOutstanding
		}
		defer t.requests.give(1)
		if !t.bodies.take(size) {
			t.of.config.Observer.Limited("bodies")
			return nil, tooManyOutstanding
		}
		defer t.bodies.give(size)
		defer t.enter(req.GetSession().ID())()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		if method != "subscriptions/listen" { // which lasts until somebody ends it
			ctx, cancel = context.WithTimeout(ctx, t.of.config.Longest)
			defer cancel()
		}
		defer context.AfterFunc(t.ctx, cancel)()
		defer t.stay(askerOf(req), cancel)()
		return next(ctx, method, req)
	}
}

var tooManyOutstanding = &frame.Refusal{Code: frame.CodeServer, Message: "too many requests outstanding"}

// sizeOf is about how much of a request is kept while it runs, in bytes.
func sizeOf(req mcp.Request) int64 {
	if call, ok := req.(*mcp.CallToolRequest); ok {
		return int64(len(call.Params.Arguments))
	}
	return 0
}
