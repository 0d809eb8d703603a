// Package http serves MCP over Streamable HTTP, to many callers at once.
//
// A request goes through the same doors in the same order: the address that it is for,
// its host and origin, its key, its rates, its body. What gets past them is a message
// that [aegis/serve/frame] has judged, of a caller who holds a key that is in force at
// this moment. The MCP library sees nothing else: no key, no other header, no other
// caller's sessions. What the library answers leaves with its errors reduced to fixed
// texts.
//
// Deliveries of webhooks come on a path of their own. They are signed and need no key, and go
// to whom takes them; the library has no part in that.
//
// A key is a caller, made when the key is first used and known for as long as the key
// is in force. Each has a server of its own, so that a session of another one's does
// not exist for it. Nothing here decides about a call: that is the gate's.
package http

import (
	"cmp"
	"context"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"aegis/gate"
	"aegis/gate/caller"
	"aegis/internal/metrics"
	"aegis/tools"

	"github.com/rs/zerolog"
)

// Path is where MCP is served.
const Path = "/mcp"

// Key is who a presented key is.
type Key struct {
	ID      string // the caller's, the same after the key's secret was changed
	Name    string
	Caller  caller.Config
	Expires time.Time      // the zero time is never
	From    []netip.Prefix // where it may be used from, nil for everywhere
}

// Keys knows the keys that are in force. It is safe for concurrent use.
type Keys interface {
	// Verify returns whose key is presented, and whether it is in force. Of one that
	// was in force once it may tell the name.
	Verify(presented string) (Key, bool)
	// InForce reports whether a caller, by its id, has a key that is in force.
	InForce(id string) bool
}

// Config says whom to serve and how much. Door, Callers and Keys are required.
type Config struct {
	Version string
	Door    *gate.Gate
	Callers func(caller.Config) *caller.Caller
	Keys    Keys
	Anyone  *Key           // whom a request needs no key to be, nil for nobody: development
	Self    *caller.Caller // what the log calls this server
	Tools   []tools.Tool   // every tool if nil
	Hooks   http.Handler   // who takes webhooks, nil for nobody: there is no such path then

	Hosts   []string       // by which clients reach the server, besides its own address
	Proxies []netip.Prefix // that tell from where a request came

	MaxFailures   int           // of an address, until it has to wait; 5 if zero
	FailureWindow time.Duration // in which; 5 minutes if zero
	RateByAddress int           // requests a minute; 0 is unlimited
	RateByKey     int           // requests a minute; 0 is unlimited
	Limits        Limits
	Longest       time.Duration // a request may take, from when it was read
	Drain         time.Duration // that running calls get at the end; 10 s if zero

	Observer *metrics.Observer // is told of requests; nil is nobody
	Logger   zerolog.Logger
}

// Limits bound what callers hold at once. Zero members are the defaults.
type Limits struct {
	Sessions    int   // of a caller, of the older protocol; 32
	AllSessions int   // 1,024
	Requests    int   // of a caller, that wait for their answer; 128
	AllRequests int   // 2,048
	Body        int64 // bytes of a request; 8 MiB: a file of the greatest length that a tool takes, however it is escaped
	Bodies      int64 // bytes of a caller's requests that wait for their answer; 32 MiB
	AllBodies   int64 // 128 MiB
	Connections int   // 4,096

	ReadHeader, ReadBody, WriteChunk, Idle time.Duration // 10 s, 20 s, 30 s, 2 minutes
	SessionIdle                            time.Duration // until a session without requests is closed; 30 minutes
	Abandoned                              time.Duration // until one that nobody is in may go for a new one; 1 minute
}

func (l *Limits) fill() {
	number := func(n *int, otherwise int) {
		if *n <= 0 {
			*n = otherwise
		}
	}
	number(&l.Sessions, 32)
	number(&l.AllSessions, 1024)
	number(&l.Requests, 128)
	number(&l.AllRequests, 2048)
	number(&l.Connections, 4096)
	size := func(n *int64, otherwise int64) {
		if *n <= 0 {
			*n = otherwise
		}
	}
	size(&l.Body, 8<<20)
	size(&l.Bodies, 32<<20)
	size(&l.AllBodies, 128<<20)
	span := func(d *time.Duration, otherwise time.Duration) {
		if *d <= 0 {
			*d = otherwise
		}
	}
	span(&l.ReadHeader, 10*time.Second)
	span(&l.ReadBody, 20*time.Second)
	span(&l.WriteChunk, 30*time.Second)
	span(&l.Idle, 2*time.Minute)
	span(&l.SessionIdle, 30*time.Minute)
	span(&l.Abandoned, time.Minute)
}

// Server serves callers. Make one with [New].
type Server struct {
	config    Config
	tenants   tenants
	failed    *buckets // by address
	rates     *buckets // by address
	failures  failures // that the log does not have yet
	unwelcome *buckets // by address, of deliveries that do not count
	arriving  *arrivals
	crossing  *http.CrossOriginProtection
	requests  *room // of all callers, that wait for their answer
	bodies    *room
	wake      chan struct{} // holds one: a key may have gone
	draining  atomic.Bool
	crowd     *crowd
}

// New makes a server. It listens to nobody yet.
func New(c Config) *Server {
	c.Limits.fill()
	if c.MaxFailures <= 0 {
		c.MaxFailures = 5
	}
	if c.FailureWindow <= 0 {
		c.FailureWindow = 5 * time.Minute
	}
	if c.Drain <= 0 {
		c.Drain = 10 * time.Second
	}
	if c.Longest <= 0 {
		c.Longest = 10 * time.Minute
	}
	if c.Tools == nil {
		c.Tools = tools.All()
	}
	s := &Server{
		config: c, wake: make(chan struct{}, 1), tenants: tenants{known: make(map[string]*tenant)},
		failed:    newBuckets(c.MaxFailures, c.FailureWindow),
		rates:     newBuckets(c.RateByAddress, time.Minute),
		unwelcome: newBuckets(c.MaxFailures, c.FailureWindow), arriving: newArrivals(),
		crossing: http.NewCrossOriginProtection(),
		requests: newRoom(int64(c.Limits.AllRequests), nil),
		bodies:   newRoom(c.Limits.AllBodies, nil),
		crowd:    newCrowd(c.Limits.Connections, func() { c.Observer.Limited("connections") }),
	}
	c.Observer.Watch(metrics.HTTPConnections, func() float64 { return float64(s.crowd.size()) })
	c.Observer.Watch(metrics.Sessions, func() float64 {
		open := 0
		for _, t := range s.tenants.all() {
			open += t.sessions()
		}
		return float64(open)
	})
	return s
}

// Draining reports whether the server is about to end: it begins nothing new.
func (s *Server) Draining() bool { return s.draining.Load() }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := &answers{ResponseWriter: w, within: s.config.Limits.WriteChunk}
	defer out.arm() // what is left to write is written after it
	defer func() { s.config.Observer.Served(cmp.Or(out.status, http.StatusOK)) }()
	defer s.contain(out)
	if refused := s.admit(out, r); refused != nil {
		s.config.Observer.Limited(refused.limit)
		refused.write(out)
	}
}

// admit takes a request past the doors, or says why not.
func (s *Server) admit(out *answers, r *http.Request) *refusal {
	switch {
	case r.URL.Path == HookPath && s.config.Hooks != nil:
		return s.hook(out, r)
	case r.URL.Path != Path:
		return notFound
	}
	if refused := s.addressed(r); refused != nil {
		return refused
	}
	if s.draining.Load() && r.Header.Get(sessionHeader) == "" { // in a session somebody may be asked still
		return goingDown
	}
	from := s.cameFrom(r)
	t, refused := s.authenticate(r, from)
	if refused != nil {
		return refused
	}
	return t.serve(out, r, from)
}

// contain makes a panic one failed request.
func (s *Server) contain(out *answers) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	logPanic(s.config.Logger, p)
	if !out.begun {
		internal.write(out)
	}
}

// begin has it recorded that the server starts. A log that can't be written denies
// calls, and does not keep the server from starting.
func (s *Server) begin(ctx context.Context) {
	if err := s.config.Door.Begin(ctx, s.config.Self, caller.Connect("")); err != nil {
		s.config.Logger.Error().Err(err).Msg("audit log unavailable; calls will be denied")
	}
}
