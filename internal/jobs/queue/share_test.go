package queue

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// flood accepts deliveries of a repository until no more are taken, and returns how many were.
func flood(t *testing.T, q *Queue, repository string) (taken int) {
	t.Helper()
	many := make([]string, 100)
	for i := range many {
		many[i] = "a"
	}
	for n := int64(1); ; n++ {
		switch double, err := q.Accept(delivery(t, repository, n), many); {
		case errors.Is(err, ErrFull):
			return taken
		case err != nil:
			t.Fatal(err)
		case !double:
			taken += len(many)
		}
	}
}

// Whoever writes in one repository, or has its secret, loses nobody else's events: what waits of
// one repository, one owner and one job's schedule has a bound of its own.
func TestNobodyFillsTheQueueForOthers(t *testing.T) {
	t.Parallel()
	q := fresh(t)
	if n := flood(t, q, "acme/app"); n != MostOfOne {
		t.Errorf("of a repository %d are taken", n)
	}
	accept(t, q, "acme/web", 1, "a")
	all := MostOfOne
	for i := 0; all < MostTasks; i++ { // by who has the secret of all of acme
		n := flood(t, q, fmt.Sprint("acme/x", i))
		if all += n; n == 0 {
			break
		}
	}
	if all > MostOfOwner {
		t.Errorf("of an owner %d are taken", all)
	}
	accept(t, q, "other/app", 1, "a")
	for n := range MostOfOne + 5 {
		if _, err := q.Fire("often", start.Add(time.Duration(n)*time.Minute), true); err != nil && (n < MostOfOne || !errors.Is(err, ErrFull)) {
			t.Fatal(n, err)
		}
	}
	if last, err := q.Fired("often"); !last.Equal(start.Add((MostOfOne+4)*time.Minute)) || err != nil {
		t.Errorf("what is not taken is looked at again and again: %v %v", last, err)
	}
	accept(t, q, "other/app", 2, "a")
	if isNew, err := q.Fire("rare", start, true); !isNew || err != nil {
		t.Errorf("another job's schedule: %v %v", isNew, err)
	}
}

// What has ended makes room again, in whatever way.
func TestWhatHasEndedMakesRoom(t *testing.T) {
	t.Parallel()
	q := fresh(t)
	flood(t, q, "acme/app")
	next := delivery(t, "acme/app", 99)
	for what, end := range map[string]func(t *Task) error{
		"done":     func(t *Task) error { return q.Done(t.ID) },
		"given up": func(t *Task) error { return q.Fail(t.ID, "x") },
		"tried too often": func(t *Task) error {
			for range MostAttempts {
				if over, err := q.Later(t.ID, 0, "x"); over || err != nil {
					return err
				}
				if _, _, err := q.ClaimThis(t.ID, often); err != nil {
					return err
				}
			}
			return errors.New("it is not given up")
		},
	} {
		task := claim(t, q)
		next.Signature[0]++
		if _, err := q.Accept(next, []string{"a"}); !errors.Is(err, ErrFull) {
			t.Errorf("%s: while it runs: %v", what, err)
		}
		must(t, end(task))
		if _, err := q.Accept(next, []string{"a"}); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, dropped, err := q.Claim(func(string) int { return 1 }); len(dropped) == 0 || err != nil {
		t.Fatal(dropped, err)
	}
	next.Signature[0]++
	if _, err := q.Accept(next, []string{"a"}); err != nil {
		t.Errorf("dropped: %v", err)
	}
	if _, err := q.Recover(); err != nil {
		t.Fatal(err)
	}
	if n := flood(t, q, "acme/app"); n == 0 || n > MostOfOne {
		t.Errorf("after a start: %d", n)
	}
}
