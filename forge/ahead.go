package forge

import (
	"context"
	"net/http"
	"net/url"
	"sync"

	"aegis/internal/canon"
)

// maxAhead bounds how many requests of one call are sent ahead.
const maxAhead = 8

// ahead are requests that a call has sent before the record of its repository was
// there, so that somebody who is far from Gitea waits once. An answer is kept as it
// came, unread, until the call asks for the same address: by then the record is
// there, and what the answer says is held against it. An answer that nobody asks for
// is dropped.
type ahead struct {
	mu      sync.Mutex
	over    bool
	sent    map[string]*early // by address
	cancel  context.CancelFunc
	ctx     context.Context
	running sync.WaitGroup
}

// early is one request that was sent ahead, and its answer.
type early struct {
	repo      canon.Repo
	transport *transport    // its own: no other answer of the call knows of it
	wanted    chan struct{} // closed when the call asks for it; no memory is taken before
	came      chan struct{} // closed when the answer is there
	resp      *http.Response
	failure   *Error
	panicked  any
}

// Ahead returns a reader whose reads only begin. The first request of each is sent, if
// the egress list has it for that, and the read fails at once. No value comes out of
// it. The same read of the call's own reader then takes the answer, once
// [Client.Expect] has said what it has to be about. Only requests below repo are sent.
func (c *Client) Ahead(repo canon.Repo) *Reader {
	return &Reader{ctx: c.ctx, transport: c.transport, ahead: c.ahead, begins: repo}
}

// begin sends a request ahead.
func (c *Reader) begin(query url.Values, segments []string) *Error {
	a, t := c.ahead, c.transport
	a.mu.Lock()
	defer a.mu.Unlock()
	address := c.address(query, segments)
	if a.over || len(a.sent) >= maxAhead || a.sent[address] != nil || t.sealed.Load() || !t.granted(c.begins) {
		return notYet()
	}
	if a.sent == nil {
		a.sent = make(map[string]*early)
		a.ctx, a.cancel = context.WithCancel(t.ctx)
	}
	req, err := http.NewRequestWithContext(a.ctx, http.MethodGet, address, nil)
	if err != nil {
		return notYet()
	}
	e := &early{repo: c.begins, wanted: make(chan struct{}), came: make(chan struct{})}
	e.transport = newTransport(a.ctx, t.way, Grant{CallID: t.callID, Trace: t.trace, Repos: []canon.Repo{c.begins}, Anonymous: t.nobody})
	e.transport.ahead = true
	e.transport.lease = &lease{lender: t.lease, wanted: e.wanted}
	a.sent[address] = e
	a.running.Go(func() {
		defer close(e.came)
		defer func() { e.panicked = recover() }()
		resp, err := e.transport.RoundTrip(req)
		if err != nil {
			e.failure = From(err)
		}
		e.resp = resp
	})
	return notYet()
}

// taken returns the answer to a request that was sent ahead, and whether there was one
// that counts. It is handed out once.
func (c *Reader) taken(query url.Values, segments []string) (resp *http.Response, failure *Error, ok bool) {
	a := c.ahead
	address := c.address(query, segments)
	a.mu.Lock()
	e := a.sent[address]
	if e != nil && (a.over || !c.expected.knows(e.repo)) {
		e = nil
	}
	if e != nil {
		a.sent[address] = nil
	}
	a.mu.Unlock()
	if e == nil {
		return nil, nil, false
	}
	close(e.wanted)
	<-e.came
	if e.panicked != nil {
		panic(e.panicked)
	}
	if status := e.transport.status.Load(); status != 0 {
		c.transport.status.Store(status)
	}
	if e.failure != nil {
		if e.failure.Kind == Refused { // it was not sent
			return nil, nil, false
		}
		return nil, e.failure, true
	}
	c.transport.noteHeld(e.resp.Request)
	return e.resp, nil, true
}

// end gives up what nobody has asked for, and waits until it is gone.
func (a *ahead) end() {
	a.mu.Lock()
	a.over = true
	if a.cancel != nil {
		a.cancel()
	}
	a.mu.Unlock()
	a.running.Wait()
}

// notYet is the error of a read that was only begun.
func notYet() *Error { return &Error{Kind: Refused, Message: "The answer is not there yet."} }
