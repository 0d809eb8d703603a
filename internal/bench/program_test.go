package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"
)

// program is a server that speaks MCP on its standard streams.
type program struct {
	path string
	args []string
	env  []string
}

// build compiles a package of this module the way it is released.
func build(b *testing.B, pkg, name string, args ...string) program {
	b.Helper()
	path := filepath.Join(b.TempDir(), name)
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	command := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w -funcalign=16", "-o", path, pkg)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		b.Fatalf("go build %s: %v\n%s", pkg, err, out)
	}
	return program{path: path, args: args, env: []string{"PATH=" + os.Getenv("PATH")}}
}

// buildAegis compiles Aegis and gives it a forge to speak to, and folders of
// its own.
func buildAegis(b *testing.B, url string) program {
	b.Helper()
	aegis := build(b, "aegis", "aegis", "--stdio")
	// As short as people's are: a long run in a path has the scrubber prepare its
	// rules for the first line on standard error.
	home, err := os.MkdirTemp("", "home")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(home) })
	aegis.env = append(aegis.env, "GITEA_URL="+url, "GITEA_TOKEN="+token,
		"HOME="+home, "XDG_CONFIG_HOME="+filepath.Join(home, "config"), "XDG_STATE_HOME="+filepath.Join(home, "state"))
	return aegis
}

// session is a program that runs.
type session struct {
	b       *testing.B
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	stderr  bytes.Buffer // read it when the program has ended
}

// run starts a program. It is to be ended.
func (p program) run(b *testing.B) *session {
	b.Helper()
	s := p.command(b)
	s.command.Stderr = &s.stderr
	s.start()
	return s
}

// runTold starts a program, and returns what it says on standard error.
func (p program) runTold(b *testing.B) (*session, *bufio.Reader) {
	b.Helper()
	s := p.command(b)
	said, err := s.command.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	s.start()
	return s, bufio.NewReader(said)
}

// command is a program that is about to be started.
func (p program) command(b *testing.B) *session {
	s := &session{b: b, command: exec.CommandContext(b.Context(), p.path, p.args...)}
	s.command.Env = p.env
	s.command.WaitDelay = 5 * time.Second
	return s
}

// start starts it.
func (s *session) start() {
	b := s.b
	b.Helper()
	in, err := s.command.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := s.command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	s.in, s.out = in, bufio.NewReaderSize(out, 1<<20)
	if err := s.command.Start(); err != nil {
		b.Fatal(err)
	}
}

// ask sends a request and returns its result. Nothing else may be under way.
func (s *session) ask(frame string) json.RawMessage {
	s.b.Helper()
	s.tell(frame)
	line, err := s.out.ReadBytes('\n')
	var answer struct {
		Result json.RawMessage `json:"result"`
	}
	if err != nil || json.Unmarshal(line, &answer) != nil || answer.Result == nil {
		_ = s.command.Process.Kill()
		_ = s.command.Wait()
		s.b.Fatalf("%s was asked %s and answered %s (%v)\n%s", s.command.Path, frame, line, err, s.stderr.Bytes())
	}
	return answer.Result
}

func (s *session) tell(frame string) {
	s.b.Helper()
	if _, err := fmt.Fprintln(s.in, frame); err != nil {
		s.b.Fatal(err)
	}
}

// end closes the program's input and waits for it.
func (s *session) end() {
	s.b.Helper()
	_ = s.in.Close()
	_, _ = io.Copy(io.Discard, s.out)
	if err := s.command.Wait(); err != nil {
		s.b.Fatalf("%s: %v\n%s", s.command.Path, err, s.stderr.Bytes())
	}
}

// The frames that are sent.
const (
	initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}`
	ready      = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
	listTools  = `{"jsonrpc":"2.0","id":2,"method":"tools/list"}`
	discover   = `{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}`
)

// median returns the middle one of all.
func median[N int64 | float64 | time.Duration](all []N) N {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}
