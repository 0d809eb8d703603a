package automation_test

import (
	"net/url"
	"strings"
	"testing"

	"aegis/internal/automation"
)

// By hand a job runs as it does by itself, dry too, and who starts it is told how it ended.
func TestAJobByHand(t *testing.T) {
	t.Parallel()
	s := newStage(t, replaced(hourly, "MISSED", "skip"))
	p := s.start()
	for _, dry := range []bool{true, false} {
		_, ends, err := p.Start(automation.Asked{Job: "hourly", Dry: dry})
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
	if _, _, err := p.Start(automation.Asked{Job: "nothing"}); err != automation.ErrNoJob {
		t.Error(err)
	}
	p.end()
	alone := s.open()
	e, err := alone.Once(t.Context(), automation.Asked{Job: "hourly"})
	if err != nil || e.Outcome != automation.Done || e.Summary.Written != 1 {
		t.Errorf("%+v %v", e, err)
	}
	s.becomes("acme/website#1: An hour has passed.", "acme/website#1: An hour has passed.")
}

// A dry run is not tried again, and is in nobody's way: who asked for it knows how it ended.
func TestADryRunIsMadeOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t, thanks)
	s.config.URL = &url.URL{Scheme: "http", Host: "127.0.0.1:1"} // nobody is there
	p := s.start()
	for range 2 {
		_, ends, err := p.Start(automation.Asked{Job: "thanks", Dry: true, Event: map[string]string{"number": "1", "repository": "acme/website"}})
		if err != nil {
			t.Fatal(err)
		}
		if e := <-ends; e.Outcome != automation.Failed || e.Reason != "gitea_unreachable" || e.Attempt != 1 {
			t.Errorf("%+v", e)
		}
	}
	if failed, err := p.Failed(); err != nil || len(failed) > 0 {
		t.Errorf("%v %v", failed, err)
	}
	p.idle()
}

// runs_per_hour counts for runs by hand as well, whether or not a server makes them.
func TestRunsByHandAreCounted(t *testing.T) {
	t.Parallel()
	s := newStage(t, replaced(hourly, "MISSED", "skip")+"    limits: {runs_per_hour: 2}\n")
	for n := range 3 {
		alone := s.open()
		e, err := alone.Once(t.Context(), automation.Asked{Job: "hourly", Dry: true})
		if tooMany := e.Outcome == automation.Dropped && e.Reason == "runs_per_hour"; err != nil || tooMany != (n == 2) {
			t.Errorf("run %d: %+v %v", n, e, err)
		}
		alone.idle()
		alone.end()
	}
}
