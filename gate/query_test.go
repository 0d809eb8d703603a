package gate_test

import (
	"context"
	"testing"

	"aegis/gate"
	"aegis/internal/gatetest"
	"aegis/tools"
)

// The words of a redaction are not the row's: a query that finds them would
// tell what is in the secret.
func TestAQueryIsNotHeldAgainstRedactions(t *testing.T) {
	t.Parallel()
	const secret = "0123456789abcdef0123456789abcdef01234567"
	ask := func(query string) int {
		run := func(context.Context, *gate.Visit) (*gate.Result, error) {
			rows := []gate.Row{{Value: record{"n": 1}, Text: "plain " + secret}}
			return &gate.Result{List: &gate.List{Rows: rows, Page: 1, Limit: 30, Query: query, Whole: true}}, nil
		}
		door := gatetest.Open(t, gatetest.Config{
			URL: newFake(nil).proxy(t).URL, Secrets: []string{secret},
			Tools: []tools.Tool{toy("list_issues", gate.Repository(repo(t, "acme/app")), run)},
		})
		return len(door.Ask("list_issues", `{}`).Items())
	}
	for query, want := range map[string]int{"plain": 1, "redacted": 0, "own-credential": 0, "c": 0, "plain c": 0, "[redacted:own-credential]": 0, secret: 0} {
		if got := ask(query); got != want {
			t.Errorf("%q finds %d rows", query, got)
		}
	}
}
