package audit

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// Whatever somebody does to the folder while sessions run: as long as verify finds nothing
// and a session that has been there all the time goes on, all that was acknowledged is in
// the log.
func TestNothingAcknowledgedIsLostUnnoticed(t *testing.T) {
	t.Parallel()
	rounds := 150
	if testing.Short() {
		rounds = 20
	}
	r, unharmed := rand.New(rand.NewPCG(16, 3)), 0
	for round := range rounds {
		s := newScattered(t)
		running := []*Log{small(t, s.path, Options{MaxSize: -1}), small(t, s.path, Options{MaxSize: 1500})}
		acknowledged, n := callsOf(t, s.path), 1000
		var done []string
		act := func() (goes bool) {
			for _, l := range running {
				n++
				if err := l.Append(ctx, called(n)); err == nil {
					acknowledged, goes = append(acknowledged, called(n).Call), true
				} else {
					goes = false
				}
			}
			return goes
		}
		act()
		s.parts, s.old, s.oldHead = archived(t, s.path)[:4], read(t, s.path), read(t, s.path+".head")
		act()
		for range 1 + r.IntN(3) {
			spoil := spoils[r.IntN(len(spoils))]
			if r.IntN(4) == 0 {
				spoil.name, spoil.do = "log and head set back", func(t testing.TB, s scattered, _ *rand.Rand) {
					write(t, s.path, s.old)
					write(t, s.path+".head", s.oldHead)
				}
			}
			done = append(done, spoil.name)
			spoil.do(t, s, r)
			if r.IntN(2) == 0 {
				done = append(done, fmt.Sprint("append ", act()))
			}
		}
		goes := act()
		report, err := Verify(ctx, s.path)
		if !goes || err != nil || report.Problem != nil {
			continue
		}
		unharmed++
		got := callsOf(t, s.path)
		for _, call := range acknowledged {
			if !slices.Contains(got, call) {
				t.Errorf("round %d, %q: %s was acknowledged and is not there; %q", round, done, call, report.Notes)
			}
		}
	}
	t.Logf("%d of %d went on as if nothing had happened", unharmed, rounds)
	if unharmed == 0 {
		t.Error("nothing was held to anything")
	}
}
