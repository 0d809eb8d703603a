package queue

import (
	"errors"
	"testing"
	"time"
)

// A run that the end of the process cuts short is made anew at once, first of its repository,
// however often that happens; a run that ends in another way counts as before.
func TestStopped(t *testing.T) {
	t.Parallel()
	q := fresh(t)
	accept(t, q, "acme/app", 1, "a")
	accept(t, q, "acme/app", 2, "a")
	for n := range 2 * MostAttempts {
		task := claim(t, q)
		if task == nil || task.Event.Number != 1 || task.Attempts != n+1 || task.Stopped != n {
			t.Fatalf("%d: %+v", n, task)
		}
		must(t, q.Stop(task.ID, Interrupted))
		if err := q.Stop(task.ID, Interrupted); !errors.Is(err, ErrGone) {
			t.Errorf("stopped twice: %v", err)
		}
	}
	for n := range MostAttempts {
		over, err := q.Later(claim(t, q).ID, 0, "gitea_error")
		if err != nil || over != (n == MostAttempts-1) {
			t.Errorf("%d: %t %v", n, over, err)
		}
	}
	failed, err := q.Failed()
	if err != nil || len(failed) != 1 {
		t.Fatalf("%v %v", failed, err)
	}
	id, err := q.Retry(failed[0].ID)
	must(t, err)
	task, _, err := q.ClaimThis(id, often)
	if err != nil || task.Attempts != 1 || task.Stopped != 0 {
		t.Errorf("%+v %v", task, err)
	}
}

// One task is claimed whosever turn it is, once.
func TestClaimThis(t *testing.T) {
	t.Parallel()
	q := fresh(t)
	accept(t, q, "acme/app", 1, "a")
	id, err := q.Add(Task{Job: "b", Dry: true})
	must(t, err)
	task, _, err := q.ClaimThis(id, often)
	if err != nil || task.Job != "b" || !task.Dry || !task.Running {
		t.Fatalf("%+v %v", task, err)
	}
	for _, id := range []uint64{id, 99} {
		if _, _, err := q.ClaimThis(id, often); !errors.Is(err, ErrGone) {
			t.Errorf("%d: %v", id, err)
		}
	}
	must(t, q.Done(id))
}

// What waits is counted, and when the first of what is to be tried again may begin.
func TestWaiting(t *testing.T) {
	t.Parallel()
	q := fresh(t)
	look := func(n int, again time.Time) {
		t.Helper()
		if gotN, got, err := q.Waiting(); gotN != n || !got.Equal(again) || err != nil {
			t.Errorf("%d %v %v, want %d %v", gotN, got, err, n, again)
		}
	}
	look(0, time.Time{})
	accept(t, q, "acme/app", 1, "a")
	accept(t, q, "acme/web", 1, "a")
	look(2, time.Time{})
	for _, wait := range []time.Duration{time.Hour, time.Minute} {
		_, err := q.Later(claim(t, q).ID, wait, "gitea_error")
		must(t, err)
	}
	look(2, start.Add(time.Minute))
	q.now = func() time.Time { return start.Add(2 * time.Minute) }
	claim(t, q)
	look(1, start.Add(time.Hour))
}
