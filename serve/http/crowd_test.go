package http

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"
)

// Who has not shown a key is in nobody's way, however much of a request is there already:
// with a body that does not come, too.
func TestWhoHasNoKeyIsInNobodysWay(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{
		"without a key":     "",
		"with another key":  "Authorization: Bearer " + keyOf("nobody") + "\r\n",
		"for another name":  "Host: elsewhere\r\n",
		"from another page": "Origin: https://elsewhere\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, stage{config: func(c *Config) { c.Limits.Connections, c.MaxFailures = 40, 1 }})
			if name != "for another name" {
				head += "Host: localhost\r\n"
			}
			for range 60 {
				s.raw("POST /mcp HTTP/1.1\r\nContent-Type: application/json\r\n" + head + "Content-Length: 1000\r\n\r\n{")
			}
			s.served(t, "bodies do not come")
		})
	}
}

// One key's requests leave connections for those of others, however slowly they come.
func TestOneKeyLeavesConnectionsForOthers(t *testing.T) {
	t.Parallel()
	s := start(t, stage{config: func(c *Config) { c.Limits.Connections, c.Limits.Requests, c.RateByKey = 60, 10, 0 }})
	s.hold("bob")
	for range 100 {
		s.raw("POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + keyOf("bob") + "\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
	}
	begun := time.Now()
	s.served(t, "bob's bodies do not come")
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("after %s", took)
	}
	response, body := s.request(http.MethodPost, s.url, modern(1, "tools/list", ""), "Authorization", "Bearer "+keyOf("bob"), versionHeader, eras[1])
	if response.StatusCode != http.StatusServiceUnavailable {
		t.Error(fmt.Sprint(response.StatusCode, body))
	}
}

// A key that comes from many addresses is held to its own rate before they are counted: it
// fills no table that others' addresses have a place in.
func TestOneKeyFillsNoTable(t *testing.T) {
	t.Parallel()
	s := start(t, stage{config: func(c *Config) {
		c.RateByKey, c.RateByAddress, c.Proxies = 5, 2, []netip.Prefix{prefix("127.0.0.0/8")}
	}})
	s.hold("bob")
	ask := func(key, from string) int {
		response, _ := s.request(http.MethodPost, s.url, modern(1, "tools/list", ""), "Authorization", "Bearer "+key, versionHeader, eras[1], "Mcp-Method", "tools/list", "X-Forwarded-For", from)
		return response.StatusCode
	}
	for i := range 50 {
		ask(keyOf("bob"), fmt.Sprintf("2001:db8:0:%x::1", i))
	}
	s.server.rates.mu.Lock()
	counted := len(s.server.rates.of)
	s.server.rates.mu.Unlock()
	if counted > 6 {
		t.Errorf("%d addresses of 5 requests are counted", counted)
	}
	for i, want := range []int{http.StatusOK, http.StatusOK, http.StatusTooManyRequests} {
		if got := ask(keyOf("alice"), fmt.Sprintf("2001:db8:1:1::%x", i)); got != want {
			t.Errorf("request %d of a network: %d, not %d", i+1, got, want)
		}
	}
}

// A body that does not come is waited for no longer where none belongs.
func TestBodiesThatBelongNowhere(t *testing.T) {
	t.Parallel()
	s := start(t, stage{config: func(c *Config) { c.Limits.ReadBody = time.Second }})
	for _, method := range []string{"GET", "DELETE", "PUT"} {
		for _, era := range eras {
			conn := s.raw(method + " /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + keyOf("alice") + "\r\nMcp-Protocol-Version: " + era + "\r\nContent-Length: 100\r\n\r\n{")
			_ = conn.SetReadDeadline(time.Now().Add(8 * time.Second))
			if _, err := io.Copy(io.Discard, conn); err != nil {
				t.Errorf("%s, %s: %v", method, era, err)
			}
		}
	}
}

// peer is a connection from somewhere.
type peer struct {
	net.Conn
	from   string
	closed chan struct{}
}

func (p peer) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(p.from)) }

func (p peer) Close() error {
	close(p.closed)
	return nil
}

// Whoever opens many connections pushes out their own, from however many addresses of one
// network, and not those of others that wait for their next request.
func TestWhoOpensManyPushesOutTheirOwn(t *testing.T) {
	t.Parallel()
	full := 0
	c := newCrowd(10, func() { full++ })
	arrive := func(from string) peer {
		p := peer{from: from, closed: make(chan struct{})}
		c.changed(p, http.StateNew)
		c.changed(p, http.StateActive)
		return p
	}
	var others []peer
	for i := range 3 {
		p := arrive(fmt.Sprintf("192.0.2.%d:1", i))
		c.serve(p)()
		c.changed(p, http.StateIdle)
		others = append(others, p)
	}
	served := arrive("[2001:db8::1]:1") // of the same network as those who flood
	done := c.serve(served)
	var flood []peer
	for i := range 100 {
		flood = append(flood, arrive(fmt.Sprintf("[2001:db8::%x]:1", i+2)))
	}
	for _, p := range flood[:100-6] {
		<-p.closed
		c.changed(p, http.StateClosed)
	}
	done()
	for _, p := range append(others, append(flood[100-6:], served)...) {
		select {
		case <-p.closed:
			t.Errorf("%s was closed", p.from)
		default:
		}
	}
	if full == 0 || c.size() != 10 {
		t.Errorf("%d had to go, %d are left", full, c.size())
	}
	for p := range c.all {
		c.changed(p, http.StateClosed)
	}
	if c.size() != 0 || len(c.quiet) != 0 {
		t.Errorf("%d are left", c.size())
	}
}
