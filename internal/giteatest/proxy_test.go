package giteatest

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"
)

// echo is a forge that answers what it was asked.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/missing":
		w.WriteHeader(http.StatusNotFound)
	case "/empty":
	default:
		_, _ = io.WriteString(w, r.RequestURI)
	}
})

func TestProxy_RecordsWhatWasSent(t *testing.T) {
	t.Parallel()
	behind := NewProxyTo(t, echo)
	front := NewProxy(t, behind.URL)
	for _, row := range []struct {
		path, query string
		status      int
	}{
		{"/plain", "", 200},
		{"/a%2Fb//c/%2e%2e/d", "ref=feature%2Fx&ref=2", 200},
		{"/semi", "a=1;b=2&%zz", 200},
		{"/missing", "", 404},
		{"/empty", "", 200},
	} {
		front.Reset()
		behind.Reset()
		target := front.URL + row.path
		if row.query != "" {
			target += "?" + row.query
		}
		req, err := http.NewRequest(http.MethodGet, target, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Request-Id", "call-1")
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		for name, p := range map[string]*Proxy{"front": front, "behind": behind} {
			got := p.Requests()
			if len(got) != 1 {
				t.Fatalf("%s of %s: %d requests", name, row.path, len(got))
			}
			r := got[0]
			if r.Method != "GET" || r.Path != row.path || r.Query != row.query || r.RequestID != "call-1" || r.Status != row.status {
				t.Errorf("%s of %s?%s: recorded %+v", name, row.path, row.query, r)
			}
		}
	}
}

func TestProxy_Hooks(t *testing.T) {
	t.Parallel()
	t.Run("an answer is replaced, others pass", func(t *testing.T) {
		t.Parallel()
		p := NewProxyTo(t, echo)
		p.Rewrite = func(r *http.Request) http.Handler {
			if r.URL.Path != "/down" {
				return nil
			}
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusServiceUnavailable) })
		}
		for path, want := range map[string]int{"/down": http.StatusServiceUnavailable, "/up": http.StatusOK} {
			res, err := http.Get(p.URL + path)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != want {
				t.Errorf("%s: %d, want %d", path, res.StatusCode, want)
			}
		}
	})
	t.Run("a connection is dropped", func(t *testing.T) {
		t.Parallel()
		p := NewProxyTo(t, echo)
		p.Rewrite = func(*http.Request) http.Handler { return Drop }
		if res, err := http.Post(p.URL, "text/plain", nil); err == nil {
			res.Body.Close()
			t.Error("the request was answered")
		}
		if got := p.Requests(); len(got) != 1 || got[0].Status != 0 {
			t.Errorf("recorded %+v", got)
		}
	})
	t.Run("an answer is late, and recorded before it comes", func(t *testing.T) {
		t.Parallel()
		p := NewProxyTo(t, echo)
		p.Delay = time.Hour
		impatient := http.Client{Timeout: 50 * time.Millisecond}
		if res, err := impatient.Get(p.URL); err == nil {
			res.Body.Close()
			t.Error("the request was answered")
		}
		if got := p.Requests(); len(got) != 1 || got[0].Status != 0 {
			t.Errorf("recorded %+v", got)
		}
	})
}

func TestProxy_CountsConcurrentRequests(t *testing.T) {
	t.Parallel()
	p := NewProxyTo(t, echo)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			res, err := http.Get(fmt.Sprintf("%s/%d", p.URL, i))
			if err != nil {
				t.Error(err)
				return
			}
			res.Body.Close()
		})
	}
	wg.Wait()
	if got := len(p.Requests()); got != 50 {
		t.Errorf("%d requests recorded, want 50", got)
	}
}
