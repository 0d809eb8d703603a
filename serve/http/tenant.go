package http

import (
	"context"
	"net/http"
	"reflect"
	"sync"
	"time"

	"aegis/gate/caller"
	"aegis/internal/canon"
	"aegis/serve"
	"aegis/serve/frame"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"golang.org/x/time/rate"
)

// tenant is a caller with all that is made for it alone: a server, its sessions, and what
// it has of what there is for all.
type tenant struct {
	of      *Server
	key     Key
	caller  *caller.Caller
	server  *mcp.Server
	legacy  http.Handler // of the older protocol, with sessions
	modern  http.Handler // of the newer one, without
	telling http.Handler // the same, for requests that want to be told how far they are
	rate    *rate.Limiter

	ctx    context.Context // done when the key is not in force any more
	cancel context.CancelFunc

	http     *room // HTTP requests, those that still come in and standing streams among them
	requests *room // that wait for their answer
	bodies   *room // of those
	mu       sync.Mutex
	opening  int // sessions that are being made
	stays    int
	open     map[asker]map[int]context.CancelFunc // requests and calls, by what they were let in by
	present  map[string]*presence
}

// tenants are those who have come, by the ids of their callers.
type tenants struct {
	mu    sync.Mutex
	known map[string]*tenant
}

// sinceStateless is the protocol's version from which on there are no sessions.
const sinceStateless = "2026-07-28"

const (
	versionHeader = "Mcp-Protocol-Version"
	sessionHeader = "Mcp-Session-Id"
)

// attributesChanged is why somebody ends whose key says something else now.
const attributesChanged = "the key's attributes have changed"

// tenant returns who holds a key. Who comes first is made; whose key's attributes have
// changed is made anew, with what is kept of the caller.
func (s *Server) tenant(key Key) *tenant {
	s.tenants.mu.Lock()
	defer s.tenants.mu.Unlock()
	known := s.tenants.known[key.ID]
	if known != nil && reflect.DeepEqual(known.key.Caller, key.Caller) {
		return known
	}
	fresh := s.open(key)
	s.tenants.known[key.ID] = fresh
	if known != nil {
		go s.retire(known, attributesChanged)
	}
	return fresh
}

// open makes a tenant.
func (s *Server) open(key Key) *tenant {
	t := &tenant{
		of: s, key: key, caller: s.config.Callers(key.Caller), rate: rate.NewLimiter(rate.Inf, 0),
		present:  make(map[string]*presence),
		open:     make(map[asker]map[int]context.CancelFunc),
		http:     newRoom(2*int64(s.config.Limits.Requests), nil), // answers to what a human is asked come beside as many
		requests: newRoom(int64(s.config.Limits.Requests), s.requests),
		bodies:   newRoom(s.config.Limits.Bodies, s.bodies),
	}
	if perMinute := s.config.RateByKey; perMinute > 0 {
		t.rate = rate.NewLimiter(rate.Every(time.Minute/time.Duration(perMinute)), perMinute)
	}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	logger := s.config.Logger.With().Str("session", t.caller.Session()).Logger()
	t.server = serve.NewServer(s.config.Version, s.config.Door, t.caller, nil, s.config.Tools, logger).Library()
	t.server.AddReceivingMiddleware(frame.Sealed, t.outstanding)
	library := func(*http.Request) *mcp.Server { return t.server }
	t.legacy = withWhoAsks(mcp.NewStreamableHTTPHandler(library, &mcp.StreamableHTTPOptions{
		SessionTimeout: s.config.Limits.SessionIdle, MaxRequestBodyBytes: -1, DisableLocalhostProtection: true,
	}))
	modern := mcp.StreamableHTTPOptions{Stateless: true, PropagateRequestCancellation: true, MaxRequestBodyBytes: -1, DisableLocalhostProtection: true}
	t.telling = withWhoAsks(mcp.NewStreamableHTTPHandler(library, &modern))
	answering := modern
	answering.JSONResponse = true // it has no room for more than the answer, and costs less
	t.modern = withWhoAsks(mcp.NewStreamableHTTPHandler(library, &answering))
	return t
}

// take counts a request, or says how long to wait for it.
func (t *tenant) take(now time.Time) (wait time.Duration) { return taken(t.rate, now) }

// handedOn are the headers that the library needs. It is given no others: what it has of
// a request it hands on.
var handedOn = []string{"Accept", "Content-Type", "Last-Event-Id", "Mcp-Method", "Mcp-Name", sessionHeader, versionHeader}

// traceOf is the trace that a request's header names. Of two headers none counts.
func traceOf(header http.Header) canon.Trace {
	if said := header.Values("Traceparent"); len(said) == 1 {
		return canon.ParseTrace(said[0])
	}
	return canon.Trace{}
}

// serve gives a request to the library.
func (t *tenant) serve(out *answers, r *http.Request, who asker) *refusal {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(t.ctx, cancel)()
	defer t.stay(who, cancel)()
	asks := frame.CarryFrom(new(auth.TokenInfo), who.from.at.String())
	frame.CarryTrace(asks, traceOf(r.Header))
	who.carry(asks)
	inner := r.WithContext(context.WithValue(ctx, asksKey{}, asks))
	inner.Header = http.Header{"Authorization": {"Bearer verified"}}
	for _, name := range handedOn {
		if values := r.Header.Values(name); len(values) > 0 {
			inner.Header[name] = values
		}
	}
	handler, legacy := t.modern, r.Header.Get(versionHeader) < sinceStateless
	if legacy {
		handler = t.legacy
		defer t.enter(r.Header.Get(sessionHeader))()
	}
	if r.Method != http.MethodPost {
		control := http.NewResponseController(out)
		_ = control.SetReadDeadline(time.Time{}) // a stream stands for long
		handler.ServeHTTP(out, inner)
		_ = control.SetReadDeadline(time.Now().Add(t.of.config.Limits.ReadBody)) // of what else the request announced
		return nil
	}
	body, refused := t.read(out, r)
	if refused != nil {
		return refused
	}
	defer body.done()
	message, refused := body.message(asks)
	switch {
	case refused != nil:
		return refused
	case message == nil: // nothing that anybody could act on
		out.WriteHeader(http.StatusAccepted)
		return nil
	}
	out.method = methodOf(message)
	telling := !legacy && wantsProgress(message)
	if inner.Body, refused = encoded(message); refused != nil {
		return refused
	}
	body.text, message = nil, nil // the library has its own
	if legacy && r.Header.Get(sessionHeader) == "" {
		if !t.openSession() {
			return sessionsFull
		}
		defer func() { t.sessionOpened(out.Header().Get(sessionHeader)) }()
	}
	if telling {
		handler = t.telling
	}
	handler.ServeHTTP(out, inner)
	return nil
}
