package http

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Whatever is no key that is in force here and now is refused in the same words, and
// nothing of it is written down anywhere.
func TestI12_NothingWithoutAKeyInForce(t *testing.T) {
	t.Parallel()
	s := start(t, stage{config: func(c *Config) { c.MaxFailures = 1000 }})
	good := keyOf("alice")
	expired, abroad, revoked := s.hold("expired"), s.hold("abroad"), s.hold("revoked")
	expired.Expires, abroad.From = time.Now().Add(-time.Second), []netip.Prefix{prefix("203.0.113.0/24")}
	s.keys.put(keyOf("expired"), expired)
	s.keys.put(keyOf("abroad"), abroad)
	s.keys.put(keyOf("revoked"), revoked)
	s.keys.revoke(keyOf("revoked"))
	bearer := func(key string) []string { return []string{"Authorization", "Bearer " + key} }
	attacks := map[string]struct {
		query  string
		header []string
	}{
		"nothing":                {},
		"an empty header":        {header: []string{"Authorization", ""}},
		"a scheme alone":         {header: []string{"Authorization", "Bearer"}},
		"an empty key":           {header: bearer("")},
		"another key":            {header: bearer(keyOf("nobody"))},
		"an expired key":         {header: bearer(keyOf("expired"))},
		"a revoked key":          {header: bearer(keyOf("revoked"))},
		"one for elsewhere":      {header: bearer(keyOf("abroad"))},
		"a truncated key":        {header: bearer(good[:len(good)-1])},
		"a longer key":           {header: bearer(good + "0")},
		"in another case":        {header: bearer(strings.ToUpper(good))},
		"twice in a header":      {header: bearer(good + " " + good)},
		"a list":                 {header: bearer(good + ", Bearer " + good)},
		"two headers":            {header: append(bearer(good), bearer(good)...)},
		"a right and a wrong":    {header: append(bearer(good), bearer(keyOf("nobody"))...)},
		"behind two spaces":      {header: bearer(" " + good)},
		"with a tab":             {header: []string{"Authorization", "Bearer\t" + good}},
		"in quotes":              {header: bearer(`"` + good + `"`)},
		"another scheme":         {header: []string{"Authorization", "Basic " + good}},
		"without a scheme":       {header: []string{"Authorization", good}},
		"very long":              {header: bearer(strings.Repeat("k", 10_000))},
		"good with a long tail":  {header: bearer(good + strings.Repeat("k", 10_000))},
		"in the URL":             {query: "?key=" + good + "&access_token=" + good + "&api_key=" + good},
		"in another header":      {header: []string{"X-Api-Key", good, "Api-Key", good, "Proxy-Authorization", "Bearer " + good}},
		"in a cookie":            {header: []string{"Cookie", "key=" + good + "; Authorization=" + good}},
		"with a forged from":     {header: append(bearer(keyOf("abroad")), "X-Forwarded-For", "203.0.113.7", "X-Real-Ip", "203.0.113.7", "Forwarded", "for=203.0.113.7")},
		"a made-up inner header": {header: []string{"Aegis-From", "203.0.113.7", "Aegis-Request-Id", "1"}},
	}
	var want string
	for name, attack := range attacks {
		for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodDelete, http.MethodOptions, http.MethodPut} {
			response, body := s.request(method, s.url+attack.query, hello, attack.header...)
			response.Header.Del("Date")
			got := fmt.Sprint(response.StatusCode, response.Header, body)
			if want == "" {
				want = got
			}
			if response.StatusCode != http.StatusUnauthorized || got != want {
				t.Errorf("%s, %s: %s; others got %s", name, method, got, want)
			}
		}
	}
	if response, body := s.request(http.MethodPost, s.url, hello, bearer(good)...); response.StatusCode != http.StatusOK {
		t.Errorf("the good key: %d %s", response.StatusCode, body)
	}
	if response, _ := s.request(http.MethodPost, s.url, hello, "authorization", "BEARER "+good); response.StatusCode != http.StatusOK {
		t.Errorf("schemes are in any case: %d", response.StatusCode)
	}
	s.stop()
	for _, text := range []string{s.stderr.String(), fmt.Sprint(s.entries())} {
		for _, never := range []string{good, keyOf("nobody"), keyOf("revoked"), keyOf("abroad"), strings.ToUpper(good), good[:20], s.token} {
			if strings.Contains(text, never) {
				t.Errorf("%s is written down: %s", never, text)
			}
		}
	}
	told := ""
	for _, entry := range s.entries() {
		if entry["kind"] == "auth_failure" {
			told += fmt.Sprint(entry["connection"], " ", entry["reason"], "\n")
		}
	}
	for _, each := range []string{"127.0.0.1 ", "no key: ", "unknown key: ", "malformed key: ", "key no longer in force (revoked): 5", "key no longer in force (expired): 5", "key used from an address that it is not for (abroad): 10"} {
		if !strings.Contains(told, each) {
			t.Errorf("the log does not tell of %q:\n%s", each, told)
		}
	}
}

// A session is of the key that it was begun with: to whoever else knows its id it is not
// there, and it goes on.
func TestI12_ASessionIsOfItsKey(t *testing.T) {
	t.Parallel()
	s := start(t, stage{})
	s.hold("bob")
	session := s.enter(keyOf("alice"), eras[0], nil)
	for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodDelete} {
		header := []string{"Authorization", "Bearer " + keyOf("bob"), "Mcp-Session-Id", session.ID(), "Mcp-Protocol-Version", eras[0]}
		response, body := s.request(method, s.url, `{"jsonrpc":"2.0","id":9,"method":"tools/list"}`, header...)
		if response.StatusCode != http.StatusNotFound || strings.TrimSpace(body) != "session not found" {
			t.Errorf("%s: %d %s", method, response.StatusCode, body)
		}
	}
	if a := s.ask(session, "get_me", nil); a.code != "" {
		t.Error(a.text)
	}
	if strings.Contains(fmt.Sprint(s.entries())+s.stderr.String(), session.ID()) {
		t.Error("a session's id is written down")
	}
}

// Failures cost their address, and nobody who holds a key behind it.
func TestI12_FailuresLockNobodyOut(t *testing.T) {
	t.Parallel()
	s := start(t, stage{})
	session := s.enter(keyOf("alice"), eras[1], nil)
	statuses, failures := make(map[int]int), 10_000
	if testing.Short() {
		failures = 2000
	}
	for i := range failures {
		response, _ := s.request(http.MethodPost, s.url, "", "Authorization", fmt.Sprintf("Bearer aegis_%039d", i))
		statuses[response.StatusCode]++
		if response.StatusCode == http.StatusTooManyRequests && response.Header.Get("Retry-After") == "" {
			t.Fatal("no Retry-After")
		}
		if i%1000 == 0 {
			if a := s.ask(session, "get_me", nil); a.code != "" {
				t.Fatalf("after %d failures: %s", i, a.text)
			}
			_ = s.enter(keyOf("alice"), eras[0], nil).Close()
		}
	}
	if statuses[http.StatusUnauthorized] > 6 || statuses[http.StatusUnauthorized]+statuses[http.StatusTooManyRequests] != failures {
		t.Errorf("%v", statuses)
	}
	s.stop()
	n := 0
	for _, entry := range s.entries() {
		if entry["kind"] == "auth_failure" {
			n++
		}
	}
	if n == 0 || n > 3 {
		t.Errorf("%d failures are %d entries", failures, n)
	}
}

// A revoked key's sessions end, whatever runs in them, and the log says why. The same
// name again is the same caller.
func TestI12_ARevokedKeyEndsItsSessions(t *testing.T) {
	t.Parallel()
	reached, gone := make(chan struct{}, 10), make(chan struct{}, 10)
	s := start(t, stage{forge: sampled(t, map[string]http.HandlerFunc{"/user": func(_ http.ResponseWriter, r *http.Request) {
		reached <- struct{}{}
		<-r.Context().Done()
		gone <- struct{}{}
	}})})
	for _, era := range eras {
		s.hold("alice")
		session := s.enter(keyOf("alice"), era, nil)
		answered := make(chan struct{})
		go func() {
			defer close(answered)
			_, _ = session.CallTool(t.Context(), &mcp.CallToolParams{Name: "get_me"})
		}()
		<-reached
		s.keys.revoke(keyOf("alice"))
		for _, ends := range []chan struct{}{gone, answered} {
			select {
			case <-ends:
			case <-time.After(20 * time.Second):
				t.Fatalf("%s: what runs does not end", era)
			}
		}
		if _, err := session.ListTools(t.Context(), nil); err == nil {
			t.Errorf("%s: answered", era)
		}
		s.eventually("the session's end is recorded", func() bool {
			all := s.entries()
			last := all[len(all)-1]
			return last["kind"] == "session_end" && last["principal"] == "alice" && last["reason"] == "the key is no longer in force"
		})
	}
}
