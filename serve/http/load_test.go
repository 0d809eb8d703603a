package http

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

// loadTime is the variable with how long [TestLoad] goes on.
const loadTime = "AEGIS_TEST_LOAD"

// silentConnections is how many there are that say nothing, or only begin to.
const silentConnections = 2000

// Many callers at once, each on connections of its own in either era, beside connections
// that say nothing and bodies that do not come: all are answered, and nothing is left of
// any. Where the variable says so it goes on for longer, at 80 % of the rate that it
// reached.
func TestLoad(t *testing.T) {
	if testing.Short() {
		t.Skip("a load")
	}
	left := func() int { // but those of connections to the forge, which are bounded
		return strings.Count(stacks(), "aegis/serve") + strings.Count(stacks(), "go-sdk/")
	}
	before := left() // of tests that wait for this one
	callers, each := 200, 10
	s := start(t, stage{config: func(c *Config) { c.RateByKey = 0 }, forge: sampled(t, map[string]http.HandlerFunc{"/user": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"id":1,"login":"somebody"}`)
	}})})
	for n := range callers {
		s.hold(fmt.Sprintf("c%d", n))
	}
	s.once(keyOf("c0"), eras[0], "get_me", nil)
	var silent []net.Conn
	for i := range silentConnections {
		silent = append(silent, s.raw([]string{
			"", "POST /mcp HTTP/1.1\r\nHost: localhost\r\n",
			"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000000\r\nAuthorization: Bearer " + keyOf(fmt.Sprintf("c%d", i%callers)) + "\r\n\r\n{",
		}[i%3]))
	}
	began := time.Now()
	took := s.load(callers, each, nil)
	top := float64(len(took)) / time.Since(began).Seconds()
	report := func(what string, took []time.Duration) {
		slices.Sort(took)
		var memory runtime.MemStats
		s.forge.Reset() // what the test has noted, and its clients hold, is not the server's
		s.stderr.Reset()
		s.hangUp()
		runtime.GC()
		runtime.ReadMemStats(&memory)
		t.Logf("%s: %d calls, p50 %s, p99 %s, %d MB in use after", what, len(took), took[len(took)/2], took[len(took)*99/100], memory.HeapAlloc>>20)
		if memory.HeapAlloc > 300<<20 {
			t.Errorf("%d MB are in use", memory.HeapAlloc>>20)
		}
	}
	if len(took) < callers*each {
		t.Fatalf("%d of %d calls were answered", len(took), callers*each)
	}
	report(fmt.Sprintf("%d callers with %d calls at once, %.0f a second", callers, each, top), took)
	if long, err := time.ParseDuration(os.Getenv(loadTime)); err == nil {
		pace := rate.NewLimiter(rate.Limit(0.8*top), 1)
		end := time.Now().Add(long)
		for time.Now().Before(end) {
			report("at 80 %", s.load(callers, each, pace))
		}
	}
	for _, conn := range silent {
		_ = conn.Close()
	}
	s.eventually("no session is left over", func() bool {
		left := s.server.requests.inUse() + s.server.bodies.inUse()
		s.server.tenants.mu.Lock()
		defer s.server.tenants.mu.Unlock()
		for _, tenant := range s.server.tenants.known {
			left += int64(tenant.sessions())
		}
		return left == 0
	})
	s.hangUp()
	s.eventually("no goroutine is left over", func() bool { return left() < before+20 })
	if t.Failed() {
		t.Log(stacks())
	}
}

// stacks are those of all goroutines.
func stacks() string {
	all := make([]byte, 8<<20)
	return string(all[:runtime.Stack(all, true)])
}

// load makes calls of all callers at once, each caller's on one connection, and returns
// how long each took.
func (s *stage) load(callers, each int, pace *rate.Limiter) (took []time.Duration) {
	var group sync.WaitGroup
	var mu sync.Mutex
	for n := range callers {
		group.Go(func() {
			session, err := s.connect(keyOf(fmt.Sprintf("c%d", n)), eras[n%2], nil)
			if err != nil {
				s.t.Error(err)
				return
			}
			defer session.Close()
			for range each {
				if pace != nil && pace.Wait(s.t.Context()) != nil {
					return
				}
				begin := time.Now()
				if a := s.ask(session, "get_me", nil); a.code != "" {
					s.t.Error(a.text)
					return
				}
				mu.Lock()
				took = append(took, time.Since(begin))
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return took
}
