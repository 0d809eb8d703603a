package e2e

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"aegis/internal/giteatest"
)

// Eight clients at once: one chain, and every entry of each in it.
func TestEightProcessesWriteOneChain(t *testing.T) {
	t.Parallel()
	const processes, calls = 8, 10
	forge, folder := newForge(t), t.TempDir()
	sessions := make([]*session, processes)
	for i := range sessions {
		sessions[i] = start(t, folder, forge.URL, nil)
		frames := []string{hello, ready}
		for id := 1; id <= calls; id++ {
			frames = append(frames, readWebsite(id))
		}
		sessions[i].send(frames...)
	}
	for _, s := range sessions {
		answers := s.rest()
		if len(answers) != 1+calls {
			t.Errorf("%d answers", len(answers))
		}
		for _, f := range answers {
			if f.Error != nil || f.Result.IsError {
				t.Errorf("answer: %s", f.Line)
			}
		}
		if err := s.wait(); err != nil {
			t.Errorf("aegis ended with %v", err)
		}
	}
	entries := verified(t, logIn(folder))
	perSession, perCall := map[string]int{}, map[string]int{}
	for _, e := range entries {
		perSession[e.Session]++
		perCall[e.Call]++
	}
	if len(perSession) != processes || len(perCall) != 1+processes*calls { // one is "": what is of no call
		t.Errorf("%d sessions, %d calls", len(perSession), len(perCall)-1)
	}
	for id, n := range perSession {
		if n != 2+2*calls {
			t.Errorf("session %s has %d entries", id, n)
		}
	}
	onlyAllowed(t, forge, entries)
}

// Wherever sessions are killed, the log they share is good, and the forge was
// asked nothing that the log does not know of.
func TestI2_KilledSessionsLeaveAGoodLog(t *testing.T) {
	t.Parallel()
	kills, atOnce := 200, 4
	if testing.Short() {
		kills = 30
	}
	forge, folder := newForge(t), t.TempDir()
	turns := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for n := range kills {
		turns <- struct{}{}
		all.Go(func() {
			defer func() { <-turns }()
			t.Run(fmt.Sprint(n), func(t *testing.T) { killed(t, folder, forge) })
		})
	}
	all.Wait()

	s := start(t, folder, forge.URL, nil)
	s.greet()
	if f := s.ask(readWebsite(1)); f.code() != "" {
		t.Errorf("a session after them: %s", f.Line)
	}
	s.end()
	entries := verified(t, logIn(folder))
	onlyAllowed(t, forge, entries)
	got := count(entries)
	t.Logf("%d requests; the log holds %v", len(forge.Requests()), got)
	if got["session_end"] != 1 || got["session_start"] < 2 || got["decision"] < kills/4 || got["outcome"] >= got["decision"] {
		t.Error("these were not kills in the middle of calls")
	}
}

// killed is a session of calls that is killed somewhere: while it starts, or a
// moment after one of its answers.
func killed(t *testing.T, folder string, forge *giteatest.Proxy) {
	s := start(t, folder, forge.URL, nil)
	frames := []string{hello, ready}
	for id := 1; id <= 20; id++ {
		frames = append(frames, readWebsite(id))
	}
	s.send(frames...)
	if after := rand.N(24) - 3; after < 0 {
		time.Sleep(rand.N(100 * time.Millisecond))
	} else {
		for range after {
			s.answer()
		}
		time.Sleep(rand.N(4 * time.Millisecond))
	}
	_ = s.cmd.Process.Kill()
	_ = s.wait()
}

// onlyAllowed expects each request that reached the forge to be of a call that
// the log allows.
func onlyAllowed(t *testing.T, forge *giteatest.Proxy, entries []entry) {
	t.Helper()
	calls := allowed(entries)
	for _, r := range forge.Requests() {
		if !calls[r.RequestID] {
			t.Errorf("%s %s is of %q, which the log does not allow", r.Method, r.Path, r.RequestID)
		}
	}
}
