package queue

import (
	"testing"
	"time"
)

// A clock that was ahead for a moment, as before it is set by the network, holds up nothing and
// drops nothing once it is right.
func TestAClockThatWasAhead(t *testing.T) {
	t.Parallel()
	q := fresh(t)
	now := start.AddDate(10, 0, 0)
	q.now = func() time.Time { return now }
	perHour := func(string) int { return 2 }
	for n := range int64(4) {
		accept(t, q, "acme/app", n+1, "a")
	}
	for n := range 2 {
		task, dropped, err := q.Claim(perHour)
		if task == nil || len(dropped) > 0 || err != nil {
			t.Fatal(n, task, dropped, err)
		}
		if n == 0 {
			must(t, q.Done(task.ID))
			continue
		}
		if _, err := q.Later(task.ID, 10*time.Minute, "gitea_unreachable"); err != nil {
			t.Fatal(err)
		}
	}
	now = start
	if _, again, err := q.Waiting(); err != nil || again.After(now.Add(time.Hour)) {
		t.Errorf("looked at again at %v: %v", again, err)
	}
	task, _, err := q.Claim(perHour)
	if err != nil || task == nil || task.Attempts != 2 {
		t.Fatalf("what waited is held up: %v %v", task, err)
	}
	must(t, q.Done(task.ID))
	for n := range 2 {
		task, dropped, err := q.Claim(perHour)
		if task == nil || len(dropped) > 0 || err != nil {
			t.Fatalf("run %d: %v, dropped %v, %v", n, task, dropped, err)
		}
		must(t, q.Done(task.ID))
	}
}
