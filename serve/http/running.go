package http

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"time"

	"aegis/gate/caller"
)

// sweepEvery is how often keys are looked at while nobody asks for anything: what is open
// by a key that is revoked ends within that time.
const sweepEvery = time.Second

// endsWithin bounds how long what was cancelled may take to end.
const endsWithin = 3 * time.Second

// answersAreRead is how long clients have to read the last answers of a server that ends.
const answersAreRead = 200 * time.Millisecond

// Serve serves a listener until ctx is done, then ends: nothing new is begun, what runs
// may end within the time to drain, what still runs is cancelled, and everybody's end is
// recorded.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	limits := s.config.Limits
	server := &http.Server{
		Handler: s, BaseContext: func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: limits.ReadHeader, ReadTimeout: limits.ReadHeader + limits.ReadBody, IdleTimeout: limits.Idle,
		MaxHeaderBytes: 16 << 10, Protocols: new(http.Protocols),
		ErrorLog:  log.New(debugLines{s.config.Logger}, "", 0),
		ConnState: s.crowd.changed, ConnContext: withConn,
	}
	server.Protocols.SetHTTP1(true)
	s.begin(base)
	ran := make(chan error, 1)
	go func() { ran <- server.Serve(listener) }()
	looked := make(chan struct{})
	go func() {
		defer close(looked)
		s.look(base, ctx)
	}()
	var err error
	select {
	case err = <-ran:
	case <-ctx.Done():
	}
	s.drain(server, listener)
	cancel()
	<-looked
	s.end()
	_ = server.Close()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// look does what is done from time to time, until ctx is done.
func (s *Server) look(base, ctx context.Context) {
	sweep, record := time.NewTicker(sweepEvery), time.NewTicker(recordEvery)
	defer sweep.Stop()
	defer record.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-base.Done():
			return
		case <-sweep.C:
			s.sweep()
		case <-s.wake:
			s.sweep()
			select { // a flood of refusals is no flood of this
			case <-ctx.Done():
			case <-time.After(sweepEvery / 10):
			}
		case <-record.C:
			s.recordFailures(base)
		}
	}
}

// retire ends all that is open of a tenant, and records why.
func (s *Server) retire(t *tenant, why string) {
	t.cancel()
	for session := range t.server.Sessions() {
		go session.Close() // which waits for what runs
	}
	t.idle(endsWithin)
	ctx, cancel := context.WithTimeout(context.Background(), endsWithin)
	defer cancel()
	if err := s.config.Door.EndBecause(ctx, t.caller, caller.Connect(""), why); err != nil {
		s.config.Logger.Error().Err(err).Msg("a session's end could not be recorded")
	}
}

// idle waits until nothing runs, and not for longer than that.
func (t *tenant) idle(within time.Duration) {
	waitFor(within, func() bool { return t.requests.inUse() == 0 })
}

func waitFor(within time.Duration, done func() bool) {
	for end := time.Now().Add(within); !done() && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
}

// drain lets what runs end, and ends what does not.
func (s *Server) drain(server *http.Server, listener net.Listener) {
	s.draining.Store(true)
	_ = listener.Close()
	running := s.requests.inUse() > 0
	waitFor(s.config.Drain, func() bool { return s.requests.inUse() == 0 })
	if running { // a client takes the end of its standing stream for that of its calls
		time.Sleep(answersAreRead)
	}
	for _, t := range s.tenants.all() {
		t.cancel()
		for session := range t.server.Sessions() {
			go session.Close()
		}
	}
	waitFor(endsWithin, func() bool { return s.requests.inUse() == 0 })
	ctx, cancel := context.WithTimeout(context.Background(), endsWithin)
	defer cancel()
	_ = server.Shutdown(ctx)
}

// all returns who is known.
func (t *tenants) all() (all []*tenant) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, each := range t.known {
		all = append(all, each)
	}
	return all
}

// end records that everybody goes, and the server with them.
func (s *Server) end() {
	ctx, cancel := context.WithTimeout(context.Background(), endsWithin)
	defer cancel()
	s.recordFailures(ctx)
	for _, t := range s.tenants.all() {
		if err := s.config.Door.End(ctx, t.caller, caller.Connect("")); err != nil {
			s.config.Logger.Error().Err(err).Msg("a session's end could not be recorded")
		}
	}
	if err := s.config.Door.End(ctx, s.config.Self, caller.Connect("")); err != nil {
		s.config.Logger.Error().Err(err).Msg("the server's end could not be recorded")
	}
}
