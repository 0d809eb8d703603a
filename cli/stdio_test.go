package cli

import (
	"context"
	"testing"
	"time"
)

// What the first call would pay for is done after the handshake, and only then.
func TestPreparingWaitsForTheHandshake(t *testing.T) {
	t.Parallel()
	session, over := context.WithCancel(t.Context())
	defer over()
	greeted, done := make(chan struct{}), make(chan struct{})
	go whenGreeted(session, greeted, 0, func() { close(done) })
	select {
	case <-done:
		t.Fatal("it is done before the client was answered")
	default:
	}
	close(greeted)
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("it is not done")
	}
}

// A session that is over prepares nothing any more, greeted or not.
func TestASessionThatEndsAtOncePreparesNothing(t *testing.T) {
	t.Parallel()
	session, over := context.WithCancel(t.Context())
	over()
	greeted := make(chan struct{})
	do := func() { t.Error("it is done") }
	whenGreeted(session, greeted, time.Hour, do)
	close(greeted)
	whenGreeted(session, greeted, time.Hour, do)
}
