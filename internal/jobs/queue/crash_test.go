package queue

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aegis/internal/state"
)

// world is what was written outside, and how often.
type world map[string]int

// writesOf are what the run of a task writes.
func writesFor(task *Task) []string {
	return []string{fmt.Sprint(task.Event.Number, " comment"), fmt.Sprint(task.Event.Number, " label")}
}

// drain runs all that waits, as a process does that has just started.
func drain(t testing.TB, q *Queue, w world) {
	t.Helper()
	_, err := q.Recover()
	must(t, err)
	for task := claim(t, q); task != nil; task = claim(t, q) {
		for _, what := range writesFor(task) {
			v, err := q.Begin(task.ID, WriteOf("write", []byte(what)), 1000)
			must(t, err)
			if v == Send {
				w[what]++
				must(t, q.End(task.ID, WriteOf("write", []byte(what)), Written))
			}
		}
		must(t, q.Done(task.ID))
	}
}

// A process is killed after each step, and before and after what each step does outside. What was
// acknowledged is done by the next one, or given up because nobody knows what came of a
// write; nothing is written twice.
func TestKilledAfterEachStep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	q, _ := opened(t, filepath.Join(dir, "state.db"))
	now := world{}
	acknowledged := 0
	var task *Task
	write := func(what string) Write { return WriteOf("write", []byte(what)) }
	steps := []func(){
		func() { accept(t, q, "acme/app", 1, "a"); acknowledged++ },
		func() { accept(t, q, "acme/app", 2, "a"); acknowledged++ },
		func() { task = claim(t, q) },
		func() { _, err := q.Begin(task.ID, write("1 comment"), 1000); must(t, err) },
		func() { now["1 comment"]++ },
		func() { must(t, q.End(task.ID, write("1 comment"), Written)) },
		func() { _, err := q.Begin(task.ID, write("1 label"), 1000); must(t, err) },
		func() { must(t, q.End(task.ID, write("1 label"), Send)) }, // refused
		func() { _, err := q.Later(task.ID, 0, "gitea_unreachable"); must(t, err) },
		func() { task = claim(t, q) },
		func() { _, err := q.Begin(task.ID, write("1 label"), 1000); must(t, err) },
		func() { now["1 label"]++ },
		func() { must(t, q.End(task.ID, write("1 label"), Written)) },
		func() { must(t, q.Done(task.ID)) },
		func() { task = claim(t, q) },
		func() { _, err := q.Begin(task.ID, write("2 comment"), 1000); must(t, err) },
		func() { now["2 comment"]++ },
		func() { must(t, q.End(task.ID, write("2 comment"), Unknown)) },
		func() { must(t, q.Fail(task.ID, OutcomeUnknown)) },
		func() { accept(t, q, "acme/app", 3, "a"); acknowledged++ },
	}
	for i, step := range steps {
		step()
		copied := filepath.Join(dir, fmt.Sprintf("after-%d.db", i))
		copyFile(t, filepath.Join(dir, "state.db"), copied)
		after := world{}
		for what, n := range now {
			after[what] = n
		}
		restarted, f := opened(t, copied)
		drain(t, restarted, after)
		failed, err := restarted.Failed()
		must(t, err)
		given := map[int64]bool{}
		for _, each := range failed {
			if each.Reason != OutcomeUnknown {
				t.Errorf("after step %d: %v failed: %s", i, each, each.Reason)
			}
			given[each.Event.Number] = true
		}
		for n := 1; n <= acknowledged; n++ {
			for _, what := range []string{fmt.Sprint(n, " comment"), fmt.Sprint(n, " label")} {
				if after[what] > 1 || after[what] == 0 && !given[int64(n)] {
					t.Errorf("after step %d: %s is written %d times", i, what, after[what])
				}
			}
		}
		for _, each := range failed { // by hand
			_, err := restarted.Retry(each.ID)
			must(t, err)
		}
		drain(t, restarted, after)
		for what, n := range after {
			if n > 1 {
				t.Errorf("after step %d and a retry: %s is written %d times", i, what, n)
			}
		}
		_ = f.Close()
	}
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	must(t, err)
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE, 0o600)
	must(t, err)
	defer out.Close()
	_, err = io.Copy(out, in)
	must(t, err)
}

// Tasks that end a process again and again are given up.
func TestTasksThatKill(t *testing.T) {
	t.Parallel()
	q := fresh(t)
	accept(t, q, "acme/app", 1, "a")
	for i := range MostAttempts {
		if claim(t, q) == nil {
			t.Fatal("nothing to claim")
		}
		found, err := q.Recover()
		if err != nil || len(found) != 1 || found[0].GivenUp != (i == MostAttempts-1) {
			t.Errorf("start %d: %+v %v", i, found, err)
		}
	}
	failed, err := q.Failed()
	if err != nil || len(failed) != 1 || failed[0].Reason != Interrupted {
		t.Errorf("%+v %v", failed, err)
	}
}

const (
	childState = "AEGIS_TEST_QUEUE_STATE"
	childWorld = "AEGIS_TEST_QUEUE_WORLD"
)

// TestMain lets the test's binary be the process that is killed.
func TestMain(m *testing.M) {
	if name := os.Getenv(childState); name != "" {
		child(name, os.Getenv(childWorld))
		return
	}
	os.Exit(m.Run())
}

// child takes deliveries and runs them, until it is killed. Each line of its world is a
// fact: acknowledged, or written.
func child(name, worldName string) {
	f, err := state.Open(name)
	if err != nil {
		panic(err)
	}
	out, err := os.OpenFile(worldName, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		panic(err)
	}
	t := new(testing.T)
	q := New(f)
	if _, err := q.Recover(); err != nil {
		panic(err)
	}
	for n := time.Now().UnixNano(); ; n++ {
		if double, err := q.Accept(delivery(t, "acme/app", n), []string{"a"}); double || err != nil {
			panic(fmt.Sprint(double, err))
		}
		fmt.Fprintf(out, "acknowledged %d\n", n)
		task, _, err := q.Claim(func(string) int { return 1 << 20 })
		if err != nil {
			panic(err)
		}
		for _, what := range writesFor(task) {
			w := WriteOf("write", []byte(what))
			if v, err := q.Begin(task.ID, w, 1000); err != nil || v != Send {
				continue
			}
			fmt.Fprintf(out, "written %s\n", what)
			if err := q.End(task.ID, w, Written); err != nil {
				panic(err)
			}
		}
		if err := q.Done(task.ID); err != nil {
			panic(err)
		}
	}
}

// A process is killed at moments that nobody chose.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name, worldName := filepath.Join(dir, "state.db"), filepath.Join(dir, "world")
	must(t, os.WriteFile(worldName, nil, 0o600))
	for round := range 6 {
		process := exec.Command(os.Args[0])
		process.Env = append(os.Environ(), childState+"="+name, childWorld+"="+worldName)
		must(t, process.Start())
		grown := func() bool { // it is at work
			info, err := os.Stat(worldName)
			return err == nil && info.Size() > int64(500*(round+1))
		}
		for deadline := time.Now().Add(20 * time.Second); !grown() && time.Now().Before(deadline); {
			time.Sleep(time.Duration(1+round) * time.Millisecond)
		}
		_ = process.Process.Kill()
		_ = process.Wait()
	}
	raw, err := os.ReadFile(worldName)
	must(t, err)
	after, acknowledged := world{}, map[string]bool{}
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if n, ok := strings.CutPrefix(line, "acknowledged "); ok {
			acknowledged[n] = true
		} else {
			after[strings.TrimPrefix(line, "written ")]++
		}
	}
	q, _ := opened(t, name)
	q.now = time.Now
	drain(t, q, after)
	failed, err := q.Failed()
	must(t, err)
	given := map[string]bool{}
	for _, each := range failed {
		given[fmt.Sprint(each.Event.Number)] = true
	}
	for n := range acknowledged {
		for _, what := range []string{n + " comment", n + " label"} {
			if after[what] != 1 && !given[n] {
				t.Errorf("%s: written %d times", what, after[what])
			}
		}
	}
	for what, n := range after {
		if n > 1 {
			t.Errorf("%s: written %d times", what, n)
		}
	}
	if len(acknowledged) < 6 {
		t.Errorf("%d were acknowledged", len(acknowledged))
	}
}
