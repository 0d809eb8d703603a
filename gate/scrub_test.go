package gate_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aegis/gate"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// slow is a text that was made to be slow: settings of so many bytes, with a secret in
// each line, encoded.
func slow(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "SECRET_%d=kQ7vZ2mW%04xL9pR3tB8nY\n", i, i*7919%65536)
	}
	return base64.StdEncoding.EncodeToString([]byte(b.String()))
}

// Sixteen calls that read a stranger's text take all places. A small call waits for
// the first of them, and not for all.
func TestASmallCallWaitsForOneLargeOne(t *testing.T) {
	body := slow(50 << 10)
	var alone, waited time.Duration
	for range 3 {
		door := gatetest.Open(t, gatetest.Config{URL: newFake(nil).proxy(t).URL, Tools: []tools.Tool{
			toy("list_repositories", gate.Everywhere(), says(record{"body": body})),
			toy("get_me", gate.Everywhere(), says(record{"login": "reader"})),
		}})
		var failed atomic.Bool // on a busy machine also because the log is
		took := func(tool string) time.Duration {
			begin := time.Now()
			if door.Ask(tool, `{}`).IsError {
				failed.Store(true)
			}
			return time.Since(begin)
		}
		took("list_repositories") // prepares the rules
		alone = took("list_repositories")
		var calls sync.WaitGroup
		for range 16 {
			calls.Go(func() { took("list_repositories") })
		}
		time.Sleep(alone / 4)
		waited = took("get_me")
		calls.Wait()
		if !failed.Load() && waited < 3*alone+100*time.Millisecond {
			return
		}
	}
	t.Errorf("waits %v, where one call takes %v", waited, alone)
}

// A call whose time is over while its answer is scrubbed ends, and holds nothing of it.
func TestScrubbingEndsWithTheCall(t *testing.T) {
	t.Parallel()
	body := strings.Repeat(slow(450<<10), 20)
	door := gatetest.Open(t, gatetest.Config{URL: newFake(nil).proxy(t).URL, Timeout: 50 * time.Millisecond, Tools: []tools.Tool{
		toy("list_repositories", gate.Everywhere(), says(record{"body": body})),
		toy("list_organizations", gate.Everywhere(), func(context.Context, *gate.Visit) (*gate.Result, error) {
			return &gate.Result{Text: &gate.Text{Body: body}}, nil
		}),
	}})
	for _, tool := range []string{"list_repositories", "list_organizations"} {
		answer := door.Ask(tool, `{}`)
		if answer.Code != gate.Timeout || strings.Contains(string(answer.Object), body[:20]) || answer.Text != "" {
			t.Errorf("%s: %s, %.200s", tool, answer.Code, answer.Object)
		}
	}
}
