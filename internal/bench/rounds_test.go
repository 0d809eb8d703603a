package bench

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// rounds stands before a forge and tells how many of its round trips a client waits
// for. It keeps every answer back until all that were asked for are there and nothing
// has been asked for in a while; then it lets all of them go at once. What is
// asked for next may depend on any of them: that is the next trip. So trips are the
// longest chain of requests, one after the other, however fast anything is. A
// client that is slow to send what it could have sent at once is counted too high,
// never too low.
type rounds struct {
	forge http.Handler

	mu       sync.Mutex
	asking   int             // requests that the forge has not answered yet
	waiting  []chan struct{} // for answers that are kept back
	timer    *time.Timer
	requests int
	trips    int
}

// quiet is how long nothing is asked for before answers go.
const quiet = 25 * time.Millisecond

func (r *rounds) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.begin()
	answer := httptest.NewRecorder()
	r.forge.ServeHTTP(answer, req)
	<-r.answered()
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

func (r *rounds) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests++
	r.asking++
	if r.timer != nil {
		r.timer.Stop()
	}
}

// answered returns what ends when the answer may go.
func (r *rounds) answered() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	released := make(chan struct{})
	r.waiting = append(r.waiting, released)
	if r.asking--; r.asking == 0 {
		r.timer = time.AfterFunc(quiet, r.release)
	}
	return released
}

func (r *rounds) release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asking > 0 || len(r.waiting) == 0 {
		return // something was asked for in the last moment
	}
	r.trips++
	for _, each := range r.waiting {
		close(each)
	}
	r.waiting = nil
}

// counted returns how many requests and trips there were, since it was asked last.
func (r *rounds) counted() (requests, trips int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	requests, trips = r.requests, r.trips
	r.requests, r.trips = 0, 0
	return requests, trips
}
