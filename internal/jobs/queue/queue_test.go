package queue

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aegis/internal/canon"
	"aegis/internal/jobs/hook"
	"aegis/internal/state"

	"go.etcd.io/bbolt"
)

var start = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// opened returns the queue of a state file, whose clock the test sets.
func opened(t testing.TB, name string) (*Queue, *state.File) {
	t.Helper()
	f, err := state.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	q := New(f)
	q.now = func() time.Time { return start }
	return q, f
}

func fresh(t testing.TB) *Queue {
	q, _ := opened(t, filepath.Join(t.TempDir(), "state.db"))
	return q
}

func delivery(t testing.TB, repository string, n int64) hook.Delivery {
	t.Helper()
	repo, err := canon.ParseFullName(repository)
	if err != nil {
		t.Fatal(err)
	}
	sender, err := canon.ParseOwner("ann")
	if err != nil {
		t.Fatal(err)
	}
	return hook.Delivery{
		ID: "f6266f16-1bf3-46a5-9ea4-602e06ead473", Signature: sha256.Sum256(fmt.Append(nil, repository, n)),
		Event: hook.Event{Kind: "issues", Action: "opened", Repository: repo, Sender: sender, Number: n, At: start},
	}
}

func accept(t testing.TB, q *Queue, repository string, n int64, jobs ...string) {
	t.Helper()
	if double, err := q.Accept(delivery(t, repository, n), jobs); double || err != nil {
		t.Fatalf("%s %d: %v %v", repository, n, double, err)
	}
}

func often(string) int { return 1000 }

func claim(t testing.TB, q *Queue) *Task {
	t.Helper()
	task, _, err := q.Claim(often)
	if err != nil {
		t.Fatal(err)
	}
	return task
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestATask(t *testing.T) {
	t.Parallel()
	q := fresh(t)
	if task := claim(t, q); task != nil {
		t.Errorf("of an empty queue: %v", task)
	}
	accept(t, q, "acme/app", 1, "needs-info")
	task := claim(t, q)
	if task == nil || task.Job != "needs-info" || task.Trigger != Webhook || task.Event.Number != 1 || task.Repository.String() != "acme/app" || task.Attempts != 1 {
		t.Fatalf("%+v", task)
	}
	if more := claim(t, q); more != nil {
		t.Errorf("claimed twice: %v", more)
	}
	must(t, q.Done(task.ID))
	for what, err := range map[string]error{"done": q.Done(task.ID), "failed": q.Fail(task.ID, "x"), "ended": q.End(task.ID, Write{}, Written)} {
		if !errors.Is(err, ErrGone) {
			t.Errorf("%s after it was done: %v", what, err)
		}
	}
	if tasks, err := q.Tasks(); len(tasks) > 0 || err != nil {
		t.Errorf("%v %v", tasks, err)
	}
}

// The same delivery is one, however often and however many at once it comes.
func TestDoubles(t *testing.T) {
	t.Parallel()
	q := fresh(t)
	d := delivery(t, "acme/app", 1)
	results := make(chan bool, 10)
	for range 10 {
		go func() {
			double, err := q.Accept(d, []string{"a", "b"})
			results <- double || err != nil
		}()
	}
	first := 0
	for range 10 {
		if !<-results {
			first++
		}
	}
	d.ID = "00000000-0000-0000-0000-000000000000" // which is not signed
	if double, err := q.Accept(d, []string{"a"}); !double || err != nil {
		t.Errorf("under another id: %v %v", double, err)
	}
	tasks, err := q.Tasks()
	if first != 1 || len(tasks) != 2 || err != nil {
		t.Errorf("%d were new, %d tasks, %v", first, len(tasks), err)
	}
	q.now = func() time.Time { return start.Add(SeenFor + time.Hour) }
	accept(t, q, "acme/app", 2, "a")
	accept(t, q, "acme/app", 1, "a") // so long ago that it was forgotten
}

// Tasks of a repository run in their order, and those of others beside them.
func TestOrderOfARepository(t *testing.T) {
	t.Parallel()
	q := fresh(t)
	for n := range int64(3) {
		accept(t, q, "acme/app", n+1, "a")
		accept(t, q, "acme/web", n+1, "a")
	}
	var got []string
	for range 3 {
		app, web := claim(t, q), claim(t, q)
		if third := claim(t, q); third != nil {
			t.Fatalf("%v beside %v and %v", third, app, web)
		}
		must(t, q.Done(web.ID))
		must(t, q.Done(app.ID))
		got = append(got, fmt.Sprint(app.Repository, app.Event.Number, web.Repository, web.Event.Number))
	}
	if want := "acme/app 1 acme/web 1,acme/app 2 acme/web 2,acme/app 3 acme/web 3"; strings.Join(got, ",") != want {
		t.Errorf("%v", got)
	}
}

// Schedules do not wait for each other, and a job does not run beside itself.
func TestOrderOfSchedules(t *testing.T) {
	t.Parallel()
	q := fresh(t)
	for i, job := range []string{"a", "a", "b"} {
		if _, err := q.Fire(job, start.Add(time.Duration(i)*time.Minute), true); err != nil {
			t.Fatal(err)
		}
	}
	first, second, third := claim(t, q), claim(t, q), claim(t, q)
	if first == nil || second == nil || first.Job != "a" || second.Job != "b" || third != nil {
		t.Errorf("%v %v %v", first, second, third)
	}
}

// What no job wants may be sent again, once one does.
func TestWhatNoJobWants(t *testing.T) {
	t.Parallel()
	q := fresh(t)
	accept(t, q, "acme/app", 1)
	accept(t, q, "acme/app", 1, "a")
}

// One that is to be tried again holds up those behind it, until it is given up.
func TestTriedAgain(t *testing.T) {
	t.Parallel()
	q := fresh(t)
	accept(t, q, "acme/app", 1, "a")
	accept(t, q, "acme/app", 2, "a")
	now := start
	q.now = func() time.Time { return now }
	for attempt := 1; attempt <= MostAttempts; attempt++ {
		task := claim(t, q)
		if task == nil || task.Event.Number != 1 || task.Attempts != attempt {
			t.Fatalf("%+v", task)
		}
		over, err := q.Later(task.ID, time.Minute, "gitea_unreachable")
		if over != (attempt == MostAttempts) || err != nil {
			t.Errorf("attempt %d: %v %v", attempt, over, err)
		}
		if !over && claim(t, q) != nil {
			t.Error("what is behind it was claimed")
		}
		now = now.Add(time.Minute)
	}
	if task := claim(t, q); task == nil || task.Event.Number != 2 {
		t.Errorf("after it was given up: %+v", task)
	}
	failed, err := q.Failed()
	if err != nil || len(failed) != 1 || failed[0].Reason != "gitea_unreachable" || failed[0].Failed.IsZero() {
		t.Errorf("%+v %v", failed, err)
	}
}

func TestRunsPerHour(t *testing.T) {
	t.Parallel()
	q := fresh(t)
	now := start
	q.now = func() time.Time { return now }
	for n := range int64(5) {
		accept(t, q, "acme/app", n+1, "a")
	}
	accept(t, q, "acme/app", 6, "b")
	limits := func(job string) int { return map[string]int{"a": 2}[job] }
	dropped, ran := 0, ""
	for {
		task, over, err := q.Claim(limits)
		must(t, err)
		if dropped += len(over); task == nil {
			break
		}
		ran += fmt.Sprint(task.Job, task.Event.Number, " ")
		must(t, q.Done(task.ID))
	}
	if n, err := q.Dropped("a"); ran != "a1 a2 b6 " || dropped != 3 || n != 3 || err != nil {
		t.Errorf("ran %s, dropped %d, %d %v", ran, dropped, n, err)
	}
	now = now.Add(time.Hour)
	accept(t, q, "acme/app", 7, "a")
	if task, _, err := q.Claim(limits); task == nil || err != nil {
		t.Errorf("an hour later: %v %v", task, err)
	}
}

// A firing runs once, whoever notices it, and one that was missed is not made up for later.
func TestFirings(t *testing.T) {
	t.Parallel()
	q := fresh(t)
	for _, c := range []struct {
		due   time.Time
		run   bool
		isNew bool
	}{
		{start, true, true}, {start, true, false}, {start.Add(-time.Hour), true, false}, {start.Add(time.Hour), false, true}, {start.Add(time.Hour), true, false},
	} {
		if isNew, err := q.Fire("stale", c.due, c.run); isNew != c.isNew || err != nil {
			t.Errorf("%v: %v %v", c, isNew, err)
		}
	}
	if tasks, err := q.Tasks(); len(tasks) != 1 || err != nil || !tasks[0].Due.Equal(start) || tasks[0].Event != nil {
		t.Errorf("%v %v", tasks, err)
	}
	if last, err := q.Fired("stale"); !last.Equal(start.Add(time.Hour)) || err != nil {
		t.Errorf("%v %v", last, err)
	}
	if last, err := q.Fired("other"); !last.IsZero() || err != nil {
		t.Errorf("%v %v", last, err)
	}
}

// A full queue acknowledges nothing, and remembers nothing of what it did not take.
func TestAFullQueue(t *testing.T) {
	t.Parallel()
	q := fresh(t)
	many := make([]string, MostTasks/10)
	for i := range many {
		many[i] = "a"
	}
	for n := range int64(10) {
		accept(t, q, fmt.Sprint("acme/app", n%5), n+1, many[:MostOfOne/2]...)
		accept(t, q, fmt.Sprint("other/app", n%5), n+1, many[:MostOfOne/2]...)
	}
	d := delivery(t, "acme/app", 99)
	if _, err := q.Accept(d, []string{"a"}); !errors.Is(err, ErrFull) {
		t.Errorf("%v", err)
	}
	task := claim(t, q)
	must(t, q.Done(task.ID))
	if double, err := q.Accept(d, []string{"a"}); double || err != nil {
		t.Errorf("when there is room: %v %v", double, err)
	}
}

// A write is sent once, by whichever run of its task.
func TestWritesOfATask(t *testing.T) {
	t.Parallel()
	q := fresh(t)
	accept(t, q, "acme/app", 1, "a")
	task := claim(t, q)
	first, second, third := WriteOf("create_comment", []byte(`{"number":1}`)), WriteOf("create_comment", []byte(`{"number":2}`)), WriteOf("x", nil)
	begin := func(id uint64, w Write, want Verdict) {
		t.Helper()
		if v, err := q.Begin(id, w, 1000); v != want || err != nil {
			t.Errorf("%v %v, want %s", v, err, want)
		}
	}
	begin(task.ID, first, Send)
	begin(task.ID, first, Unknown) // it is being sent
	must(t, q.End(task.ID, first, Written))
	begin(task.ID, first, Written)
	if err := q.End(task.ID, first, Send); !errors.Is(err, ErrGone) {
		t.Errorf("what was written is taken back: %v", err)
	}
	begin(task.ID, second, Send)
	must(t, q.End(task.ID, second, Send)) // refused by Gitea
	begin(task.ID, second, Send)
	must(t, q.End(task.ID, second, Unknown))
	begin(task.ID, second, Unknown)
	must(t, q.Fail(task.ID, OutcomeUnknown))

	again, err := q.Retry(task.ID)
	must(t, err)
	if _, err := q.Retry(task.ID); !errors.Is(err, ErrGone) {
		t.Errorf("retried twice: %v", err)
	}
	task = claim(t, q)
	if task == nil || task.ID != again || task.Event == nil {
		t.Fatalf("%+v", task)
	}
	begin(again, first, Written)
	begin(again, second, Unknown)
	begin(again, third, Send)
	must(t, q.End(again, third, Written))
	must(t, q.Done(again))

	accept(t, q, "acme/app", 2, "a") // another task makes its own writes
	begin(claim(t, q).ID, first, Send)
}

func TestWriteOf(t *testing.T) {
	t.Parallel()
	if WriteOf("a", []byte("b:")) == WriteOf("a:b", []byte(":")) || WriteOf("ab", []byte("c")) == WriteOf("a", []byte("bc")) {
		t.Error("two writes have one name")
	}
}

// A file that can't be used is an error of each step, and acknowledges nothing.
func TestWithoutAFile(t *testing.T) {
	t.Parallel()
	q, f := opened(t, filepath.Join(t.TempDir(), "state.db"))
	accept(t, q, "acme/app", 1, "a")
	task := claim(t, q)
	_ = f.Close()
	if _, err := q.Accept(delivery(t, "acme/app", 2), []string{"a"}); err == nil {
		t.Error("accepted")
	}
	if v, err := q.Begin(task.ID, Write{}, 1000); v == Send || err == nil {
		t.Errorf("begun: %s %v", v, err)
	}
	if isNew, err := q.Fire("a", start, true); isNew || err == nil {
		t.Errorf("fired: %v %v", isNew, err)
	}
	if claimed, _, err := q.Claim(often); claimed != nil || err == nil {
		t.Errorf("claimed: %v %v", claimed, err)
	}
}

// What the state file keeps for itself is nobody else's, and what a step did before it
// failed is undone.
func TestABucketOfItsOwn(t *testing.T) {
	t.Parallel()
	_, f := opened(t, filepath.Join(t.TempDir(), "state.db"))
	must(t, f.Save("key:ci", []byte("shown")))
	for _, name := range []string{"marks", "about"} {
		if err := f.Change(name, func(*bbolt.Bucket) error { t.Errorf("%s was changed", name); return nil }); err == nil {
			t.Errorf("%s can be changed", name)
		}
	}
	looked := func() (value []byte) {
		must(t, f.Look("jobs", func(b *bbolt.Bucket) error { value = bytes.Clone(b.Get([]byte("k"))); return nil }))
		return value
	}
	if got := looked(); got != nil {
		t.Errorf("in no bucket: %q", got)
	}
	put := func(value string, err error) error {
		return f.Change("jobs", func(b *bbolt.Bucket) error { return errors.Join(b.Put([]byte("k"), []byte(value)), err) })
	}
	must(t, put("first", nil))
	if err := put("second", ErrGone); !errors.Is(err, ErrGone) || string(looked()) != "first" {
		t.Errorf("%v %q", err, looked())
	}
	if saved, err := f.Load("key:ci"); string(saved) != "shown" || err != nil {
		t.Errorf("%q %v", saved, err)
	}
}
