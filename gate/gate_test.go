package gate_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aegis/gate"
	"aegis/gate/policy"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
	"aegis/tools"
)

// want fails unless the answer is the refusal with that code.
func want(t *testing.T, answer gatetest.Answer, code gate.Code) map[string]any {
	t.Helper()
	refusal := answer.Refusal()
	if !answer.IsError || answer.Code != code || refusal["code"] != string(code) || refusal["call"] != answer.Call {
		t.Fatalf("want %s, got %s", code, answer.Object)
	}
	return refusal
}

// unanswered fails if a request has reached the forge.
func untouched(t *testing.T, forge *giteatest.Proxy) {
	t.Helper()
	if requests := forge.Requests(); len(requests) > 0 {
		t.Errorf("%d requests reached Gitea, the first is %s %s", len(requests), requests[0].Method, requests[0].Path)
	}
}

func TestGateNeedsAllItsParts(t *testing.T) {
	t.Parallel()
	if _, err := gate.Open(nil, nil, nil, nil, gate.Options{}); err == nil {
		t.Error("a gate opens without its parts")
	}
}

func TestI1_ZeroToolIsRefused(t *testing.T) {
	t.Parallel()
	prepare := func(json.RawMessage) (gate.Prepared, error) {
		return gate.Prepared{Target: gate.Everywhere(), Run: says(record{})}, nil
	}
	for name, tool := range map[string]gate.Tool{
		"nothing":       {Name: "get_me"},
		"no capability": {Name: "get_me", Prepare: prepare},
		"no arguments":  {Name: "get_me", Capability: policy.Read},
		"no target": {Name: "get_me", Capability: policy.Read, Prepare: func(json.RawMessage) (gate.Prepared, error) {
			return gate.Prepared{Run: says(record{})}, nil
		}},
		"no handler": {Name: "get_me", Capability: policy.Read, Prepare: func(json.RawMessage) (gate.Prepared, error) {
			return gate.Prepared{Target: gate.Everywhere()}, nil
		}},
		"unknown to policy": {Name: "delete_everything", Capability: policy.Read, Prepare: prepare},
		"wrong capability":  {Name: "create_issue", Capability: policy.Read, Prepare: prepare},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forge := newFake(nil).proxy(t)
			door := gatetest.Open(t, gatetest.Config{URL: forge.URL, Tools: []tools.Tool{{Tool: tool}}})
			if answer := door.Ask(tool.Name, `{}`); !answer.IsError {
				t.Errorf("it ran: %s", answer.Object)
			}
			untouched(t, forge)
		})
	}
}

func TestI2_DecisionsAndOutcomesAreOnDisk(t *testing.T) {
	t.Parallel()
	forge := newFake(nil)
	var door *gatetest.Door
	seen := 0
	forge.before = func(r *http.Request) {
		seen++
		last := door.Entries()[len(door.Entries())-1]
		if last["kind"] != "decision" || last["call"] != r.Header.Get("X-Request-Id") || last["decision"] != "allow" {
			t.Errorf("before %s the log ends with %v", r.URL.Path, last)
		}
	}
	door = gatetest.Open(t, gatetest.Config{URL: forge.proxy(t).URL})
	answer := door.Ask("get_repository", inApp)
	if answer.IsError || seen == 0 {
		t.Fatalf("%d requests, %s", seen, answer.Object)
	}
	denied := door.Ask("get_repository", `{"owner":"acme","repo":"app","x":1}`)
	want(t, denied, gate.InvalidArguments)
	var kinds []string
	for _, entry := range door.Entries() {
		kinds = append(kinds, entry["kind"].(string))
	}
	if got := strings.Join(kinds, " "); got != "session_start decision outcome decision" {
		t.Errorf("the log holds %s", got)
	}
	last := door.Entries()[3]
	if last["decision"] != "deny" || last["code"] != "invalid_arguments" || last["args_hmac"] == nil {
		t.Errorf("the refusal is recorded as %v", last)
	}
	if raw, _ := os.ReadFile(door.Log); strings.Contains(string(raw), `"x"`) {
		t.Error("arguments are in the log")
	}
}

// breakLog makes the log shorter than its head says, which no append accepts.
func breakLog(t *testing.T, door *gatetest.Door) {
	t.Helper()
	if err := os.Truncate(door.Log, 10); err != nil {
		t.Error(err)
	}
}

func TestI2_NoAuditNoAction(t *testing.T) {
	t.Parallel()
	forge := newFake(nil).proxy(t)
	door := gatetest.Open(t, gatetest.Config{URL: forge.URL, Damaged: true})
	if err := door.Gate.Begin(t.Context(), door.Caller, door.Connection); err != nil {
		t.Fatal(err)
	}
	breakLog(t, door)
	want(t, door.Ask("get_me", `{}`), gate.AuditUnavailable)
	untouched(t, forge)
}

func TestI2_NoOutcomeNoAnswer(t *testing.T) {
	t.Parallel()
	forge := newFake(record{"/user": record{"id": 1, "login": "the-answer"}})
	var door *gatetest.Door
	var whole []byte
	forge.before = func(*http.Request) {
		whole, _ = os.ReadFile(door.Log)
		breakLog(t, door)
	}
	door = gatetest.Open(t, gatetest.Config{URL: forge.proxy(t).URL, Damaged: true})
	answer := door.Ask("get_me", `{}`)
	want(t, answer, gate.AuditUnavailable)
	if strings.Contains(answer.All, "the-answer") {
		t.Error("the answer was released")
	}
	// Mending the log does not open the session again: it has done something
	// that is not in it.
	if err := os.WriteFile(door.Log, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, door.Ask("get_me", `{}`), gate.AuditUnavailable)
}

func TestKillSwitchDeniesEveryCall(t *testing.T) {
	t.Parallel()
	forge := newFake(nil).proxy(t)
	kill := filepath.Join(t.TempDir(), "STOP")
	door := gatetest.Open(t, gatetest.Config{URL: forge.URL, Kill: kill})
	if answer := door.Ask("get_me", `{}`); answer.IsError {
		t.Fatalf("without the switch: %s", answer.Object)
	}
	before := len(forge.Requests())
	if err := os.WriteFile(kill, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, door.Ask("get_me", `{}`), gate.Killed)
	want(t, door.Ask("get_me", `{"bad":1}`), gate.Killed) // before anything else
	if len(forge.Requests()) != before {
		t.Error("a killed call reached Gitea")
	}
	if err := os.Remove(kill); err != nil {
		t.Fatal(err)
	}
	if answer := door.Ask("get_me", `{}`); answer.IsError {
		t.Errorf("after the switch: %s", answer.Object)
	}
}

func TestI8_WritesNeedWriteMode(t *testing.T) {
	t.Parallel()
	forge := newFake(nil).proxy(t)
	write := toy("create_issue", gate.Repository(repo(t, "acme/app")), says(record{}))
	door := gatetest.Open(t, gatetest.Config{URL: forge.URL, Tools: []tools.Tool{write}})
	want(t, door.Ask("create_issue", `{"bad":1}`), gate.WriteModeOff)
	untouched(t, forge)
}

func TestI9_PanicsAreOneFailedCall(t *testing.T) {
	t.Parallel()
	boom := func(context.Context, *gate.Visit) (*gate.Result, error) { panic("boom /home/dev/secret.go:12") }
	late := func(context.Context, *gate.Visit) (*gate.Result, error) {
		return &gate.Result{Fields: panics{}}, nil
	}
	inPrepare := tools.Tool{Tool: gate.Tool{Name: "list_tags", Capability: policy.Read, Prepare: func(json.RawMessage) (gate.Prepared, error) { panic("boom") }}}
	door := gatetest.Open(t, gatetest.Config{URL: newFake(nil).proxy(t).URL, Tools: []tools.Tool{
		toy("get_me", gate.Everywhere(), boom), toy("list_repositories", gate.Everywhere(), late), inPrepare,
		toy("list_organizations", gate.Everywhere(), func(context.Context, *gate.Visit) (*gate.Result, error) { return nil, nil }),
		toy("search_users", gate.Everywhere(), says([]int{1})), // no object
		toy("list_notifications", gate.Everywhere(), func(context.Context, *gate.Visit) (*gate.Result, error) {
			return nil, errors.New("reading /home/dev/x.go: *gitea.Issue")
		}),
	}})
	for _, name := range []string{"get_me", "list_repositories", "list_tags", "list_organizations", "search_users", "list_notifications"} {
		answer := door.Ask(name, `{}`)
		want(t, answer, gate.Internal)
		for _, leak := range []string{"boom", ".go", "goroutine", "*gitea", "/home"} {
			if strings.Contains(answer.All, leak) {
				t.Errorf("%s shows %q: %s", name, leak, answer.All)
			}
		}
	}
}

type panics struct{}

func (panics) MarshalJSON() ([]byte, error) { panic("boom") }

func TestLimits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		policy string
		calls  []string
		rule   string
	}{
		"calls":   {"calls_per_minute: 2", []string{"get_me", "get_me", "list_repositories"}, "calls_per_minute"},
		"by tool": {"calls_per_minute_per_tool: 1", []string{"get_me", "list_repositories", "get_me"}, "calls_per_minute_per_tool"},
		"an hour": {"calls_per_hour: 2", []string{"get_me", "get_me", "list_repositories"}, "calls_per_hour"},
		"bytes":   {"bytes_per_session: 20B", []string{"get_me", "get_me"}, "bytes_per_session"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			door := gatetest.Open(t, gatetest.Config{
				URL: newFake(nil).proxy(t).URL, Policy: "version: 1\nlimits: {" + c.policy + "}\n",
				Tools: []tools.Tool{
					toy("get_me", gate.Everywhere(), says(record{"a": "b"})),
					toy("list_repositories", gate.Everywhere(), says(record{"a": "b"})),
				},
			})
			last := len(c.calls) - 1
			for _, tool := range c.calls[:last] {
				if answer := door.Ask(tool, `{}`); answer.IsError {
					t.Fatalf("within the limit: %s", answer.Object)
				}
			}
			refusal := want(t, door.Ask(c.calls[last], `{}`), gate.RateLimited)
			if !strings.Contains(refusal["rule"].(string), c.rule) || refusal["hint"] == nil {
				t.Errorf("the refusal does not say which limit, or what to do: %v", refusal)
			}
		})
	}
}

func TestApprovalCantBeAskedFor(t *testing.T) {
	t.Parallel()
	forge := newFake(nil).proxy(t)
	door := gatetest.Open(t, gatetest.Config{URL: forge.URL, Policy: "version: 1\napprove: [get_me]\n"})
	want(t, door.Ask("get_me", `{}`), gate.ApprovalUnavailable)
	untouched(t, forge)
}

func TestPolicyIsReadAgainWhenItChanges(t *testing.T) {
	t.Parallel()
	door := gatetest.Open(t, gatetest.Config{URL: newFake(nil).proxy(t).URL, Policy: "version: 1\n"})
	if answer := door.Ask("get_me", `{}`); answer.IsError {
		t.Fatal(string(answer.Object))
	}
	change := func(source string) {
		if err := os.WriteFile(door.Policy, []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	change("version: 1\ntools: {deny: [get_me]}\n")
	refusal := want(t, door.Ask("get_me", `{}`), gate.PolicyDenied)
	if rule, _ := refusal["rule"].(string); !strings.HasPrefix(rule, "policy.yaml:2 tools.deny") {
		t.Errorf("rule %q", rule)
	}
	change("version: 1\ntools: {deny: nonsense}\n")
	want(t, door.Ask("get_me", `{}`), gate.PolicyDenied) // the policy in force stays
	var told []string
	for _, entry := range door.Entries() {
		if entry["kind"] == "policy" {
			told = append(told, entry["reason"].(string))
		}
	}
	if len(told) != 2 || told[0] != "loaded" || !strings.Contains(told[1], "stays") {
		t.Errorf("the log tells of changes: %q", told)
	}
	if !strings.Contains(door.Stderr.String(), "does not load") {
		t.Error("stderr does not tell of the policy that does not load")
	}
}

func TestCallsWaitTheirTurn(t *testing.T) {
	t.Parallel()
	var running, most atomic.Int64
	release := make(chan struct{})
	tool := toy("get_me", gate.Everywhere(), func(context.Context, *gate.Visit) (*gate.Result, error) {
		if n := running.Add(1); n > most.Load() {
			most.Store(n)
		}
		<-release
		running.Add(-1)
		return &gate.Result{Fields: record{}}, nil
	})
	door := gatetest.Open(t, gatetest.Config{URL: newFake(nil).proxy(t).URL, Tools: []tools.Tool{tool}})
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if answer := door.Ask("get_me", `{}`); answer.IsError {
				t.Errorf("%s", answer.Object)
			}
		})
	}
	for running.Load() < 16 {
		time.Sleep(time.Millisecond)
	}
	// One that is given up while it waits is an answer, and recorded.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	want(t, door.AskContext(ctx, "get_me", `{}`), gate.Timeout)
	close(release)
	all.Wait()
	if most.Load() != 16 {
		t.Errorf("%d calls ran at once", most.Load())
	}
}

func TestAGiteaThatNeverAnswersIsATimeout(t *testing.T) {
	t.Parallel()
	stuck := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	door := gatetest.Open(t, gatetest.Config{URL: newFake(record{"/user": stuck}).proxy(t).URL, Token: commit, Timeout: 50 * time.Millisecond})
	want(t, door.Ask("get_me", `{}`), gate.Timeout)
}
