package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"aegis/internal/giteatest"
)

const (
	traceID     = "4bf92f3577b34da6a3ce929d0e0e4736"
	traceparent = "00-" + traceID + "-00f067aa0ba902b7-01"
	otherTrace  = "00-" + "0af7651916cd43dd8448eb211c80319c" + "-b7ad6b7169203331-00"
)

// One id finds all that a call left behind, on whatever way it came: what the client was
// answered, the audit log, stderr, and the requests that Gitea got.
func TestOneIDFindsAllOfACall(t *testing.T) {
	t.Parallel()
	for name, way := range map[string]func(t *testing.T, folder string, forge *giteatest.Proxy) traced{
		"stdio":               overStdio,
		"http":                overHTTP(sinceStateless, "", traceparent),
		"http header":         overHTTP(sinceStateless, traceparent, ""),
		"http both":           overHTTP(sinceStateless, otherTrace, traceparent),
		"http invalid, valid": overHTTP(sinceStateless, traceparent, "00-nothing"),
		"http session":        overHTTP("2025-11-25", "", traceparent),
		"http session header": overHTTP("2025-11-25", traceparent, ""),
		"aegis call":          byCall,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, forge := t.TempDir(), newForge(t)
			way(t, folder, forge).check(t, folder, forge, traceparent)
		})
	}
	for name, way := range map[string]func(t *testing.T, folder string, forge *giteatest.Proxy) traced{"job": byJob, "webhook": byWebhook} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, forge := t.TempDir(), newWrittenForge(t)
			way(t, folder, forge).check(t, folder, forge, "")
		})
	}
}

// traced is what a way has shown of two calls, one that reads and one that is refused.
type traced struct {
	answers []string // both, "" where nobody gets one
	stderr  string
	members map[string]string // that lines and entries of the way have besides
}

const denied = `{"owner":"acme","repo":"website","number":1,"body":"no"}`

func (is traced) check(t *testing.T, folder string, forge *giteatest.Proxy, trace string) {
	t.Helper()
	calls := map[string]int{}
	for _, entry := range entriesIn(t, folder) {
		call, _ := entry["call"].(string)
		if call == "" {
			continue
		}
		calls[call]++
		is.members["session"], _, _ = strings.Cut(call, "-") // which a call's id begins with
		for name, want := range is.members {
			if member(entry[name]) != want {
				t.Errorf("entry of %s: %s is %v, not %s", call, name, entry[name], want)
			}
		}
		if member(entry["trace"]) != trace {
			t.Errorf("entry of %s: trace %v", call, entry["trace"])
		}
	}
	if len(calls) < 2 {
		t.Fatalf("calls in the log: %v\n%s", calls, is.stderr)
	}
	lines := map[string]int{}
	for line := range strings.Lines(is.stderr) {
		var said map[string]any
		if json.Unmarshal([]byte(line), &said) != nil || said["call"] == nil {
			continue
		}
		call := member(said["call"])
		lines[call]++
		is.members["session"], _, _ = strings.Cut(call, "-")
		for name, want := range is.members {
			if member(said[name]) != want {
				t.Errorf("stderr: %s is %v, not %s: %s", name, said[name], want, line)
			}
		}
		if member(said["trace"]) != trace {
			t.Errorf("stderr: %s", line)
		}
	}
	for call, entries := range calls {
		if lines[call] < entries {
			t.Errorf("%s has %d entries and %d lines on stderr\n%s", call, entries, lines[call], is.stderr)
		}
	}
	asked := 0
	for _, r := range forge.Requests() {
		if calls[r.RequestID] == 0 || r.Header.Get("Traceparent") != trace {
			t.Errorf("Gitea got %s %s of %q, traced %q", r.Method, r.Path, r.RequestID, r.Header.Get("Traceparent"))
		}
		asked++
	}
	if asked == 0 {
		t.Error("Gitea was not asked")
	}
	for i, answer := range is.answers {
		of := func(call string) bool { return strings.Contains(answer, call) }
		if answer != "" && !slices.ContainsFunc(keys(calls), of) {
			t.Errorf("the answer names no call of %v: %s", keys(calls), answer)
		}
		if refused := i == 1; refused && (!strings.Contains(answer, "write_mode_off") || !strings.Contains(answer, trace)) {
			t.Errorf("the refusal is %s", answer)
		}
	}
}

func keys(m map[string]int) (all []string) {
	for key := range m {
		all = append(all, key)
	}
	return all
}

// member is one of a line as text, "" for none.
func member(of any) string {
	switch m := of.(type) {
	case string:
		return m
	case float64:
		return strconv.FormatFloat(m, 'f', -1, 64)
	}
	return ""
}

// withTrace is a request whose params have a traceparent.
func withTrace(request, trace string) string {
	if trace == "" {
		return request
	}
	return strings.TrimSuffix(request, "}}") + `,"_meta":{"traceparent":"` + trace + `"}}}`
}

func overStdio(t *testing.T, folder string, forge *giteatest.Proxy) traced {
	s := start(t, folder, forge.URL, nil)
	s.greet()
	var answers []string
	for _, request := range []string{readWebsite(7), call(7, "create_comment", denied)} {
		answers = append(answers, unquote(s.ask(withTrace(request, traceparent)).Line))
	}
	s.end()
	return traced{answers, s.errors.String(), map[string]string{"request": "7"}}
}

// unquote is a frame with the quotes of the JSON inside it as they were.
func unquote(line string) string { return strings.ReplaceAll(line, `\"`, `"`) }

const sinceStateless = "2026-07-28"

// overHTTP has a traceparent in the header, in the message, or in both.
func overHTTP(era, header, meta string) func(*testing.T, string, *giteatest.Proxy) traced {
	return func(t *testing.T, folder string, forge *giteatest.Proxy) traced {
		s := serveIn(t, folder, forge.URL, nil, "--no-auth")
		session := ""
		post := func(method, tool, body string) string {
			r, err := http.NewRequest(http.MethodPost, s.url, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range map[string]string{
				"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "Mcp-Protocol-Version": era,
				"Mcp-Method": method, "Mcp-Name": tool, "Mcp-Session-Id": session, "Traceparent": header,
			} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			raw, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			session = response.Header.Get("Mcp-Session-Id")
			return unquote(string(raw))
		}
		members := `"traceparent":"` + meta + `"`
		if era == sinceStateless {
			members += `,"io.modelcontextprotocol/protocolVersion":"` + era + `","io.modelcontextprotocol/clientCapabilities":{}`
		} else {
			first := post("initialize", "", hello)
			opened := session
			if opened == "" {
				t.Fatal(first)
			}
			post("notifications/initialized", "", ready)
			session = opened
		}
		opened := session
		var answers []string
		for tool, request := range map[string]string{"get_repository": readWebsite(7), "create_comment": call(7, "create_comment", denied)} {
			session = opened
			answer := post("tools/call", tool, strings.TrimSuffix(request, "}}")+`,"_meta":{`+members+`}}}`)
			if answers = append(answers, answer); tool == "get_repository" && len(answers) == 2 {
				slices.Reverse(answers)
			}
		}
		s.end()
		connection := ""
		for _, entry := range entriesIn(t, folder) {
			if entry["call"] != nil {
				connection = member(entry["connection"])
			}
		}
		if !strings.HasPrefix(connection, "127.0.0.1") {
			t.Errorf("the connection is %q", connection)
		}
		return traced{answers, s.said(), map[string]string{"request": "7", "connection": connection}}
	}
}

func byCall(t *testing.T, folder string, forge *giteatest.Proxy) traced {
	var answers []string
	said := ""
	for tool, args := range map[string]string{"get_repository": `{"owner":"acme","repo":"website"}`, "create_comment": denied} {
		command := exec.Command(aegis(t), "call", tool, "--args", args, "--audit-log", logIn(folder), "--log-level", "info")
		command.Env = append(environment(folder, forge.URL), "TRACEPARENT="+traceparent)
		stderr := new(strings.Builder)
		command.Stderr = stderr
		out, _ := command.Output()
		said += stderr.String()
		if answers = append(answers, string(out)); tool == "get_repository" && len(answers) == 2 {
			slices.Reverse(answers)
		}
	}
	return traced{answers, said, map[string]string{}}
}

func byJob(t *testing.T, folder string, forge *giteatest.Proxy) traced {
	env := jobsIn(t, folder, forAJob)
	env["GITEA_URL"] = forge.URL
	status, out, said := jobs(t, folder, env, "run", "greet", "--json", "--log-level", "info")
	if status != 0 {
		t.Fatalf("%d %s%s", status, out, said)
	}
	return traced{nil, said, map[string]string{"job": "greet", "run": "1"}}
}

// byWebhook has a run that a delivery makes: Gitea's id of that leads to all of it, too.
func byWebhook(t *testing.T, folder string, forge *giteatest.Proxy) traced {
	s := serveIn(t, folder, forge.URL, automated(t, folder, failedRuns), "--no-auth")
	if status := s.deliver("workflow_run", failure(1), hookSecret); status/100 != 2 {
		t.Fatalf("%d %s", status, s.said())
	}
	written := func(r giteatest.Request) bool { return r.Method == http.MethodPost && r.Status != 0 }
	for end := time.Now().Add(patience); !slices.ContainsFunc(forge.Requests(), written) && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	s.end()
	return traced{nil, s.said(), map[string]string{"job": "failed-runs", "run": "1", "delivery": "f6266f16-1bf3-46a5-9ea4-602e06ead473"}}
}

// entriesIn reads the log of a home.
func entriesIn(t *testing.T, folder string) (all []map[string]any) {
	t.Helper()
	raw, err := os.ReadFile(logIn(folder))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(raw) {
		var entry map[string]any
		if err := json.Unmarshal(line, &entry); err != nil {
			t.Fatal(err)
		}
		all = append(all, entry)
	}
	return all
}

// What is no traceparent is dropped, and nothing else comes of it.
func TestWhatIsNoTraceIsDropped(t *testing.T) {
	t.Parallel()
	folder, forge := t.TempDir(), newForge(t)
	s := start(t, folder, forge.URL, nil)
	s.greet()
	for i, meta := range []string{
		`"00-` + strings.Repeat("0", 32) + `-00f067aa0ba902b7-01"`, `"` + strings.ToUpper(traceparent) + `"`, `"` + traceparent + `-more"`, `"ff` + traceparent[2:] + `"`,
		`7`, `null`, `{"a":1}`, `["` + traceparent + `"]`, `"` + strings.Repeat("a", 5000) + `"`, `"` + traceparent + `\r\nX-Evil: 1"`, `"\u202e` + traceparent + `"`,
	} {
		if a := s.ask(strings.TrimSuffix(readWebsite(i), "}}") + `,"_meta":{"traceparent":` + meta + `}}}`); a.Error != nil || a.Result.IsError {
			t.Errorf("%s: %s", meta, a.Line)
		}
	}
	s.end()
	for _, entry := range entriesIn(t, folder) {
		if entry["trace"] != nil {
			t.Errorf("%v", entry)
		}
	}
	if strings.Contains(s.errors.String(), `"trace"`) {
		t.Error(s.errors.String())
	}
	for _, r := range forge.Requests() {
		if r.Header.Get("Traceparent") != "" || r.Header.Get("X-Evil") != "" {
			t.Errorf("%v", r.Header)
		}
	}
}

// What becomes a call in another way has the same ids: a resource that is read, and an
// argument that is completed.
func TestOneIDFindsWhatIsNoToolCall(t *testing.T) {
	t.Parallel()
	folder, forge := t.TempDir(), newForge(t)
	s := start(t, folder, forge.URL, nil)
	s.greet()
	meta := `,"_meta":{"traceparent":"` + traceparent + `"}}}`
	read := `{"jsonrpc":"2.0","id":"a","method":"resources/read","params":{"uri":"gitea://acme/website/`
	for _, request := range []string{
		read + `file/README.md"` + meta, read + `issue/999999"` + meta,
		`{"jsonrpc":"2.0","id":"a","method":"completion/complete","params":{"ref":{"type":"ref/resource","uri":"gitea://{owner}/{repo}/file/{+path}{?ref}"},"argument":{"name":"owner","value":"ac"}` + meta,
	} {
		f := s.ask(request)
		if f.Error != nil && !strings.Contains(f.Line, `"trace":"`+traceparent) {
			t.Errorf("%s", f.Line)
		}
	}
	s.end()
	tools := map[string]int{}
	for _, entry := range entriesIn(t, folder) {
		if entry["call"] == nil {
			continue
		}
		tools[member(entry["tool"])]++
		if entry["trace"] != traceparent || entry["request"] != "a" {
			t.Errorf("%v", entry)
		}
	}
	if tools["get_file_contents"] == 0 || tools["get_issue"] == 0 || tools["list_repositories"] == 0 {
		t.Errorf("%v", tools)
	}
	for _, r := range forge.Requests() {
		if r.Header.Get("Traceparent") != traceparent || r.RequestID == "" {
			t.Errorf("%s %s: %v", r.Method, r.Path, r.Header)
		}
	}
}
