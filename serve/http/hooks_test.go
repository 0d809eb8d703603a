package http

import (
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// taker takes what is signed with the word good, once it has been read.
func taker(began chan<- string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began <- r.Header.Get("X-Gitea-Signature")
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Header.Get("X-Gitea-Signature") == "good" {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		w.WriteHeader(http.StatusUnauthorized)
	})
}

// delivery sends a webhook from an address, as a proxy says it.
func (s *stage) delivery(from, signature string, body io.Reader, more ...string) (status int, said string) {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodPost, strings.TrimSuffix(s.url, Path)+HookPath, body)
	s.check(err)
	r.Header.Set("X-Gitea-Signature", signature)
	r.Header.Set("X-Forwarded-For", from)
	for i := 0; i < len(more); i += 2 {
		if more[i] == "Host" {
			r.Host = more[i+1]
		}
		r.Header.Set(more[i], more[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	raw, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(raw)
}

func taking(began chan<- string) stage {
	return stage{config: func(c *Config) {
		c.Hooks, c.Proxies, c.MaxFailures = taker(began), []netip.Prefix{prefix("127.0.0.0/8")}, 2
	}}
}

// A delivery needs no key. It goes through the doors for names and other sites' pages as every
// request, and nobody takes it where nobody is to.
func TestDeliveriesGoThroughTheDoors(t *testing.T) {
	t.Parallel()
	s := start(t, taking(make(chan string, 100)))
	for _, c := range []struct {
		what      string
		signature string
		more      []string
		want      int
	}{
		{"one that counts", "good", nil, http.StatusAccepted},
		{"one that does not", "bad", nil, http.StatusUnauthorized},
		{"another name", "good", []string{"Host", "evil.example"}, http.StatusForbidden},
		{"another site's page", "good", []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		{"another site's form", "good", []string{"Origin", "https://evil.example"}, http.StatusForbidden},
	} {
		if got, said := s.delivery("192.0.2.1", c.signature, strings.NewReader("{}"), c.more...); got != c.want || c.want < 300 && said != "" {
			t.Errorf("%s: %d %q, want %d", c.what, got, said, c.want)
		}
	}
	off := start(t, stage{})
	if got, _ := off.delivery("192.0.2.1", "good", strings.NewReader("{}")); got != http.StatusNotFound {
		t.Errorf("where nobody takes them: %d", got)
	}
}

// Whoever sends what does not count is held up, and keeps nobody else out: not where nothing came
// from yet, and still less where something came from that counted.
func TestI12_WhoFloodsWithDeliveriesKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	began := make(chan string, 1000)
	s := start(t, taking(began))
	if got, _ := s.delivery("192.0.2.1", "good", strings.NewReader("{}")); got != http.StatusAccepted {
		t.Fatal(got)
	}
	for range 3 {
		if got, _ := s.delivery("198.51.100.1", "bad", strings.NewReader("{}")); got != http.StatusUnauthorized {
			t.Fatal(got)
		}
	}
	for len(began) > 0 {
		<-began
	}
	// Bodies that do not end: of an address that was refused before, and of a few that were not.
	var all sync.WaitGroup
	over := make(chan struct{})
	slow := func(from string) {
		body, end := io.Pipe()
		all.Go(func() {
			<-over
			_ = end.Close()
		})
		all.Go(func() { s.delivery(from, "slow", body) })
	}
	slow("198.51.100.1")
	<-began
	if got, _ := s.delivery("198.51.100.1", "bad", strings.NewReader("{}")); got != http.StatusServiceUnavailable {
		t.Errorf("a second one of who was refused: %d", got)
	}
	if got, _ := s.delivery("198.51.100.2", "good", strings.NewReader("{}")); got != http.StatusAccepted {
		t.Errorf("another address: %d", got)
	}
	for len(began) > 0 {
		<-began
	}
	for n := range ofStrangers - 1 {
		slow("203.0.113." + string(rune('1'+n%5)))
	}
	for range ofStrangers - 1 {
		select {
		case <-began:
		case <-time.After(time.Minute):
			t.Fatal("they do not come in")
		}
	}
	if got, _ := s.delivery("203.0.113.9", "good", strings.NewReader("{}")); got != http.StatusServiceUnavailable {
		t.Errorf("one stranger too many: %d", got)
	}
	if got, _ := s.delivery("192.0.2.1", "good", strings.NewReader("{}")); got != http.StatusAccepted {
		t.Errorf("who is welcome: %d", got)
	}
	close(over)
	all.Wait()
	s.stop()
	found := false
	for _, e := range s.entries() {
		why, _ := e["reason"].(string)
		found = found || e["kind"] == "auth_failure" && strings.Contains(why, unsigned)
	}
	if !found {
		t.Error("the audit log does not say who was refused")
	}
}
