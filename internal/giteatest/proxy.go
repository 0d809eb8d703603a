package giteatest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Proxy stands between a client under test and a forge. It records every
// request before it is answered, and answers itself where told to.
//
// The two hooks are read for each request; set them while none is under way.
type Proxy struct {
	URL string // http://127.0.0.1:port, without a trailing slash

	// Delay holds every answer back, by less if the client goes away.
	Delay time.Duration
	// Rewrite, if not nil, may return a handler that answers in the forge's
	// place; nil passes the request on. See also [Drop].
	Rewrite func(*http.Request) http.Handler

	forge http.Handler

	mu       sync.Mutex
	requests []*Request
}

// Request is one that reached the proxy.
type Request struct {
	Method    string
	Path      string      // as sent: escapes are kept, nothing is cleaned
	Query     string      // as sent, without "?"
	RequestID string      // X-Request-Id
	Header    http.Header // all of it
	Status    int         // of the answer; 0 as long as there is none
}

// Proxy returns a new proxy in front of s, for the duration of the test.
func (s *Server) Proxy(tb testing.TB) *Proxy {
	tb.Helper()
	return NewProxy(tb, s.URL)
}

// NewProxy returns a proxy in front of the forge at targetURL, for the duration
// of the test.
func NewProxy(tb testing.TB, targetURL string) *Proxy {
	tb.Helper()
	return NewProxyTo(tb, PassTo(tb, targetURL))
}

// PassTo is a handler that passes every request on to the forge at targetURL. It is for
// those who want something of their own in between.
func PassTo(tb testing.TB, targetURL string) http.Handler {
	tb.Helper()
	target, err := url.Parse(targetURL)
	if err != nil {
		tb.Fatal(err)
	}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.URL.RawQuery = r.In.URL.RawQuery // what does not parse is passed on, too
		},
	}
}

// NewProxyTo returns a proxy in front of a forge made of code, for the duration
// of the test.
func NewProxyTo(tb testing.TB, forge http.Handler) *Proxy {
	tb.Helper()
	p := &Proxy{forge: forge}
	server := httptest.NewServer(p)
	tb.Cleanup(server.Close)
	p.URL = server.URL
	return p
}

// Requests returns what came so far, in order of arrival.
func (p *Proxy) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := make([]Request, len(p.requests))
	for i, r := range p.requests {
		list[i] = *r
	}
	return list
}

// Answered waits until a request of a path has been answered, or ctx ends.
func (p *Proxy) Answered(ctx context.Context, path string) {
	for !slices.ContainsFunc(p.Requests(), func(r Request) bool { return r.Path == path && r.Status != 0 }) && ctx.Err() == nil {
		time.Sleep(time.Millisecond)
	}
}

// Reset forgets what came so far.
func (p *Proxy) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = nil
}

// Once lets do happen once, right before the first request that before reports is
// passed on. Requests that come meanwhile wait, so that none sees half of it. It sets
// Rewrite. The function that it returns waits for the end of do, and tells whether do
// has happened.
func (p *Proxy) Once(before func(*http.Request) bool, do func()) (happened func() bool) {
	var mu sync.Mutex
	done := false
	p.Rewrite = func(r *http.Request) http.Handler {
		mu.Lock()
		defer mu.Unlock()
		if !done && before(r) {
			done = true
			do()
		}
		return nil
	}
	return func() bool {
		mu.Lock()
		defer mu.Unlock()
		return done
	}
}

// Changes is for [Proxy.Once]: it reports whether a request changes something.
func Changes(r *http.Request) bool { return r.Method != http.MethodGet && r.Method != http.MethodHead }

// Nth is for [Proxy.Once]: it reports the nth request of a path that ends so. One call
// at a time.
func Nth(n int, suffix string) func(*http.Request) bool {
	seen := 0
	return func(r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, suffix) {
			seen++
		}
		return seen == n
	}
}

// Drop is for [Proxy.Rewrite]: it closes the connection without an answer.
var Drop http.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })

// ServeHTTP implements [http.Handler].
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answered := p.record(r)
	if p.Delay > 0 {
		select {
		case <-time.After(p.Delay):
		case <-r.Context().Done():
			return
		}
	}
	handler := p.forge
	if p.Rewrite != nil {
		if own := p.Rewrite(r); own != nil {
			handler = own
		}
	}
	handler.ServeHTTP(&statusWriter{w, answered}, r)
	if r.Context().Err() == nil {
		answered(http.StatusOK) // an empty answer writes nothing
	}
}

// record adds r to the list and returns how to add its status, which only the
// first call does.
func (p *Proxy) record(r *http.Request) (answered func(status int)) {
	path, query, _ := strings.Cut(r.RequestURI, "?")
	entry := &Request{
		Method: r.Method, Path: path, Query: query, RequestID: r.Header.Get("X-Request-Id"), Header: r.Header.Clone(),
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = append(p.requests, entry)
	return func(status int) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if entry.Status == 0 {
			entry.Status = status
		}
	}
}

// statusWriter tells the first final status.
type statusWriter struct {
	http.ResponseWriter
	answered func(status int)
}

func (w *statusWriter) WriteHeader(status int) {
	if status >= 200 {
		w.answered(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	w.answered(http.StatusOK)
	return w.ResponseWriter.Write(b)
}

// Unwrap lets the reverse proxy flush.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
