package stdio

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func TestI9_APipedScriptGetsEveryAnswer(t *testing.T) {
	t.Parallel()
	for round := range 10 {
		script := []string{hello, ready}
		want := map[string]bool{`"hello"`: true}
		for i := range 50 {
			tool := []string{"slow", "echo"}[i%2]
			script = append(script, call(fmt.Sprint(i), tool))
			want[fmt.Sprint(i)] = true
		}
		script = append(script, "garbage", call(`"ask"`, "ask"), call(`"last"`, "slow"))
		want["null"], want[`"ask"`], want[`"last"`] = true, true, true

		var out bytes.Buffer
		// No newline behind the last frame.
		err := toyServer(t).Run(context.Background(), &Transport{In: strings.NewReader(strings.Join(script, "\n")), Out: &out})
		if err != nil {
			t.Fatalf("round %d: Run: %v", round, err)
		}
		for l := range strings.Lines(out.String()) {
			a := parseAnswer(t, strings.TrimSpace(l))
			if a.Method != "" {
				continue // the question that ask asks
			}
			if !want[a.ID] {
				t.Errorf("round %d: answered twice or for nothing: %s", round, l)
			}
			delete(want, a.ID)
		}
		if len(want) > 0 {
			t.Fatalf("round %d: no answer for %v", round, want)
		}
	}
}

func TestI9_ThePipedScriptNeedsNoHandshake(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	in := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"slow",` + meta + `}}`
	if err := toyServer(t).Run(context.Background(), &Transport{In: strings.NewReader(in), Out: &out}); err != nil {
		t.Fatal(err)
	}
	if a := parseAnswer(t, out.String()); a.ID != "1" || a.Code != 0 {
		t.Errorf("got %s", a.Line)
	}
}

func TestEndOfInputReleasesWhatOnlyTheClientCouldEnd(t *testing.T) {
	t.Parallel()
	t.Run("a subscription", func(t *testing.T) {
		t.Parallel()
		s := start(t, nil)
		s.send(`{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},` + meta + `}}`)
		if a := s.receive(); a.Method != "notifications/subscriptions/acknowledged" {
			t.Fatalf("got %s", a.Line)
		}
		_ = s.in.Close()
		rest, err := s.wait()
		if err != nil || len(rest) != 1 || rest[0].ID != "1" || rest[0].Code != 0 {
			t.Errorf("got %+v, %v", rest, err)
		}
	})
	t.Run("a question asked before", func(t *testing.T) {
		t.Parallel()
		s := startReady(t, nil)
		s.send(call("1", "ask"))
		if a := s.receive(); a.Method != "elicitation/create" {
			t.Fatalf("got %s", a.Line)
		}
		_ = s.in.Close()
		rest, err := s.wait()
		if err != nil || len(rest) != 1 || !strings.Contains(string(rest[0].Result), "nobody answered") {
			t.Errorf("got %+v, %v", rest, err)
		}
	})
}

func TestAQuestionIsAnsweredByItsClient(t *testing.T) {
	t.Parallel()
	s := startReady(t, nil)
	s.send(call("1", "ask"))
	question := s.receive()
	s.send(`{"jsonrpc":"2.0","id":99,"result":{"action":"accept"}}`) // of no question
	s.send(`{"jsonrpc":"2.0","id":` + question.ID + `,"result":{"action":"decline"}}`)
	if a := s.receive(); !strings.Contains(string(a.Result), "decline") {
		t.Errorf("got %s", a.Line)
	}
	s.send(`{"jsonrpc":"2.0","id":` + question.ID + `,"result":{"action":"accept"}}`) // once more
	s.send(ping)
	if a := s.receive(); a.ID != `"ping"` {
		t.Errorf("got %s", a.Line)
	}
}

func TestI9_AHandlerFailsAlone(t *testing.T) {
	t.Parallel()
	s := startReady(t, nil)
	for i, tool := range []string{"fail", "unencodable", "nothing"} {
		s.send(call(fmt.Sprint(i), tool))
		if a := s.receive(); a.ID != fmt.Sprint(i) || a.Code != -32603 || a.Message != "internal error" {
			t.Errorf("%s: got %s", tool, a.Line)
		}
	}
	s.send(call("9", "refuse"))
	if a := s.receive(); a.Code != -32099 || a.Message != "not today" {
		t.Errorf("got %s", a.Line)
	}
	_ = s.in.Close()
	if rest, err := s.wait(); err != nil || len(rest) > 0 {
		t.Errorf("got %v, %v", rest, err)
	}
}

func TestCancelledRequestsAreAnsweredAndForgotten(t *testing.T) {
	t.Parallel()
	s := startReady(t, nil)
	for range 3 { // the same id again
		s.send(call("1", "forever"))
		s.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"reason":"enough"}}`)
		if a := s.receive(); a.ID != "1" || a.Code != -32000 {
			t.Errorf("got %s", a.Line)
		}
	}
	_ = s.in.Close()
	if rest, err := s.wait(); err != nil || len(rest) > 0 {
		t.Errorf("got %v, %v", rest, err)
	}
}

func TestAnIDInUseIsRefusedWithoutIt(t *testing.T) {
	t.Parallel()
	s := startReady(t, nil)
	s.send(call("1", "forever"))
	for _, frame := range []string{
		call("1", "echo"),
		`{"jsonrpc":"1.0","id":1,"method":"ping"}`,
		`{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}`,
		`{"jsonrpc":"2.0","id":1,"result":{},"error":{}}`,
	} {
		s.send(frame)
		if a := s.receive(); a.ID != "null" || a.Code != -32600 {
			t.Errorf("%s: got %s", frame, a.Line)
		}
	}
	s.send(call(`"1"`, "echo")) // another id
	if a := s.receive(); a.ID != `"1"` || a.Code != 0 {
		t.Errorf("got %s", a.Line)
	}
}

func TestRequestIDIsTheFrames(t *testing.T) {
	t.Parallel()
	s := startReady(t, nil)
	for _, id := range []string{"7", `"seven"`, "-9007199254740992", `""`} {
		s.send(call(id, "id"))
		want := strings.ReplaceAll(id, `"`, `\"`)
		if a := s.receive(); a.ID != id || !strings.Contains(string(a.Result), `"text":"`+want+`"`) {
			t.Errorf("%s: got %s", id, a.Line)
		}
	}
}

// Answers of any size leave whole, however many tools write at once.
func TestFramesAreNotInterleaved(t *testing.T) {
	t.Parallel()
	script := []string{hello}
	const n = 300
	for i := range n {
		if i%3 == 0 {
			script = append(script, "garbage")
			continue
		}
		script = append(script, `{"jsonrpc":"2.0","id":`+fmt.Sprint(i)+`,"method":"tools/call","params":{"name":"echo","arguments":{"x":"`+strings.Repeat("<\u2028>", i*2)+`"}}}`)
	}
	var out bytes.Buffer
	if err := toyServer(t).Run(context.Background(), &Transport{In: strings.NewReader(strings.Join(script, "\r\n")), Out: &out}); err != nil {
		t.Fatal(err)
	}
	lines := 0
	for l := range strings.Lines(out.String()) {
		parseAnswer(t, strings.TrimSuffix(l, "\n"))
		lines++
	}
	if lines != n+1 {
		t.Errorf("got %d lines, want %d", lines, n+1)
	}
}

// The guard's own part of starting a session and ending it.
func BenchmarkSession(b *testing.B) {
	run := func(b *testing.B, transport func(io.Reader) mcp.Transport) {
		server := toyServer(b)
		for b.Loop() {
			if err := server.Run(context.Background(), transport(strings.NewReader(hello+"\n"))); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("stock", func(b *testing.B) {
		run(b, func(in io.Reader) mcp.Transport {
			return &mcp.IOTransport{Reader: io.NopCloser(in), Writer: discard{}}
		})
	})
	b.Run("ours", func(b *testing.B) {
		run(b, func(in io.Reader) mcp.Transport { return &Transport{In: in, Out: discard{}} })
	})
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) Close() error                { return nil }
