package stdio

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"time"

	"aegis/internal/frametest"
	"aegis/serve/frame"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	hello = `{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{}},"clientInfo":{"name":"test","version":"1"}}}`
	ready = `{"jsonrpc":"2.0","method":"notifications/initialized"}`
	ping  = `{"jsonrpc":"2.0","id":"ping","method":"ping"}`
	meta  = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"elicitation":{"form":{}}}}`
)

// toyServer has tools that answer, wait, fail and ask.
func toyServer(tb testing.TB) *mcp.Server {
	tb.Helper()
	s := mcp.NewServer(&mcp.Implementation{Name: "toy", Version: "1"}, &mcp.ServerOptions{
		CompletionHandler: func(context.Context, *mcp.CompleteRequest) (*mcp.CompleteResult, error) {
			return nil, &frame.Refusal{Code: jsonrpc.CodeInvalidParams, Message: "unknown prompt"}
		},
	})
	text := func(t string) *mcp.CallToolResult {
		return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: t}}}
	}
	add := func(name string, h mcp.ToolHandler) {
		s.AddTool(&mcp.Tool{Name: name, InputSchema: json.RawMessage(`{"type":"object"}`)}, h)
	}
	add("echo", func(_ context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(string(req.Params.Arguments)), nil
	})
	add("slow", func(ctx context.Context, _ *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
			return text("done"), nil
		}
	})
	add("forever", func(ctx context.Context, _ *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	add("fail", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return nil, errors.New("*mcp.Thing at /some/where.go:12")
	})
	add("refuse", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return nil, &frame.Refusal{Code: -32099, Message: "not today"}
	})
	add("unencodable", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return &mcp.CallToolResult{StructuredContent: make(chan int)}, nil
	})
	add("nothing", func(context.Context, *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return nil, nil
	})
	add("ask", func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		res, err := req.Session.Elicit(ctx, &mcp.ElicitParams{Message: "sure?", RequestedSchema: json.RawMessage(`{"type":"object","properties":{}}`)})
		if err != nil {
			return text("nobody answered"), nil
		}
		return text(res.Action), nil
	})
	add("id", func(_ context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return text(string(frame.RequestID(req))), nil
	})
	s.AddReceivingMiddleware(frame.Encodable)
	return s
}

// session is a toy server behind a Stdio, seen from the client.
type session struct {
	tb    testing.TB
	in    *io.PipeWriter
	lines chan string // closed when the server has ended
	ended chan error  // what Run returned
	stop  context.CancelFunc
}

func start(tb testing.TB, adjust func(*Transport)) *session {
	tb.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	s := &session{tb, inW, make(chan string, 1<<14), make(chan error, 1), cancel}
	transport := &Transport{In: inR, Out: outW}
	if adjust != nil {
		adjust(transport)
	}
	server := toyServer(tb)
	go func() {
		s.ended <- server.Run(ctx, transport)
		_ = outW.Close()
	}()
	go func() {
		defer close(s.lines)
		scanner := bufio.NewScanner(outR)
		scanner.Buffer(nil, 16<<20)
		for scanner.Scan() {
			s.lines <- scanner.Text()
		}
	}()
	tb.Cleanup(func() {
		cancel()
		_ = inW.Close()
		_ = outR.Close()
	})
	return s
}

func startReady(tb testing.TB, adjust func(*Transport)) *session {
	tb.Helper()
	s := start(tb, adjust)
	s.send(hello)
	if got := s.receive(); got.ID != `"hello"` {
		tb.Fatalf("initialize: %s", got.Line)
	}
	s.send(ready)
	return s
}

func (s *session) send(frame string) {
	s.tb.Helper()
	if _, err := io.WriteString(s.in, frame+"\n"); err != nil {
		s.tb.Fatalf("writing to the server: %v", err)
	}
}

// answer is a line that left, taken apart.
type answer = frametest.Answer

var parseAnswer = frametest.Parse

func (s *session) receive() answer {
	s.tb.Helper()
	select {
	case l, ok := <-s.lines:
		if !ok {
			s.tb.Fatal("the session has ended")
		}
		return parseAnswer(s.tb, l)
	case <-time.After(20 * time.Second):
		s.tb.Fatal("no answer")
	}
	return answer{}
}

// receiveAll returns the answers with these ids, in whatever order they come.
func (s *session) receiveAll(ids ...string) map[string]answer {
	s.tb.Helper()
	got := make(map[string]answer)
	for range ids {
		a := s.receive()
		got[a.ID] = a
	}
	for _, id := range ids {
		if _, ok := got[id]; !ok {
			s.tb.Fatalf("no answer with id %s in %v", id, got)
		}
	}
	return got
}

// wait returns what is left of the output after the end, and Run's error.
func (s *session) wait() ([]answer, error) {
	s.tb.Helper()
	select {
	case err := <-s.ended:
		var rest []answer
		for l := range s.lines {
			rest = append(rest, parseAnswer(s.tb, l))
		}
		return rest, err
	case <-time.After(20 * time.Second):
		s.tb.Fatal("the session does not end")
	}
	return nil, nil
}

func call(id, tool string) string {
	return `{"jsonrpc":"2.0","id":` + id + `,"method":"tools/call","params":{"name":"` + tool + `","arguments":{}}}`
}
