package clienttest

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aegis/internal/sampleforge"
)

// Exit statuses of the inspector's command line.
const (
	inspectorOK      = 0
	inspectorRefused = 5 // a tool's answer with isError
)

func TestInspector(t *testing.T) {
	t.Parallel()
	program := setup(t)
	asJSON := func(a arguments) string {
		raw, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	forge, err := sampleforge.Start(os.DirFS("../../testdata/demo/forge"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = forge.Close() })
	s := serveHTTP(t, program, forge.URL(), demoLike)
	for _, era := range []string{"legacy", "modern"} {
		for _, row := range []struct {
			name   string
			args   []string
			status int
			check  func(t *testing.T, result json.RawMessage)
		}{
			{"lists tools whose schemas every client takes", []string{"--method", "tools/list", "--strict"}, inspectorOK,
				func(t *testing.T, result json.RawMessage) {
					var list struct{ Tools []listedTool }
					decode(t, result, &list)
					checkTools(t, list.Tools)
				}},
			{"reads a file", []string{"--method", "tools/call", "--tool-name", "get_file_contents", "--tool-args-json", asJSON(readable)}, inspectorOK,
				func(t *testing.T, result json.RawMessage) {
					var a answer
					decode(t, result, &a)
					checkFile(t, &a)
				}},
			{"is refused one", []string{"--method", "tools/call", "--tool-name", "get_file_contents", "--tool-args-json", asJSON(hidden)}, inspectorRefused,
				func(t *testing.T, result json.RawMessage) {
					var a answer
					decode(t, result, &a)
					checkRefused(t, &a, "path_denied")
				}},
		} {
			args := append(row.args, "--protocol-era", era)
			t.Run(era+" "+row.name, func(t *testing.T) {
				t.Parallel()
				log := filepath.Join(t.TempDir(), "audit.jsonl")
				row.check(t, inspect(t, program, row.status, args,
					"-e", "AUDIT_LOG_PATH="+log, "-e", "HOME="+filepath.Dir(log), "--", program.aegis, "--stdio", "--demo"))
			})
			t.Run(era+" "+row.name+" over HTTP", func(t *testing.T) {
				t.Parallel()
				row.check(t, inspect(t, program, row.status, args,
					"--transport", "http", "--server-url", s.url, "--header", "Authorization: Bearer "+s.key))
			})
		}
	}
}

// inspect runs the inspector against a server, holds its exit status to status
// and returns the result that it printed.
func inspect(t *testing.T, program program, status int, args []string, server ...string) json.RawMessage {
	t.Helper()
	home := t.TempDir() // the inspector keeps files there
	script := filepath.Join(program.clients, "node_modules", "@modelcontextprotocol", "inspector", "clients", "launcher", "build", "index.js")
	args = slices.Concat([]string{script, "--cli", "--format", "json"}, args, server)
	ctx, cancel := context.WithTimeout(t.Context(), runTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, program.node, args...)
	command.Dir = home
	command.Env = append(os.Environ(), "HOME="+home)
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if got := command.ProcessState.ExitCode(); got != status {
		t.Fatalf("exit status %d; want %d\n%s\n%s", got, status, out, stderr.String())
	}
	var printed struct{ Result json.RawMessage }
	decode(t, out, &printed)
	return printed.Result
}

func decode(t *testing.T, raw []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%v in %q", err, raw)
	}
}
