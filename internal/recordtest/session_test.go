package recordtest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"testing"
	"time"
)

// patience bounds the wait for any answer, on a busy machine.
const patience = time.Minute

// session is a run of aegis --stdio in one era of the protocol, seen from its
// client.
type session struct {
	t      *testing.T
	era    string
	cmd    *exec.Cmd
	in     io.WriteCloser
	frames chan frame // closed at the end of the output
	stderr bytes.Buffer
	human  string // what the client's human does when asked: "yes", an action, or "" for a client that can't ask
}

// frame is a line of output.
type frame struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  json.RawMessage `json:"error"`
}

// toolResult is a result of a call, in either era.
type toolResult struct {
	Content       []struct{ Type, Text string }        `json:"content"`
	IsError       bool                                 `json:"isError"`
	InputRequests map[string]struct{ Params question } `json:"inputRequests"`
	RequestState  string                               `json:"requestState"`
}

// question is what a human is asked.
type question struct {
	Message         string          `json:"message"`
	RequestedSchema json.RawMessage `json:"requestedSchema"`
}

// handshake and modern are the two eras.
const (
	handshake = "2025-11-25"
	modern    = "2026-07-28"
)

func startSession(t *testing.T, era string, cmd *exec.Cmd, human string) *session {
	t.Helper()
	s := &session{t: t, era: era, cmd: cmd, frames: make(chan frame, 1<<10), human: human}
	cmd.Stderr = &s.stderr
	var err error
	if s.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	go func() {
		defer close(s.frames)
		lines := bufio.NewReaderSize(out, 1<<20)
		for {
			line, err := lines.ReadBytes('\n')
			var f frame
			if json.Unmarshal(line, &f) == nil {
				s.frames <- f
			}
			if err != nil {
				return
			}
		}
	}()
	return s
}

// greet asks what the server is, in the way of the era.
func (s *session) greet() frame {
	s.t.Helper()
	if s.era == modern {
		return s.request("hello", "server/discover", "", nil)
	}
	s.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":%q,"capabilities":%s,"clientInfo":{"name":"recorder","version":"1"}}}`, s.era, s.capabilities()))
	hello := s.answer(`"hello"`, nil)
	s.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
	return hello
}

func (s *session) capabilities() string {
	if s.human == "" {
		return `{}`
	}
	return `{"elicitation":{"form":{}}}`
}

// meta is what a request of the later era brings along, after other members.
func (s *session) meta() string {
	if s.era == handshake {
		return ""
	}
	return fmt.Sprintf(`,"_meta":{"io.modelcontextprotocol/protocolVersion":%q,"io.modelcontextprotocol/clientInfo":{"name":"recorder","version":"1"},"io.modelcontextprotocol/clientCapabilities":%s}`, s.era, s.capabilities())
}

func (s *session) send(line string) {
	s.t.Helper()
	if _, err := io.WriteString(s.in, line+"\n"); err != nil {
		s.t.Fatalf("writing to aegis: %v\n%s", err, s.stderr.String())
	}
}

// answer waits for the answer to a request. A question that comes first is shown
// to asked, and answered as the human does.
func (s *session) answer(id string, asked func(question)) frame {
	s.t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case f, more := <-s.frames:
			switch {
			case !more:
				s.t.Fatalf("the session has ended\n%s", s.stderr.String())
			case f.Method == "elicitation/create":
				var q question
				if err := json.Unmarshal(f.Params, &q); err != nil {
					s.t.Fatal(err)
				}
				asked(q)
				s.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":%s}`, f.ID, s.form()))
			case f.Method == "" && string(f.ID) == id:
				return f
			}
		case <-timeout:
			s.t.Fatalf("no answer to %s\n%s", id, s.stderr.String())
		}
	}
}

// form is what the human makes of a form.
func (s *session) form() string {
	if s.human == "yes" {
		return `{"action":"accept","content":{"approve":true}}`
	}
	return fmt.Sprintf(`{"action":%q}`, s.human)
}

// request sends a request and returns its answer. more are members of params after
// the first.
func (s *session) request(id, method, params string, asked func(question)) frame {
	s.t.Helper()
	more := s.meta()
	if params == "" && more != "" {
		more = more[1:]
	}
	s.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%q,"method":%q,"params":{%s%s}}`, id, method, params, more))
	return s.answer(fmt.Sprintf("%q", id), asked)
}

// call calls a tool. A question that is the answer is shown to asked, and the call
// made again with what the human does.
func (s *session) call(id, tool, args string, asked func(question)) (frame, toolResult) {
	s.t.Helper()
	params := fmt.Sprintf(`"name":%q,"arguments":{%s}`, tool, args)
	reply := ""
	for again := 0; ; again++ {
		f := s.request(id, "tools/call", params+reply, asked)
		var result toolResult
		if f.Result != nil {
			if err := json.Unmarshal(f.Result, &result); err != nil {
				s.t.Fatal(err)
			}
		}
		if len(result.InputRequests) == 0 {
			return f, result
		}
		if again == 3 {
			s.t.Fatalf("%s is asked about again and again", tool)
		}
		for name, one := range result.InputRequests {
			asked(one.Params)
			state, _ := json.Marshal(result.RequestState)
			reply = fmt.Sprintf(`,"inputResponses":{%q:%s},"requestState":%s`, name, s.form(), state)
		}
		id += "'"
	}
}

// end closes the input and waits for the process.
func (s *session) end() {
	s.t.Helper()
	_ = s.in.Close()
	for range s.frames {
	}
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("aegis ended with %v\n%s", err, s.stderr.String())
	}
}
