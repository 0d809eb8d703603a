package clienttest

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aegis/tools"
)

// The sample forge's file that everybody may read, and one that its policy
// hides.
var (
	readable = arguments{"owner": "acme", "repo": "website", "path": "README.md"}
	hidden   = arguments{"owner": "acme", "repo": "service", "path": "secrets/production.env"}
)

type arguments map[string]any

// call is one request of a plan.
type call struct {
	Name      string    `json:"name"`
	Arguments arguments `json:"arguments"`
}

// plan is what testdata/clients/session.mjs is told to do.
type plan struct {
	Command  string            `json:"command"`
	Args     []string          `json:"args"`
	Env      map[string]string `json:"env"`
	URL      string            `json:"url,omitempty"` // of a server that runs already, in place of a command
	Key      string            `json:"key,omitempty"`
	Calls    []call            `json:"calls"`
	Together []call            `json:"together"`
	Human    []json.RawMessage `json:"human,omitempty"` // what is answered to each form; nil shows none
	Progress *call             `json:"progress,omitempty"`
	Cancel   *call             `json:"cancel,omitempty"`
	Reached  string            `json:"reached,omitempty"` // answers when the call that is given up is under way
	Cut      string            `json:"cut,omitempty"`     // breaks all connections
	Again    *call             `json:"again,omitempty"`
}

// session is what it saw.
type session struct {
	Era          string                     `json:"era"`
	Version      string                     `json:"version"`
	Server       struct{ Name string }      `json:"server"`
	Capabilities map[string]json.RawMessage `json:"capabilities"`
	Tools        []listedTool               `json:"tools"`
	Calls        []outcome                  `json:"calls"`
	Together     []outcome                  `json:"together"`
	Forms        []shownForm                `json:"forms"`   // that the user was shown
	Errors       []string                   `json:"errors"`  // of the transport
	Signals      []string                   `json:"signals"` // sent to make the server end
	Gone         bool                       `json:"gone"`
	Stderr       string                     `json:"stderr"`

	Told, Cancelled, Again *outcome
	After                  []outcome
	Progress               []struct {
		Progress, Total float64
		Message         string
	}
}

type listedTool struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	InputSchema json.RawMessage `json:"inputSchema"`
	Annotations struct {
		ReadOnlyHint    *bool `json:"readOnlyHint"`
		DestructiveHint *bool `json:"destructiveHint"`
	} `json:"annotations"`
}

// outcome is a call's answer or its protocol error.
type outcome struct {
	Result *answer `json:"result"`
	Error  *struct {
		Code    any    `json:"code"` // a number, or a name that the library has for it
		Message string `json:"message"`
	} `json:"error"`
}

var libraries = []struct {
	name, script, negotiate string
	client                  string // as the audit log names it
	era, version            string
	sessions                int // processes the client starts
}{
	{"sdk 1.x", "legacy.mjs", "", "legacy-client", "legacy", "2025-11-25", 1},
	{"client 2.x without probing", "modern.mjs", "legacy", "modern-client", "legacy", "2025-11-25", 1},
	{"client 2.x that probes", "modern.mjs", "auto", "modern-client", "modern", "2026-07-28", 2},
	{"client 2.x that takes nothing else", "modern.mjs", "2026-07-28", "modern-client", "modern", "2026-07-28", 2},
}

func TestClientsOfBothErasSeeTheSameServer(t *testing.T) {
	t.Parallel()
	program := setup(t)
	const decided = 4 + 20 // a tool that does not exist is no call
	for _, library := range libraries {
		t.Run(library.name, func(t *testing.T) {
			t.Parallel()
			log := filepath.Join(t.TempDir(), "audit.jsonl")
			seen := play(t, program, library.script, library.negotiate, plan{
				Command: program.aegis,
				Args:    []string{"--stdio", "--demo"},
				Env:     map[string]string{"AUDIT_LOG_PATH": log, "HOME": t.TempDir()},
				Calls:   each, Together: together,
			})

			checkSession(t, seen, library.era, library.version)
			checkLog(t, log, library.client+" 1.0.0", library.sessions, decided)
		})
	}
}

// What every client asks, one after the other, and at once.
var (
	each = []call{
		{"get_file_contents", readable},
		{"get_file_contents", hidden},
		{"get_file_contents", arguments{"owner": "acme", "repo": "website"}},
		{"no_such_tool", arguments{}},
		{"get_me", arguments{}},
	}
	together = slices.Repeat([]call{{"get_file_contents", readable}}, 20)
)

// checkSession holds what a client saw, who asked that, to what it should have seen.
func checkSession(t *testing.T, seen session, era, version string) {
	t.Helper()
	if seen.Era != era || seen.Version != version {
		t.Errorf("negotiated %s, %s; want %s, %s", seen.Era, seen.Version, era, version)
	}
	checkServer(t, seen)
	checkTools(t, seen.Tools)
	checkCalls(t, seen.Calls)
	for i, o := range seen.Together {
		if o.Result == nil || o.Result.IsError {
			t.Errorf("call %d of %d at once: %+v", i+1, len(seen.Together), o)
		}
	}
}

// checkServer: it says who it is and what it offers, writes frames only, and ends
// when its standard input does.
func checkServer(t *testing.T, seen session) {
	t.Helper()
	if seen.Server.Name != "aegis" {
		t.Errorf("server name %q", seen.Server.Name)
	}
	offered := slices.Sorted(maps.Keys(seen.Capabilities))
	if !slices.Equal(offered, []string{"completions", "prompts", "resources", "tools"}) {
		t.Errorf("capabilities %q", offered)
	}
	if len(seen.Errors) > 0 {
		t.Errorf("the client could not read: %q", seen.Errors)
	}
	if !seen.Gone || len(seen.Signals) > 0 {
		t.Errorf("after its standard input was closed: gone %t, signals sent %q", seen.Gone, seen.Signals)
	}
}

// checkTools: every tool that reads, none that writes, each with a schema and
// the annotations that clients go by.
func checkTools(t *testing.T, listed []listedTool) {
	t.Helper()
	var want, got []string
	for _, tool := range tools.All() {
		if tool.Hints.ReadOnly {
			want = append(want, tool.Name)
		}
	}
	for _, tool := range listed {
		got = append(got, tool.Name)
		var schema struct{ Type string }
		if err := json.Unmarshal(tool.InputSchema, &schema); err != nil || schema.Type != "object" {
			t.Errorf("%s: input schema %s", tool.Name, tool.InputSchema)
		}
		a := tool.Annotations
		if a.ReadOnlyHint == nil || !*a.ReadOnlyHint || a.DestructiveHint == nil || *a.DestructiveHint {
			t.Errorf("%s: a tool that reads has to say so in its annotations", tool.Name)
		}
		if tool.Description == "" {
			t.Errorf("%s: no description", tool.Name)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("tools listed %q\nwant %q", got, want)
	}
}

func checkCalls(t *testing.T, calls []outcome) {
	t.Helper()
	if len(calls) != 5 {
		t.Fatalf("%d outcomes; want 5", len(calls))
	}
	t.Run("a file that may be read", func(t *testing.T) { checkFile(t, calls[0].Result) })
	t.Run("a file that may not", func(t *testing.T) { checkRefused(t, calls[1].Result, "path_denied") })
	t.Run("arguments that are missing", func(t *testing.T) { checkRefused(t, calls[2].Result, "invalid_arguments") })
	t.Run("a tool that does not exist", func(t *testing.T) {
		if e := calls[3].Error; e == nil || e.Code != -32602.0 {
			t.Errorf("%+v; want JSON-RPC error -32602", calls[3])
		}
	})
	t.Run("the session lives on", func(t *testing.T) {
		if r := calls[4].Result; r == nil || r.IsError {
			t.Errorf("%+v; want an answer", calls[4])
		}
	})
}

// play runs a script of testdata/clients and returns what it printed.
func play(t *testing.T, program program, script, negotiate string, p plan) session {
	t.Helper()
	told, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), runTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, program.node, script)
	command.Dir = program.clients
	command.Env = append(os.Environ(), "PLAN="+string(told), "NEGOTIATE="+negotiate)
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, stderr.String())
	}
	var seen session
	if err := json.Unmarshal(out, &seen); err != nil {
		t.Fatalf("%s: %v in %q", script, err, out)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the server's stderr:\n%s", seen.Stderr)
		}
	})
	return seen
}
