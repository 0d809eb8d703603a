package run_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"aegis/internal/jobs/queue"
	"aegis/internal/jobs/run"
)

// A write that was sent, or may have been, is not sent again because what is said in it has
// changed meanwhile: counts and times of an issue change by that very write.
func TestAWriteIsTheSameWhateverHasChanged(t *testing.T) {
	t.Parallel()
	const says = `
      - for_each: {tool: list_issues, where: {updated_before: 1m}}
        do:
          - {id: last, call: list_issue_comments, with: {number: "${item.number}"}}
          - call: create_comment
            with: {number: "${item.number}", body: "%s"}
`
	for _, body := range []string{
		"${item.comments} comments so far", "Nothing since ${item.updated_at}", "It is ${item.state}", "${item.number}: ${steps.last.first.created_at}",
	} {
		for _, code := range []string{"outcome_unknown", "timeout"} {
			j := job(t, fmt.Sprintf(says, body), "")
			s := newStage(t, j)
			hour := 0
			s.door.answers["list_issues"] = func(string) (string, error) {
				hour++
				row := `{"number":%d,"comments":%d,"state":"%s","updated_at":"2026-05-01T%02d:00:00Z"}`
				state := []string{"open", "closed"}[hour%2]
				return `{"items":[` + fmt.Sprintf(row, 1, hour, state, hour) + "," + fmt.Sprintf(row, 2, hour, state, hour) + `]}`, nil
			}
			s.door.answers["list_issue_comments"] = func(string) (string, error) {
				return fmt.Sprintf(`{"items":[{"id":1,"created_at":"2026-05-01T%02d:00:00Z"}]}`, hour), nil
			}
			sent := map[string]int{}
			s.door.answers["create_comment"] = func(args string) (string, error) {
				_, number, _ := strings.Cut(args, `"number":`)
				number = number[:1]
				sent[number]++
				switch {
				case number == "2" && hour == 1 && code == "timeout": // nothing was sent of this one, which stops the run
					sent[number]--
					return "", &run.Refused{Code: code, Nothing: true}
				case number == "1" && hour == 1 && code == "outcome_unknown":
					return "", &run.Refused{Code: code}
				}
				return `{"comment_id":9}`, nil
			}
			if err := s.in(); err == nil {
				t.Fatalf("%s: the first run is done", body)
			} else if errors.Is(err, run.ErrLater) {
				if _, err := s.q.Later(s.task.ID, -time.Minute, "again"); err != nil {
					t.Fatal(err)
				}
			} else {
				if err := s.q.Fail(s.task.ID, queue.OutcomeUnknown); err != nil {
					t.Fatal(err)
				}
				if _, err := s.q.Retry(s.task.ID); err != nil {
					t.Fatal(err)
				}
			}
			s.begin(j)
			if err := s.in(); err != nil {
				t.Errorf("%s: again: %v", body, err)
			}
			if sent["1"] != 1 || sent["2"] != 1 {
				t.Errorf("%s, after %s: sent so often: %v", body, code, sent)
			}
		}
	}
}

// Writes about two rows are two, though they say the same but for what changes.
func TestWritesAboutTwoRowsAreTwo(t *testing.T) {
	t.Parallel()
	s := newStage(t, job(t, `
      - for_each: {tool: list_issues}
        do:
          - {call: create_issue, with: {title: "One of ${item.updated_at}", body: "x"}}
      - for_each: {tool: list_issues, with: {state: closed}}
        do:
          - {call: create_issue, with: {title: "One of ${item.updated_at}", body: "x"}}
`, ""))
	if err := s.in(); err != nil || s.run.Summary.Written != 4 {
		t.Errorf("%v %+v", err, s.run.Summary)
	}
}

// A run that is made again has no more writes than one, also if it does not meet those that it sent.
func TestRunsMadeAgainHaveTheWritesOfOne(t *testing.T) {
	t.Parallel()
	j := job(t, steps, "    limits: {writes_per_run: 2}\n")
	s := newStage(t, j)
	first := 1
	s.door.answers["list_issues"] = func(string) (string, error) { return issues(first, first+1, first+2), nil }
	for range 3 {
		s.door.answers["create_comment"] = func(args string) (string, error) {
			if strings.Contains(args, fmt.Sprintf(`"number":%d`, first+1)) {
				return "", &run.Refused{Code: "rate_limited", Nothing: true}
			}
			return `{"comment_id":9}`, nil
		}
		if err := s.in(); err != nil && !errors.Is(err, run.ErrLater) {
			t.Fatal(err)
		}
		if err := s.q.Stop(s.task.ID, "again"); err != nil {
			t.Fatal(err)
		}
		first += 3
		s.begin(j)
	}
	if len(s.door.writes) > 2 {
		t.Errorf("%d writes of a run that may have 2", len(s.door.writes))
	}
}
