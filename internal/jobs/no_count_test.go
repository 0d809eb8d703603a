package jobs_test

import (
	"errors"
	"strings"
	"testing"

	"aegis/internal/jobs"
)

// A count of what is not there is none, and not nought: a step that was left out has counted
// nothing, nor has a list without a row.
func TestACountOfNothing(t *testing.T) {
	t.Parallel()
	f := parse(t, strings.Replace(small, `body: "Please add a version."`, `body: "It has ${steps.known.first.comments} comments."`, 1))
	write := f.ByName("info").Steps[1].Call
	answer := func(object string) map[string]jobs.Answer {
		a, err := jobs.ReadAnswer("list_issues", []byte(object), "")
		if err != nil {
			t.Fatal(err)
		}
		return map[string]jobs.Answer{"known": a}
	}
	event, err := f.ByName("info").EventOf(map[string]string{"number": "7"})
	if err != nil {
		t.Fatal(err)
	}
	for what, steps := range map[string]map[string]jobs.Answer{
		"a step that was left out": nil, "no row": answer(`{"items":[]}`), "a text": answer(`{"items":[{"comments":"3"}]}`), "null": answer(`{"items":[{"comments":null}]}`),
	} {
		var absent *jobs.AbsentError
		if got, err := write.Arguments(&jobs.Scope{Repository: event.Repository, Event: event, Steps: steps}); !errors.As(err, &absent) {
			t.Errorf("%s: %s %v", what, got, err)
		}
	}
	got, err := write.Arguments(&jobs.Scope{Repository: event.Repository, Event: event, Steps: answer(`{"items":[{"number":7}]}`)})
	if err != nil || !strings.Contains(string(got), "It has 0 comments.") {
		t.Errorf("a row that leaves nought out: %s %v", got, err)
	}
}
