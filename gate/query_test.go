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

// Of what was not looked at a list says so on its pages, and on the first if that
// is empty; beyond them there is no further page.
func TestPagesOfWhatWasNotAllLookedAtEnd(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		rows, page int
		more       bool
	}{{4, 1, true}, {4, 2, true}, {4, 3, false}, {3, 2, true}, {0, 1, true}, {0, 2, false}} {
		run := func(context.Context, *gate.Visit) (*gate.Result, error) {
			list := &gate.List{Page: row.page, Limit: 2, HasMore: true, Whole: true}
			for n := range row.rows {
				list.Rows = append(list.Rows, gate.Row{Value: record{"n": n}})
			}
			return &gate.Result{List: list}, nil
		}
		door := gatetest.Open(t, gatetest.Config{
			URL: newFake(nil).proxy(t).URL, Tools: []tools.Tool{toy("list_issues", gate.Repository(repo(t, "acme/app")), run)},
		})
		if a := door.Ask("list_issues", `{}`); a.Fields["has_more"] != row.more {
			t.Errorf("page %d of %d rows: %s", row.page, row.rows, a.Object)
		}
	}
}
