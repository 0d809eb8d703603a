// Package giteatest runs the real Gitea for tests.
//
// The server is compiled from the module that testdata/gitea pins, once per
// machine, and kept in the user's cache. The first start also seeds the
// [World]: users with tokens of different rights, repositories with the things
// that trip a careful reader, issues written by people who mean no good. A
// stopped copy of that seeded folder is kept in the cache too, so later starts
// are a copy and two seconds of waiting.
//
// What goes in is nothing but a Go toolchain, git and a C compiler; what comes
// out is a [Server] on loopback in a temporary folder, that goes to no network,
// and is gone, folder and all, when the process that started it is, however
// that process ended. Everything here is for tests: tokens and passwords are
// written to the cache, readable by the user alone, and are worth nothing
// elsewhere.
package giteatest

import (
	"context"
	"sync"
	"testing"
	"time"
)

// startTimeout bounds a start, without the time it takes to build Gitea: a
// seed takes some ten seconds on two cores.
const startTimeout = 3 * time.Minute

// shared is the server that all tests of this process look at.
var shared struct {
	once   sync.Once
	server *Server
	err    error
	told   sync.Once // of err, in full
}

// Start returns the server shared by all tests of this process, starting it on
// first use. Tests may read all of it in parallel; one that changes what others
// look at starts its own by [StartNew]. It needs no TestMain: the server ends
// with the process. Under -short the test is skipped.
func Start(tb testing.TB) *Server {
	tb.Helper()
	skipShort(tb)
	shared.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), buildTimeout)
		defer cancel()
		shared.server, shared.err = Run(ctx)
	})
	if shared.err != nil {
		shared.told.Do(func() { tb.Logf("start Gitea: %v", shared.err) })
		tb.Fatal("Gitea did not start; the first test that asked for it says why")
	}
	Watch(tb, shared.server)
	return shared.server
}

// StartNew returns a server of the test's own, seeded like any other and
// stopped when the test ends. Under -short the test is skipped.
func StartNew(tb testing.TB) *Server {
	tb.Helper()
	skipShort(tb)
	ctx, cancel := context.WithTimeout(context.Background(), buildTimeout)
	defer cancel()
	s, err := Run(ctx)
	if err != nil {
		tb.Fatalf("start Gitea: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("stop Gitea: %v", err)
		}
	})
	Watch(tb, s)
	return s
}

func skipShort(tb testing.TB) {
	tb.Helper()
	if testing.Short() {
		tb.Skip("a real Gitea takes seconds to start and minutes to build the first time")
	}
}

// Watch fails a test if somebody who only reads has sent the server anything but
// GET and HEAD by its end, and shows the end of Gitea's log with a test that failed.
// It is for servers that were started by [Run].
func Watch(tb testing.TB, s *Server) {
	tb.Cleanup(func() {
		for _, request := range s.written.by(ReaderAgent) {
			tb.Errorf("who only reads sent %s", request)
		}
		if tb.Failed() {
			tb.Logf("the end of Gitea's log:\n%s", s.logTail(4<<10))
		}
	})
}

// Run builds Gitea if need be, starts it with the seeded World and returns it
// answering; the caller closes it. It is Start for programs that are no tests.
// ctx bounds building and starting, not the life of the server.
func Run(ctx context.Context) (*Server, error) {
	program, err := build(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	return restore(ctx, program)
}
