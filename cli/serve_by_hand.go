package cli

import (
	"net"
	"net/http"
	"net/netip"

	"aegis/internal/automation"
	"aegis/internal/automation/control"

	"github.com/rs/zerolog"
)

// byHand lets the operator have jobs run by hand. It is nil where no jobs run, or where there is
// no admin listener that this machine reaches at a loopback address. end takes it away.
func (c serveConfig) byHand(jobs *automation.Automation, admin net.Listener, logger zerolog.Logger) (handler http.Handler, end func()) {
	at := reachedAt(admin)
	if jobs == nil || at == "" {
		return nil, func() {}
	}
	byHand, err := control.Open(c.State, at, jobs)
	if err != nil {
		logger.Warn().Err(err).Msg("no job can be run by hand")
		return nil, func() {}
	}
	return byHand, func() {
		if err := byHand.Close(); err != nil {
			logger.Warn().Err(err).Msg("what lets jobs be run by hand could not be taken away")
		}
	}
}

// reachedAt is the loopback address at which a listener is reached, "" for none.
func reachedAt(listener net.Listener) string {
	if listener == nil {
		return ""
	}
	at, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return ""
	}
	address := onThisMachine(at)
	if parsed, err := netip.ParseAddrPort(address); err != nil || !parsed.Addr().Unmap().IsLoopback() {
		return ""
	}
	return address
}
