package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"aegis/internal/sampleforge"
)

const (
	hello = `{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"e2e","version":"1"}}}`
	ready = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
)

// call is a request for a tool.
func call(id int, tool, arguments string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":%q,"arguments":%s}}`, id, tool, arguments)
}

// readWebsite is a call that reaches the forge.
func readWebsite(id int) string {
	return call(id, "get_repository", `{"owner":"acme","repo":"website"}`)
}

// session is a run of aegis --stdio, seen from its client.
type session struct {
	t       *testing.T
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *os.File   // what it is read from
	answers chan frame // closed at the end of its output
	errors  bytes.Buffer
	once    sync.Once
	state   error
}

// frame is a line of output.
type frame struct {
	Line   string
	ID     json.RawMessage
	Result struct {
		IsError bool
		Content []struct{ Text string }
	}
	Error *struct {
		Code    int
		Message string
	}
}

// code is the error code of a failed call, "" of one that did not fail.
func (f frame) code() string {
	if !f.Result.IsError || len(f.Result.Content) == 0 {
		return ""
	}
	var object struct{ Error struct{ Code string } }
	_ = json.Unmarshal([]byte(f.Result.Content[0].Text), &object)
	return object.Error.Code
}

// environment is what a process gets: a home in folder, and nothing of the
// user's but what programs need to run at all.
func environment(folder, forge string) []string {
	return []string{
		"HOME=" + folder, "USERPROFILE=" + folder, "LocalAppData=" + folder, "AppData=" + folder,
		"TMPDIR=" + folder, "TMP=" + folder, "TEMP=" + folder,
		"SystemRoot=" + os.Getenv("SystemRoot"), "PATH=" + os.Getenv("PATH"),
		"GITEA_URL=" + forge, "GITEA_TOKEN=" + sampleforge.DemoToken(),
	}
}

// logIn is where a session whose home is folder keeps its log.
func logIn(folder string) string { return filepath.Join(folder, "audit", "audit.jsonl") }

// start starts a session whose home is folder. adjust, if not nil, may change
// how it is run.
func start(t *testing.T, folder, forge string, adjust func(*exec.Cmd)) *session {
	t.Helper()
	s := &session{t: t, answers: make(chan frame, 1<<12)}
	s.cmd = exec.Command(aegis(t), "--stdio", "--audit-log", logIn(folder))
	s.cmd.Env, s.cmd.Dir, s.cmd.Stderr = environment(folder, forge), folder, &s.errors
	if adjust != nil {
		adjust(s.cmd)
	}
	var err error
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, write, err := os.Pipe() // not StdoutPipe, which is closed by Wait before it is read
	if err != nil {
		t.Fatal(err)
	}
	s.out = out
	if s.cmd.Stdout == nil {
		s.cmd.Stdout = write
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = write.Close()
	go s.read()
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		_ = s.wait()
		if text := s.errors.String(); strings.Contains(text, sampleforge.DemoToken()) {
			t.Errorf("the token is on stderr: %s", text)
		}
		if t.Failed() {
			t.Logf("stderr:\n%s", s.errors.String())
		}
	})
	return s
}

func (s *session) read() {
	defer s.out.Close()
	defer close(s.answers)
	lines := bufio.NewScanner(s.out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		f, err := parse(lines.Text())
		if err != nil {
			s.t.Error(err)
		}
		s.answers <- f
	}
}

// parse holds a line to what each must be: a JSON-RPC message that shows no
// token.
func parse(line string) (frame, error) {
	var message struct {
		frame
		Version string `json:"jsonrpc"`
	}
	err := json.Unmarshal([]byte(line), &message)
	message.Line = line
	switch {
	case err != nil || message.Version != "2.0":
		return message.frame, fmt.Errorf("not a JSON-RPC message: %.300q", line)
	case strings.Contains(line, sampleforge.DemoToken()):
		return message.frame, errors.New("the token is on stdout")
	}
	return message.frame, nil
}

func (s *session) send(frames ...string) {
	s.t.Helper()
	if _, err := io.WriteString(s.in, strings.Join(frames, "\n")+"\n"); err != nil {
		s.t.Fatalf("writing to aegis: %v", err)
	}
}

// answer returns the next answer.
func (s *session) answer() frame {
	s.t.Helper()
	select {
	case f, more := <-s.answers:
		if !more {
			s.t.Fatal("the session has ended")
		}
		return f
	case <-time.After(patience):
		s.t.Fatal("no answer")
	}
	return frame{}
}

// greet makes the handshake.
func (s *session) greet() {
	s.t.Helper()
	s.send(hello)
	if f := s.answer(); f.Error != nil || string(f.ID) != `"hello"` {
		s.t.Fatalf("initialize: %s", f.Line)
	}
	s.send(ready)
}

// ask sends one call and returns its answer.
func (s *session) ask(request string) frame {
	s.t.Helper()
	s.send(request)
	return s.answer()
}

// rest closes the input and returns the answers still to come.
func (s *session) rest() (all []frame) {
	s.t.Helper()
	_ = s.in.Close()
	for {
		select {
		case f, more := <-s.answers:
			if !more {
				return all
			}
			all = append(all, f)
		case <-time.After(patience):
			s.t.Fatal("the session does not end")
		}
	}
}

// wait waits for the process and returns how it ended.
func (s *session) wait() error {
	s.once.Do(func() { s.state = s.cmd.Wait() })
	return s.state
}

// end closes the input and expects a good end without another answer.
func (s *session) end() {
	s.t.Helper()
	for _, f := range s.rest() {
		s.t.Errorf("one answer too many: %s", f.Line)
	}
	if err := s.wait(); err != nil {
		s.t.Errorf("aegis ended with %v", err)
	}
}
