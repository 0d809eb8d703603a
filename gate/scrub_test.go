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
// the first of them, and not for all: most are still to come when it is answered.
func TestASmallCallWaitsForOneLargeOne(t *testing.T) {
	const large = 16
	body := slow(300 << 10) // takes longer than the log does
	var finished int32
	for range 3 { // a busy machine may let the small one wait for its turn
		door := gatetest.Open(t, gatetest.Config{URL: newFake(nil).proxy(t).URL, Tools: []tools.Tool{
			toy("list_repositories", gate.Everywhere(), says(record{"body": body})),
			toy("get_me", gate.Everywhere(), says(record{"login": "reader"})),
		}})
		door.Ask("list_repositories", `{}`) // prepares the rules
		var begun, done atomic.Int32
		var calls sync.WaitGroup
		for range large {
			calls.Go(func() {
				begun.Add(1)
				door.Ask("list_repositories", `{}`)
				done.Add(1)
			})
		}
		for begun.Load() < large {
			time.Sleep(time.Millisecond)
		}
		door.Ask("get_me", `{}`)
		finished = done.Load()
		calls.Wait()
		if finished <= large/2 {
			return
		}
	}
	t.Errorf("waits for %d of %d large ones", finished, large)
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
