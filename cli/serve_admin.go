package cli

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"

	"aegis/internal/app"
	"aegis/internal/automation"
	"aegis/internal/keys"
	"aegis/serve/http"

	"github.com/rs/zerolog"
)

// Where operators ask, unless it is said otherwise, and what says that they can't.
const (
	adminByDefault = "127.0.0.1:9464"
	adminOff       = "off"
)

// adminAddress is where operators ask, nil for nowhere.
func (s *settings) adminAddress() (at *net.TCPAddr, source string, err error) {
	address, source, err := s.text(adminListen)
	switch {
	case err != nil:
		return nil, source, err
	case strings.EqualFold(address, adminOff):
		return nil, source, nil
	case address == "":
		address = adminByDefault
	}
	if at, err = net.ResolveTCPAddr("tcp", address); err != nil {
		return nil, source, wrong(source, "%q is no address to listen at; write it like %s, or %s for none", address, adminByDefault, adminOff)
	}
	return at, source, nil
}

// readAdmin refuses to tell others how the server is, unless that is said.
func (s *settings) readAdmin(c *serveConfig) (err error) {
	allowed, err := s.flag(adminInsecure)
	if err != nil {
		return err
	}
	source := ""
	if c.admin, source, err = s.adminAddress(); err != nil || c.admin == nil {
		return err
	}
	if !c.admin.IP.IsLoopback() && !allowed {
		return wrong(source, "%s is reached from other machines, and whoever reaches it may read how much is done here; allow it with %s where only monitoring does",
			c.admin, names(adminInsecure))
	}
	return nil
}

// parts are what a server needs to be of use.
func parts(door *app.App, store *keys.Store, jobs *automation.Automation, server *http.Server) []http.Part {
	fine := func(err func() error) func(context.Context) bool {
		return func(context.Context) bool { return err() == nil }
	}
	all := []http.Part{
		{Word: "policy", OK: fine(door.Policies.Err)},
		{Word: "audit_log", OK: func(ctx context.Context) bool { return door.Log.Check(ctx) == nil }},
		{Word: "state", OK: fine(door.CheckState)},
		{Word: "kill_switch", OK: func(context.Context) bool { return !door.Gate.Killed() }},
		{Word: "draining", OK: func(context.Context) bool { return !server.Draining() }},
	}
	if store != nil { // else there are no keys
		all = append(all, http.Part{Word: "keys", OK: fine(store.Err)})
	}
	if jobs != nil {
		all = append(all, http.Part{Word: "jobs", OK: fine(jobs.Err)})
	}
	return all
}

// tellOperators serves operators and writes the metrics file. What it returns ends both, and
// returns when they have ended.
func (c serveConfig) tellOperators(admin *http.Admin, listener net.Listener, door *app.App, logger zerolog.Logger) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	if listener != nil {
		all.Go(func() {
			if err := admin.Serve(ctx, listener); err != nil {
				logger.Error().Err(err).Msg("operators are told nothing any more")
			}
		})
	}
	endCounting := c.keepCounting(door, admin.Look, logger)
	return func() {
		cancel()
		all.Wait()
		endCounting()
	}
}

// listenForOperators opens the operators' port, nil if there is to be none.
func (c serveConfig) listenForOperators() (net.Listener, error) {
	if c.admin == nil {
		return nil, nil
	}
	listener, err := net.ListenTCP("tcp", c.admin)
	if err != nil {
		return nil, wrong(names(adminListen), "%v; name another address, or %s for none", fmt.Errorf("can't listen: %w", err), adminOff)
	}
	return listener, nil
}
