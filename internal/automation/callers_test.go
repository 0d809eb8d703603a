package automation_test

import (
	"encoding/json"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"aegis/gate"
	"aegis/gate/caller"
	"aegis/internal/sampleforge"
	"aegis/tools"
)

// looking reads comments before it writes one.
const looking = `
  looking:
    on: {webhook: issues, action: [opened], repositories: ["acme/*"]}
    credential_file: TOKEN
    steps:
      - {id: seen, call: list_issue_comments, with: {number: "${event.number}"}}
      - call: create_comment
        with: {number: "${event.number}", body: "Seen."}
`

// What a job has read in a private repository counts in its next runs, also after a restart:
// it writes nothing where more people see it. Another job's runs are none of its.
func TestI6_AJobIsTheSameCallerInItsNextRun(t *testing.T) {
	t.Parallel()
	s := newStage(t, looking+replaced(replaced(looking, "looking", "beside"), "[opened]", "[closed]"))
	p := s.start()
	p.deliver("issues", opened("acme/service", 1, "mallory"))
	s.becomes("acme/service#1: Seen.")
	p.deliver("issues", opened("acme/website", 1, "mallory"))
	s.says(`"run":2`, `"outcome":"failed"`, `"reason":"flow_denied"`)
	p.end()
	p = s.start()
	p.deliver("issues", opened("acme/website", 3, "mallory"))
	s.says(`"run":3`, `"outcome":"failed"`, `"reason":"flow_denied"`)
	p.deliver("issues", replaced(opened("acme/website", 1, "mallory"), `"action":"opened"`, `"action":"closed"`))
	s.becomes("acme/service#1: Seen.", "acme/website#1: Seen.")
	p.end()
	s.verified()
}

// Of the repositories of a schedule those come first that most people see, so that what is read in
// a private one keeps no public one from being written to.
func TestPublicRepositoriesComeFirst(t *testing.T) {
	t.Parallel()
	const all = `
  all:
    on: {schedule: "0 3 * * 1"}
    credential_file: TOKEN
    repositories: ["acme/ser*", "acme/web*", "acme/nothing-*"]
    steps:
      - {id: seen, call: list_issue_comments, with: {number: 1}}
      - call: create_comment
        with: {number: 1, body: "Seen."}
`
	s := newStage(t, all)
	p := s.start()
	_, ends, err := p.Start("all", false)
	if err != nil {
		t.Fatal(err)
	}
	if e := <-ends; e.Outcome != "done" || e.Summary.Written != 2 {
		t.Errorf("%+v", e)
	}
	s.becomes("acme/service#1: Seen.", "acme/website#1: Seen.")
}

// A job goes to Gitea with its own access token, as it is now; one that does not hold is a
// failure, and what it read before is known of the same job.
func TestAnExchangedAccessToken(t *testing.T) {
	t.Parallel()
	s := newStage(t, thanks)
	p := s.start()
	s.write("token", strings.Repeat("0123456789abcdef", 2)+"01234567\n")
	time.Sleep(1100 * time.Millisecond) // it is looked at once a second
	p.deliver("issues", opened("acme/website", 1, "mallory"))
	s.says(`"outcome":"failed"`, `"reason":"gitea_unauthorized"`)
	s.write("token", sampleforge.DemoToken()+"\n")
	time.Sleep(1100 * time.Millisecond)
	p.deliver("issues", opened("acme/website", 3, "mallory"))
	s.becomes("acme/website#3: Thank you.")
	s.write("token", "short\n")
	time.Sleep(1100 * time.Millisecond)
	p.deliver("issues", opened("acme/website", 4, "mallory"))
	s.says(`"outcome":"failed"`, `"reason":"no_credential"`)
}

// Nobody is shown a job's access token or a webhook's secret, whoever asks for what holds it: also
// before any job has run, and after they were exchanged.
func TestI3_NobodyIsShownWhatJobsHave(t *testing.T) {
	t.Parallel()
	s := newStage(t, thanks)
	p := s.start()
	const fresh = "another secret of all of acme, as long as the first"
	shown := func(words ...string) string {
		s.forge.Say("acme/website#1", words...)
		for _, tool := range tools.All() {
			if tool.Name == "list_issue_comments" {
				c := caller.New(caller.Config{ID: "else", Principal: "else", Credential: sampleforge.DemoToken()})
				a := p.app.Gate.Do(t.Context(), c, caller.Connect(""), tool.Tool, gate.Call{Args: json.RawMessage(`{"owner":"acme","repo":"website","number":1}`)})
				return string(a.Object)
			}
		}
		t.Fatal("no such tool")
		return ""
	}
	if got := shown("x "+secret, "y "+sampleforge.DemoToken()); strings.Contains(got, secret) || strings.Contains(got, sampleforge.DemoToken()) || !strings.Contains(got, "[redacted") {
		t.Errorf("shown: %s", got)
	}
	s.write("secret", fresh+"\n")
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if !strings.Contains(shown("x "+fresh, "y "+secret), "the first") {
			break
		}
	}
	if got := shown("x "+fresh, "y "+secret); strings.Contains(got, fresh) || strings.Contains(got, secret) {
		t.Errorf("shown: %s", got)
	}
}

// Which authors may write is known to a filter that asks for it.
func TestAFilterByStanding(t *testing.T) {
	t.Parallel()
	const strangers = `
  strangers:
    on: {schedule: "0 3 * * 1"}
    credential_file: TOKEN
    repositories: [acme/website]
    steps:
      - for_each: {tool: list_issues, with: {state: all}, where: {author_standing: STANDING}}
        do:
          - call: create_comment
            with: {number: "${item.number}", body: "STANDING"}
`
	for standing, want := range map[string][]string{
		"stranger": {"acme/website#3: stranger"}, "writer": {"acme/website#1: writer", "acme/website#2: writer", "acme/website#4: writer"},
	} {
		t.Run(standing, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, replaced(strangers, "STANDING", standing))
			p := s.start()
			_, ends, err := p.Start("strangers", false)
			if err != nil {
				t.Fatal(err)
			}
			<-ends
			s.becomes(want...)
		})
	}
}

// Deliveries that do not count are answered a status and nothing else, and leave nothing.
func TestDeliveriesThatDoNotCount(t *testing.T) {
	t.Parallel()
	s := newStage(t, thanks)
	p := s.open()
	good := opened("acme/website", 1, "mallory")
	for _, c := range []struct {
		what string
		body string
		key  string
		want int
	}{
		{"another secret", good, "some other secret that is long", http.StatusUnauthorized},
		{"no secret", good, "", http.StatusUnauthorized},
		{"another owner", replaced(good, "acme/", "other/"), secret, http.StatusUnauthorized},
		{"too large", good + strings.Repeat(" ", 2<<20), secret, http.StatusRequestEntityTooLarge},
		{"an event that no job waits for", replaced(good, `"opened"`, `"closed"`), secret, http.StatusNoContent},
	} {
		if got := p.deliverWith("issues", c.body, c.key); got != c.want {
			t.Errorf("%s: %d, want %d", c.what, got, c.want)
		}
	}
	if tasks, err := p.Tasks(); err != nil || len(tasks) > 0 {
		t.Errorf("%v %v", tasks, err)
	}
	if strings.Contains(s.logs.String(), `"signature"`) {
		t.Error("whoever has no secret writes into the log")
	}
	p.end() // the state file is closed
	if got := p.deliver("issues", good); got != http.StatusServiceUnavailable {
		t.Errorf("without a state file: %d", got)
	}
}

// A process that has ended has left nothing that runs.
func TestNothingRunsAfterItsEnd(t *testing.T) {
	s := newStage(t, thanks)
	s.start().end() // what is made once is there
	before := runtime.NumGoroutine()
	for n := range 5 {
		p := s.start()
		p.deliver("issues", opened("acme/website", n+10, "mallory"))
		p.end()
	}
	for end := time.Now().Add(patience); runtime.NumGoroutine() > before+2 && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
	}
	if after := runtime.NumGoroutine(); after > before+2 {
		all := make([]byte, 1<<20)
		t.Errorf("%d goroutines have become %d\n%s", before, after, all[:runtime.Stack(all, true)])
	}
}
