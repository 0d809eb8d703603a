package jobtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aegis/internal/giteatest"
)

// hello are two calls, of which policy allows the first.
var hello = []struct{ tool, args string }{
	{"create_comment", `{"body":"Hello.","number":1,"owner":"acme","repo":"ways"}`}, {"create_milestone", `{"owner":"acme","repo":"ways","title":"Later"}`},
}

const helloJobs = `version: 1
webhooks:
  - {repositories: ["acme/*"], secret_file: /etc/aegis/hook.secret}
jobs:
  told:
    on: {webhook: issues, action: [opened], repositories: [acme/ways]}
    credential_file: /etc/aegis/bot.token
    steps:
      - {call: create_comment, with: {number: 1, body: Hello.}}
      - {call: create_milestone, with: {title: Later}}
  timely:
    on: {schedule: "* * * * *"}
    credential_file: /etc/aegis/bot.token
    repositories: [acme/ways]
    steps:
      - {call: create_comment, with: {number: 1, body: Hello.}}
      - {call: create_milestone, with: {title: Later}}
    limits: {runs_per_hour: 1}
`

// What is decided, and what the log says of it, does not depend on how a call comes: over stdio, over HTTP, by
// a webhook, by a schedule, by hand, and from a shell.
func TestI11_EveryWayIsOneGate(t *testing.T) {
	t.Parallel()
	s := giteatest.Start(t)
	w := newWorkshop(t, s, "ways", true)
	w.post(s.World.Keeper, "/issues", object{"title": "Greetings"})
	c := setting{
		jobs: helloJobs, bot: s.World.Colleague, writes: []string{w.name},
		policy: "version: 1\nrepositories: {acme/ways: {write: allow, automation: allow, tools: {deny: [create_milestone]}}}\n",
	}
	st := newStage(t, s, c)
	ways, before := make(map[string][]string), 0
	for way, calls := range map[string]func(){
		"http": st.overHTTP, "stdio": func() { st.overStdio(c) }, "shell": func() { st.byShell(c) },
	} {
		calls()
		byNoJob := st.entries()[""]
		ways[way], before = byNoJob[before:], len(byNoJob)
	}
	w.delivers(st)
	w.post(s.World.Writer, "/issues", object{"title": "Tell them"})
	st.await("told", 1)
	st.await("timely", 1)
	if out, err := st.command(c, "jobs", "run", "told").CombinedOutput(); err == nil {
		t.Errorf("of a job whose second call is denied: %s", out)
	}

	byJobs := st.entries()
	ways["webhook"], ways["schedule"], ways["hand"] = byJobs["webhook"], byJobs["schedule"], byJobs["hand"]
	for _, entries := range ways {
		slices.Sort(entries) // calls of one session may overlap
	}
	for way, got := range ways {
		if want := ways["webhook"]; !slices.Equal(got, want) || len(got) != 4 {
			t.Errorf("%s:\n%s\nby a webhook:\n%s", way, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	comment := "POST acme/ways/issues/1/comments 201"
	st.expect("each way", comment, comment, comment, comment, comment, comment)
}

// entries are those of the audit log about the calls, by what made a job's run call it, "" for no
// job, and without what says who called, when, and how, and the number of what was made.
func (st *stage) entries() map[string][]string {
	st.t.Helper()
	raw, err := os.ReadFile(filepath.Join(st.home, "audit.jsonl"))
	if err != nil {
		st.t.Fatal(err)
	}
	all := make(map[string][]string)
	for line := range bytes.Lines(raw) {
		entry := make(map[string]any)
		if err := json.Unmarshal(line, &entry); err != nil {
			st.t.Fatal(err)
		}
		if entry["tool"] != hello[0].tool && entry["tool"] != hello[1].tool {
			continue
		}
		trigger, _ := entry["trigger"].(string)
		for _, name := range []string{
			"seq", "time", "prev_hash", "entry_hash", "session", "principal", "connection", "client", "call", "request", "duration_ms", "bytes",
			"job", "trigger", "delivery", "run", "trace", "made",
		} {
			delete(entry, name)
		}
		left, err := json.Marshal(entry)
		if err != nil {
			st.t.Fatal(err)
		}
		all[trigger] = append(all[trigger], string(left))
	}
	return all
}

// overHTTP makes the calls over HTTP.
func (st *stage) overHTTP() {
	st.t.Helper()
	for _, call := range hello {
		body := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"` + call.tool + `","arguments":` + call.args +
			`,"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`
		r, err := http.NewRequest(http.MethodPost, st.mcp, strings.NewReader(body))
		if err != nil {
			st.t.Fatal(err)
		}
		for name, value := range map[string]string{
			"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "Mcp-Protocol-Version": "2026-07-28",
			"Mcp-Method": "tools/call", "Mcp-Name": call.tool,
		} {
			r.Header.Set(name, value)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			st.t.Fatal(err)
		}
		said, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK {
			st.t.Errorf("%s: %s %v", answer.Status, said, err)
		}
	}
}

// overStdio makes the calls in a session of their own.
func (st *stage) overStdio(c setting) {
	st.t.Helper()
	in := `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}` + "\n" +
		`{"jsonrpc":"2.0","method":"notifications/initialized"}` + "\n"
	for i, call := range hello {
		in += `{"jsonrpc":"2.0","id":` + string(rune('2'+i)) + `,"method":"tools/call","params":{"name":"` + call.tool + `","arguments":` + call.args + "}}\n"
	}
	cmd := st.command(c, "--stdio")
	cmd.Stdin = strings.NewReader(in)
	if out, err := cmd.Output(); err != nil || bytes.Count(out, []byte("\n")) != 3 {
		st.t.Errorf("%s %v", out, err)
	}
}

// byShell makes the calls by aegis call, a process each.
func (st *stage) byShell(c setting) {
	st.t.Helper()
	for i, call := range hello {
		if out, err := st.command(c, "call", call.tool, "--write", "--args", call.args).CombinedOutput(); (err == nil) != (i == 0) {
			st.t.Errorf("%s %v", out, err)
		}
	}
}
