package http

import (
	"fmt"
	"io"
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
