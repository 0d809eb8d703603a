package gate

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"aegis/forge"
	"aegis/gate/caller"
	"aegis/gate/policy"
	"aegis/sanitize"
)

// bare is a gate with one slot and one processor, and without a log.
func bare(t *testing.T, options Options) *Gate {
	t.Helper()
	f, err := forge.New(forge.Config{URL: &url.URL{Scheme: "http", Host: "127.0.0.1:1"}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(file, []byte("version: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	policies, _, err := policy.NewStore(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	scrubber, err := sanitize.New(sanitize.Config{})
	if err != nil {
		t.Fatal(err)
	}
	options.Timeout = time.Hour
	return &Gate{forge: f, desk: desk{
		policies: policies, scrubber: scrubber, options: options, base: f.Base(),
		slots: caller.NewSlots(1, 1), processors: caller.NewSlots(1, 1),
	}}
}

// A call that found the kill switch on has no slot, and is refused though the switch is
// off by now.
func TestAKilledCallNeverRunsWithoutASlot(t *testing.T) {
	t.Parallel()
	stop := filepath.Join(t.TempDir(), "STOP")
	if err := os.WriteFile(stop, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	g := bare(t, Options{KillSwitch: stop})
	tool := Tool{Name: "get_me", Capability: policy.Read, Prepare: func(json.RawMessage) (Prepared, error) {
		return Prepared{Target: Everywhere(), Run: func(context.Context, *Visit) (*Result, error) { return &Result{}, nil }}, nil
	}}
	r, _, leave := g.enter(t.Context(), caller.New(caller.Config{}), caller.Connect(""), tool, Call{})
	defer leave(Answer{})
	if err := os.Remove(stop); err != nil {
		t.Fatal(err)
	}
	if d := r.decide(); d.refusal == nil || d.refusal.Code != Killed {
		t.Errorf("decided %v", d.refusal)
	}
}

// A panic before a call has begun keeps no slot.
func TestAPanicAtTheDoorKeepsNoSlot(t *testing.T) {
	t.Parallel()
	g := bare(t, Options{})
	g.policies = nil
	for range 2 {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			g.enter(ctx, caller.New(caller.Config{}), caller.Connect(""), Tool{}, Call{})
			if ctx.Err() != nil {
				t.Error("the slot is still taken")
			}
		}()
	}
	if release, err := g.slots.Take(t.Context(), nil); err != nil {
		t.Error(err)
	} else {
		release()
	}
}

// Callers take turns at scrubbing: one with many large texts makes another wait for one.
func TestCallersTakeTurnsAtScrubbing(t *testing.T) {
	t.Parallel()
	g := bare(t, Options{})
	as := func(c *caller.Caller) *request { return &request{desk: &g.desk, caller: c, ctx: t.Context()} }
	flood, other := as(caller.New(caller.Config{ID: "flood"})), as(caller.New(caller.Config{ID: "other"}))
	begun, goOn := make(chan struct{}), make(chan struct{})
	done := make(chan string, 20)
	go func() { _ = flood.scrub(largeText, func() { close(begun); <-goOn }) }()
	<-begun
	for range 10 {
		go func() { _ = flood.scrub(largeText, func() { done <- "flood" }) }()
	}
	time.Sleep(50 * time.Millisecond) // most of them wait by now
	waits := make(chan struct{})
	go func() { close(waits); _ = other.scrub(largeText, func() { done <- "other" }) }()
	<-waits
	time.Sleep(50 * time.Millisecond)
	close(goOn)
	for place := 0; ; place++ {
		if <-done == "other" {
			if place > 1 {
				t.Errorf("%d texts of the flood came before", place)
			}
			return
		}
	}
}

// A client that does not read what it is told keeps a place no longer than its call may
// take.
func TestAClientThatDoesNotReadKeepsNoPlace(t *testing.T) {
	t.Parallel()
	g := bare(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	begun, deaf := make(chan struct{}), make(chan struct{})
	defer close(deaf)
	r := &request{desk: &g.desk, ctx: ctx, caller: caller.New(caller.Config{}), call: Call{Progress: func(float64, float64, string) {
		close(begun)
		<-deaf
	}}}
	told := make(chan struct{})
	go func() { r.progress()(1, 2); close(told) }()
	<-begun
	cancel()
	select {
	case <-told:
	case <-time.After(10 * time.Second):
		t.Error("the call waits for it")
	}
}
