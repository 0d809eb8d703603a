package gate_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"aegis/gate"
	"aegis/gate/caller"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// Calls at once are sent no more than calls one after the other: the answer that meets
// the bound is the last.
func TestI11_CallsAtOnceShareTheBytes(t *testing.T) {
	t.Parallel()
	const calls = 8
	var together sync.WaitGroup
	together.Add(calls)
	tool := toy("get_me", gate.Everywhere(), func(context.Context, *gate.Visit) (*gate.Result, error) {
		together.Done()
		together.Wait() // until all are let in
		return &gate.Result{Fields: record{"title": strings.Repeat("word ", 200)}}, nil
	})
	d := gatetest.Open(t, gatetest.Config{URL: newFake(nil).proxy(t).URL, Policy: "version: 1\nlimits: {bytes_per_session: 1500}\n", Tools: []tools.Tool{tool}})
	var all sync.WaitGroup
	var shown atomic.Int32
	for n := range calls {
		all.Go(func() {
			switch a := d.Gate.Do(t.Context(), d.Caller, caller.Connect(fmt.Sprint(n)), tool.Tool, gate.Call{}); {
			case !a.IsError:
				shown.Add(1)
			case a.Code != gate.RateLimited:
				t.Errorf("%s", a.Object)
			}
		})
	}
	all.Wait()
	if n := shown.Load(); n != 2 {
		t.Errorf("%d answers of 1 KB were sent", n)
	}
}
