package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

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
