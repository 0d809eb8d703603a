package automation_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aegis/internal/automation"
)

// A Gitea that is not there is waited for, three times; then the run is given up. What is behind
// it in the repository waits. Retried, it does what it is for.
func TestAGiteaThatIsNotThere(t *testing.T) {
	t.Parallel()
	s := newStage(t, thanks)
	s.forge.SetDown(true)
	p := s.start()
	if got := p.deliver("issues", opened("acme/website", 1, "mallory")); got != http.StatusAccepted {
		t.Fatal(got)
	}
	s.says(`"outcome":"later"`, `"attempt":1`)
	s.says(`"outcome":"later"`, `"attempt":2`)
	s.says(`"outcome":"failed"`, `"attempt":3`, `"reason":"gitea_error"`)
	p.idle()
	failed, err := p.Failed()
	if err != nil || len(failed) != 1 || failed[0].Reason != "gitea_error" {
		t.Fatalf("%v %v", failed, err)
	}
	s.forge.SetDown(false)
	if _, err := p.Retry(failed[0].ID); err != nil {
		t.Fatal(err)
	}
	s.becomes("acme/website#1: Thank you.")
}

// A write whose answer is lost is not sent again: not by itself, not when it is retried by
// hand, and not when it is delivered again.
func TestAWriteOfWhichNobodyKnows(t *testing.T) {
	t.Parallel()
	s := newStage(t, thanks)
	s.forge.After = func(string, string) int { return http.StatusBadGateway }
	p := s.start()
	body := opened("acme/website", 1, "mallory")
	p.deliver("issues", body)
	s.says(`"outcome":"unknown"`, `"reason":"outcome_unknown"`)
	failed, err := p.Failed()
	if err != nil || len(failed) != 1 {
		t.Fatalf("%v %v", failed, err)
	}
	if _, err := p.Retry(failed[0].ID); err != nil {
		t.Fatal(err)
	}
	s.says(`"outcome":"done"`, `"unknown":1`)
	if got := p.deliver("issues", body); got != http.StatusOK {
		t.Errorf("the double: %d", got)
	}
	p.end()
	s.becomes("acme/website#1: Thank you.")
}

// What Gitea or policy refuses is given up at once, by its code.
func TestARefusal(t *testing.T) {
	t.Parallel()
	s := newStage(t, thanks)
	p := s.start()
	p.deliver("issues", opened("acme/playground", 1, "mallory"))
	s.says(`"outcome":"failed"`, `"reason":"policy_denied"`, `"refused":{"policy_denied":1}`)
	p.deliver("issues", opened("acme/website", 99, "mallory"))
	s.says(`"outcome":"failed"`, `"reason":"not_found"`)
	s.becomes()
}

// While the kill switch is on, and while the jobs file is gone, nothing begins, and nothing is
// given up or lost.
func TestWhatHoldsJobsUp(t *testing.T) {
	t.Parallel()
	for what, hold := range map[string]func(s *stage) (release func()){
		"the kill switch": func(s *stage) func() {
			s.write("STOP", "")
			return func() { _ = os.Remove(s.path("STOP")) }
		},
		"no jobs file": func(s *stage) func() {
			raw, _ := os.ReadFile(s.path("jobs.yaml"))
			_ = os.Remove(s.path("jobs.yaml"))
			return func() { s.write("jobs.yaml", string(raw)) }
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, thanks)
			p := s.open()
			if got := p.deliver("issues", opened("acme/website", 1, "mallory")); got != http.StatusAccepted {
				t.Fatal(got)
			}
			release := hold(s)
			time.Sleep(1100 * time.Millisecond) // files are looked at once a second
			p.run()
			p.Looked(10)
			if failed, _ := p.Failed(); len(failed) > 0 || len(s.forge.Written()) > 0 {
				t.Errorf("%v %v", failed, s.forge.Written())
			}
			release()
			s.becomes("acme/website#1: Thank you.")
		})
	}
}

// What begins beyond runs_per_hour is dropped, and that is said.
func TestOneRunTooMany(t *testing.T) {
	t.Parallel()
	s := newStage(t, thanks+"    limits: {runs_per_hour: 2}\n")
	p := s.start()
	for n := range 4 {
		p.deliver("issues", opened("acme/website", n+1, "mallory"))
	}
	p.idle()
	s.becomes("acme/website#1: Thank you.", "acme/website#2: Thank you.")
	s.says(`"run":3`, `"outcome":"dropped"`, `"reason":"runs_per_hour"`)
	s.says(`"run":4`, `"outcome":"dropped"`)
}

// What a job's own user has done makes no job run: not when it comes, and not when it was not
// known at that time who that is.
func TestNoJobKeepsAnotherGoing(t *testing.T) {
	t.Parallel()
	s := newStage(t, thanks)
	p := s.open()
	if got := p.deliver("issues", opened("acme/website", 1, "Agent")); got != http.StatusAccepted {
		t.Fatal(got)
	}
	p.run()
	s.says(`"outcome":"done"`, `"reason":"own_event"`)
	if got := p.deliver("issues", opened("acme/website", 3, "agent")); got != http.StatusNoContent {
		t.Errorf("once it is known: %d", got)
	}
	p.idle()
	s.becomes()
}

// A process that ends lets the call that runs end. The run is made anew by the next one, and what
// was written is not written again; that costs none of its three attempts.
func TestAProcessThatEnds(t *testing.T) {
	t.Parallel()
	const two = `
  two:
    on: {webhook: issues, action: [opened], repositories: ["acme/*"]}
    credential_file: TOKEN
    steps:
      - {id: a, call: create_comment, with: {number: "${event.number}", body: "First."}}
      - {id: b, call: create_comment, with: {number: "${event.number}", body: "Second."}}
      - {id: c, call: create_comment, with: {number: "${event.number}", body: "Third."}}
      - {id: d, call: create_comment, with: {number: "${event.number}", body: "Fourth."}}
`
	s := newStage(t, two)
	for n := range 4 {
		writing, goOn := make(chan struct{}), make(chan struct{})
		s.forge.Before = func(string, string) int {
			close(writing)
			<-goOn
			return 0
		}
		p := s.start()
		if n == 0 {
			p.deliver("issues", opened("acme/website", 1, "mallory"))
		}
		<-writing
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			p.stop()
			<-p.over
		}()
		time.Sleep(20 * time.Millisecond)
		close(goOn)
		<-ended
		p.end()
	}
	s.forge.Before = nil
	p := s.start()
	p.idle()
	s.becomes("acme/website#1: First.", "acme/website#1: Second.", "acme/website#1: Third.", "acme/website#1: Fourth.")
	if failed, err := p.Failed(); err != nil || len(failed) > 0 {
		t.Errorf("%v %v", failed, err)
	}
	p.end()
	s.verified()
}

// By hand a job runs as it does by itself, dry too, and who starts it is told how it ended.
func TestAJobByHand(t *testing.T) {
	t.Parallel()
	s := newStage(t, replaced(hourly, "MISSED", "skip"))
	p := s.start()
	for _, dry := range []bool{true, false} {
		_, ends, err := p.Start("hourly", dry)
		if err != nil {
			t.Fatal(err)
		}
		e := <-ends
		if e.Outcome != automation.Done || e.Trigger != "hand" || (e.Summary.Planned == 1) != dry || (e.Summary.Written == 1) == dry {
			t.Errorf("%+v", e)
		}
		if dry && (len(e.Would) != 1 || e.Would[0].Tool != "create_comment" || !strings.Contains(string(e.Would[0].Args), "An hour") || !strings.Contains(string(e.Would[0].Answer), `"would"`)) {
			t.Errorf("%+v", e.Would)
		}
		if got := len(s.forge.Written()); (got == 0) != dry {
			t.Errorf("dry %t: %d written", dry, got)
		}
	}
	if _, _, err := p.Start("nothing", false); err != automation.ErrNoJob {
		t.Error(err)
	}
	p.end()
	alone := s.open()
	e, err := alone.Once(t.Context(), "hourly", false)
	if err != nil || e.Outcome != automation.Done || e.Summary.Written != 1 {
		t.Errorf("%+v %v", e, err)
	}
	s.becomes("acme/website#1: An hour has passed.", "acme/website#1: An hour has passed.")
}

// Runs of different repositories are made at once, of one in their order; and not more than so
// many at once at all.
func TestWhatRunsAtOnce(t *testing.T) {
	t.Parallel()
	const more = `
  thanks-too:
    on: {webhook: issues, action: [opened], repositories: ["acme/*"]}
    credential_file: TOKEN
    steps:
      - call: create_comment
        with: {number: "${event.number}", body: "Thank you, too."}
`
	s := newStage(t, thanks+more)
	var now [2]atomic.Int64
	var most atomic.Int64
	s.forge.Before = func(on, _ string) int {
		at := &now[0]
		if strings.HasPrefix(on, "acme/service") {
			at = &now[1]
		}
		if at.Add(1) > 1 {
			t.Errorf("two at once in one repository")
		}
		most.Store(max(most.Load(), now[0].Load()+now[1].Load()))
		time.Sleep(50 * time.Millisecond)
		at.Add(-1)
		return 0
	}
	p := s.open()
	want := []string{}
	for n := range 2 {
		for _, repo := range []string{"acme/service", "acme/website"} {
			p.deliver("issues", opened(repo, n+1, "mallory"))
			want = append(want, fmt.Sprintf("%s#%d: Thank you.", repo, n+1), fmt.Sprintf("%s#%d: Thank you, too.", repo, n+1))
		}
	}
	p.run()
	p.idle()
	s.becomes(want...)
	if most.Load() != 2 {
		t.Errorf("%d at once", most.Load())
	}
}
