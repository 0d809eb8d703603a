package audit

import (
	"errors"
	"strings"
	"testing"
)

// However long the decision of a call is that was taken down, its outcome is taken down as
// well, with all that came of it.
func TestAnOutcomeFitsWhereItsDecisionDid(t *testing.T) {
	t.Parallel()
	l := openAt(t, newPath(t))
	decision := sample()
	decision.ShownSHA256, decision.ArgsHMAC = strings.Repeat("a", 64), strings.Repeat("b", 64)
	for range 100 {
		decision.Paths = append(decision.Paths, strings.Repeat("p", 500))
	}
	longest := 0
	for n := 0; n < MaxLine; n += 97 {
		decision.Case.Of = strings.Repeat("o", n)
		if err := l.Append(ctx, decision); err != nil {
			if !errors.Is(err, ErrUnavailable) {
				t.Fatal(err)
			}
			break
		}
		longest = n
	}
	if longest < 4000 {
		t.Errorf("100 paths of 500 bytes leave room for %d more", longest)
	}
	outcome := decision
	outcome.Kind, outcome.Case.Of = KindOutcome, strings.Repeat("o", longest)
	outcome.Redactions, outcome.Exceptions = map[string]int{}, map[string]int{}
	for i := range 26 {
		outcome.Redactions[strings.Repeat(string(rune('a'+i)), 30)] = 1000
		outcome.Exceptions[strings.Repeat(string(rune('a'+i)), 64)] = 1000
	}
	for range 60 {
		outcome.Made = append(outcome.Made, "commit "+strings.Repeat("c", 40))
	}
	outcome.Code, outcome.Reason = "conflict", strings.Repeat("r", 1000)
	if err := l.Append(ctx, outcome); err != nil {
		t.Error(err)
	}
}
