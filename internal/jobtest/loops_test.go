package jobtest

import (
	"testing"

	"aegis/internal/giteatest"
)

// Two jobs answer each comment, as two users. What one of them says makes neither run again.
func TestTwoJobsDoNotKeepEachOtherGoing(t *testing.T) {
	t.Parallel()
	s := giteatest.Start(t)
	w := newWorkshop(t, s, "loops", true)
	answering := func(name, token string) string {
		return "  " + name + `:
    on: {webhook: issue_comment, action: [created], repositories: ["acme/*"]}
    credential_file: /etc/aegis/` + token + `
    steps:
      - {call: create_comment, with: {number: "${event.number}", body: I am ` + name + `.}}
`
	}
	c := setting{
		jobs: `version: 1
webhooks:
  - {repositories: ["acme/*"], secret_file: /etc/aegis/hook.secret}
jobs:
` + answering("ping", "bot.token") + answering("pong", "other.token"),
		policy: allowing(w.name), writes: []string{w.name}, bot: s.World.Colleague, more: map[string]string{"other.token": s.World.Writer.Token},
	}
	st := newStage(t, s, c)
	w.delivers(st)
	number := w.post(s.World.Keeper, "/issues", object{"title": "Talk"}).Number
	w.post(s.World.Keeper, at("/issues", number)+"/comments", object{"body": "Hello?"})
	st.await("ping", 1)
	st.await("pong", 1)
	w.settle() // what they said is delivered, and what that makes run would be kept
	if said := w.said(number); len(said) != 3 {
		t.Errorf("%q", said)
	}
	if own := st.logged(map[string]any{"message": "webhook", "event": "issue_comment", "result": "own_event"}); len(own) != 2 {
		t.Errorf("%s", st.all())
	}
	comment := "POST " + at(w.name+"/issues", number) + "/comments 201"
	st.expect("two jobs", comment, comment)
}

// A run that a job starts again fails again, and is told as whose it was at first: nobody can see
// that a job did it. How often the job runs in an hour ends that.
func TestRunsThatAreStartedAgainEnd(t *testing.T) {
	t.Parallel()
	s := giteatest.Start(t)
	w := newWorkshop(t, s, "again", true)
	c := setting{
		jobs: `version: 1
webhooks:
  - {repositories: ["acme/*"], secret_file: /etc/aegis/hook.secret}
jobs:
  again:
    on: {webhook: workflow_run, action: [failure], repositories: ["acme/*"]}
    credential_file: /etc/aegis/bot.token
    steps:
      - {call: rerun_workflow, with: {run_id: "${event.run_id}"}}
    limits: {runs_per_hour: 2}
`,
		policy: allowing(w.name), writes: []string{w.name}, bot: s.World.Colleague,
	}
	st := newStage(t, s, c)
	w.delivers(st)
	w.commit(s.World.Writer, "main", ".gitea/workflows/build.yml", oneJob)
	w.settle()
	for i := range 3 {
		if err := s.RunJob(t.Context(), w.name, "played", []string{"it failed"}, false); err != nil {
			t.Fatal(i, err)
		}
		ends := st.await("again", i+1)
		if last := ends[i]; i < 2 && last["outcome"] != "done" || i == 2 && (last["outcome"] != "dropped" || last["reason"] != "runs_per_hour") {
			t.Errorf("%d: %v", i, last)
		}
		w.settle()
	}
	if wrote := st.wrote(); len(wrote) != 2 {
		t.Errorf("%v", wrote)
	}
}
