package http

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"aegis/internal/metrics"

	"github.com/rs/zerolog"
)

// AdminConfig says what operators are told.
type AdminConfig struct {
	Observer *metrics.Observer
	Parts    []Part
	Jobs     http.Handler // who has jobs run by hand, and sees to it who may; nil for nobody: there are no such paths then
	Logger   zerolog.Logger
}

// Admin tells operators how a server is. It is served on a listener of its own, to
// whoever can reach that: nothing of a caller, a repository or an address is in it. Jobs
// are for who shows to be the operator.
type Admin struct {
	config AdminConfig
	ready  *readiness
	shown  sync.Mutex // one at a time makes all the metrics
}

// Where operators ask.
const (
	MetricsPath = "/metrics"
	HealthPath  = "/healthz"
	ReadyPath   = "/readyz"
	JobsPaths   = "/jobs/" // and what is below
)

// What an admin listener bounds: connections, and the time for each of a request's parts.
const (
	adminConnections = 64
	adminPatience    = 5 * time.Second
	adminIdle        = time.Minute
)

// gauges are the metrics that tell of a part.
var gauges = map[string]string{
	"policy": metrics.PolicyOK, "keys": metrics.KeysOK, "audit_log": metrics.AuditOK, "state": metrics.StateOK, "kill_switch": metrics.KillSwitch,
}

// NewAdmin makes an Admin, and has the metrics tell of the parts.
func NewAdmin(c AdminConfig) *Admin {
	a := &Admin{config: c, ready: newReadiness(c.Parts)}
	for _, part := range a.ready.parts {
		name := gauges[part.Word]
		if name == "" {
			continue
		}
		c.Observer.Watch(name, func() float64 {
			if part.wasFine() != (name == metrics.KillSwitch) { // which is on where the part is not as it should be
				return 1
			}
			return 0
		})
	}
	return a
}

// Look looks at the parts, so that the metrics tell how they are now.
func (a *Admin) Look(ctx context.Context) { a.ready.missing(ctx) }

// Serve serves a listener until ctx is done.
func (a *Admin) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler: a, MaxHeaderBytes: 8 << 10, Protocols: new(http.Protocols),
		ReadHeaderTimeout: adminPatience, ReadTimeout: adminPatience, WriteTimeout: 2*answeredWithin + adminPatience, IdleTimeout: adminIdle,
		ErrorLog:  log.New(debugLines{a.config.Logger}, "", 0),
		ConnState: newCrowd(adminConnections, func() {}).changed,
	}
	server.Protocols.SetHTTP1(true)
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// ServeHTTP answers one request.
func (a *Admin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Type", ownText)
	switch {
	case !a.mayAsk(r):
		w.WriteHeader(wrongHost.status)
		_, _ = fmt.Fprintln(w, "this host name is none of loopback's")
	case a.config.Jobs != nil && strings.HasPrefix(r.URL.Path, JobsPaths):
		a.config.Jobs.ServeHTTP(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		header.Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
	case r.URL.Path == HealthPath:
		_, _ = io.WriteString(w, "alive\n")
	case r.URL.Path == ReadyPath:
		a.tellReady(w, r)
	case r.URL.Path == MetricsPath:
		a.tellMetrics(w, r)
	default:
		notFound.write(w)
	}
}

// mayAsk refuses a page that had its own name lead to loopback. Whoever listens to others
// goes by names that nobody here knows.
func (a *Admin) mayAsk(r *http.Request) bool {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if local == nil || !addressOf(local.String()).IsLoopback() {
		return true
	}
	host := strings.ToLower(strings.TrimSuffix(hostOf(r.Host), "."))
	return host == "localhost" || addressOf(host).IsLoopback()
}

// Ready and NotReady begin what [ReadyPath] answers. The latter is followed by words.
const (
	Ready    = "ready"
	NotReady = "not ready: "
)

func (a *Admin) tellReady(w http.ResponseWriter, r *http.Request) {
	missing := a.ready.missing(r.Context())
	if len(missing) == 0 {
		_, _ = io.WriteString(w, Ready+"\n")
		return
	}
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = io.WriteString(w, NotReady+strings.Join(missing, ", ")+"\n")
}

func (a *Admin) tellMetrics(w http.ResponseWriter, r *http.Request) {
	a.Look(r.Context())
	var all bytes.Buffer
	a.shown.Lock()
	err := a.config.Observer.Write(&all)
	a.shown.Unlock()
	if err != nil {
		internal.write(w)
		return
	}
	w.Header().Set("Content-Type", metrics.ContentType)
	_, _ = w.Write(all.Bytes())
}
