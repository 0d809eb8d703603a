package http

import (
	"fmt"
	"net/http"
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
