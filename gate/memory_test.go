package gate_test

import (
	"context"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// A password that one text gives away is cut from all of that answer, and from what
// the caller is shown later.
func TestI3_WhatWasCutOnceIsCutForTheRestOfTheSession(t *testing.T) {
	t.Parallel()
	const password = "Vq7!rT2#" + "zLw9"
	results := []*gate.Result{
		{Fields: map[string]string{"title": "is it " + password + "?"}},
		{Fields: map[string]string{"title": "is it " + password + "?"}, Text: &gate.Text{Body: "db:\n  password: '" + password + "'\n"}},
		{Fields: map[string]string{"title": "is it " + password + "?"}},
		{Fields: map[string]string{"title": "x"}, Text: &gate.Text{Body: "use " + password + "\n"}},
	}
	next := 0
	tool := toy("get_me", gate.Everywhere(), func(context.Context, *gate.Visit) (*gate.Result, error) {
		next++
		return results[next-1], nil
	})
	open := func() *gatetest.Door {
		return gatetest.Open(t, gatetest.Config{URL: newFake(nil).proxy(t).URL, Tools: []tools.Tool{tool}})
	}
	door := open()
	for i := range results {
		answer := door.Ask("get_me", `{}`)
		if shown := strings.Contains(answer.All, password); shown != (i == 0) {
			t.Errorf("answer %d: %s", i+1, answer.All)
		}
	}
	next = 0
	if answer := open().Ask("get_me", `{}`); !strings.Contains(answer.All, password) {
		t.Errorf("another caller: %s", answer.All)
	}
}
