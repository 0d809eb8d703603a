package stdio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

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

func TestFloodIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	s := startReady(t, func(s *Transport) { s.MaxOutstanding = 10 })
	for i := range 15 {
		s.send(call(fmt.Sprint(i), "forever"))
		if i < 10 {
			continue
		}
		if a := s.receive(); a.ID != fmt.Sprint(i) || a.Code != -32000 || a.Message != "too many requests outstanding" {
			t.Errorf("got %s", a.Line)
		}
	}
	s.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":3}}`)
	if a := s.receive(); a.ID != "3" {
		t.Errorf("got %s", a.Line)
	}
	s.send(ping)
	if a := s.receive(); a.ID != `"ping"` || a.Code != 0 {
		t.Errorf("got %s", a.Line)
	}
}

func TestFloodOfLongFramesIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	s := startReady(t, func(s *Transport) { s.MaxFrame = 1000 })
	long := func(id, tool string) string {
		return `{"jsonrpc":"2.0","id":` + id + `,"method":"tools/call","params":{"name":"` + tool + `","arguments":{"x":"` + strings.Repeat("x", 800) + `"}}}`
	}
	refused := ""
	for i := range 100 {
		s.send(long(fmt.Sprint(i), "forever"))
		s.send(ping)
		a := s.receive()
		if a.Code != 0 {
			refused = a.ID
			s.receive()
			break
		}
	}
	if refused == "" {
		t.Fatal("80 kB are waiting and nothing was refused")
	}
	s.send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":0}}`)
	s.receive()
	s.send(long(`"again"`, "echo"))
	if a := s.receive(); a.ID != `"again"` || a.Code != 0 {
		t.Errorf("got %.200s", a.Line)
	}
}

// A client that keeps a full window and sends the next request on each answer
// must never be refused.
func TestAWindowOfExactlyTheBoundIsNeverRefused(t *testing.T) {
	t.Parallel()
	s := startReady(t, func(s *Transport) { s.MaxOutstanding = 2 })
	s.send(call("0", "echo"))
	s.send(call("1", "echo"))
	for i := 2; i < 500; i++ {
		a := s.receive()
		if a.Code != 0 {
			t.Fatalf("got %s", a.Line)
		}
		s.send(call(a.ID, "echo")) // the id is free again
	}
}

func TestFrameBound(t *testing.T) {
	t.Parallel()
	padded := func(n int) string {
		frame := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"x":""}}}`
		return strings.Replace(frame, `""`, `"`+strings.Repeat("x", n-len(frame))+`"`, 1)
	}
	check := func(s *session, name, frame, id string, code int64) {
		s.send(frame)
		if a := s.receive(); a.ID != id || a.Code != code {
			t.Errorf("%s: got %.200s", name, a.Line)
		}
		s.send(ping)
		if a := s.receive(); a.ID != `"ping"` {
			t.Errorf("%s: then %.200s", name, a.Line)
		}
	}
	s := startReady(t, nil)
	check(s, "exactly 8 MiB", padded(8<<20), "1", 0)
	check(s, "one byte more", padded(8<<20+1), "null", -32600)

	const max = 1000
	s = startReady(t, func(s *Transport) { s.MaxFrame = max })
	for _, c := range []struct {
		name  string
		frame string
		code  int64
		id    string
	}{
		{"exactly", padded(max), 0, "1"},
		{"exactly, with a carriage return", padded(max) + "\r", 0, "1"},
		{"one more", padded(max + 1), -32600, "null"},
		{"one more, with a carriage return", padded(max+1) + "\r", -32600, "null"},
		{"two more", padded(max + 2), -32600, "null"},
		{"three more", padded(max + 3), -32600, "null"},
		{"more than is read at once", padded(200_000), -32600, "null"},
	} {
		check(s, c.name, c.frame, c.id, c.code)
	}
}

// endless reads as n bytes of one line.
type endless struct{ n int }

func (e *endless) Read(p []byte) (int, error) {
	if e.n == 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.n)
	for done := 0; done < n; {
		done += copy(p[done:n], "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
	}
	e.n -= n
	return n, nil
}

func TestALongLineIsNotHeldInMemory(t *testing.T) {
	const length = 100 << 20
	in := io.MultiReader(&endless{length}, strings.NewReader("\n"+ping+"\n"), &endless{length})
	var out bytes.Buffer
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := toyServer(t).Run(context.Background(), &Transport{In: in, Out: &out, MaxFrame: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 12<<20 {
		t.Errorf("allocated %d bytes in all for two lines of %d", used, length)
	}
	want := `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"frame exceeds 1048576 bytes; send less at once"}}` + "\n"
	if got := out.String(); strings.Count(got, want) != 2 || !strings.Contains(got, `"id":"ping","result":{}`) || strings.Count(got, "\n") != 3 {
		t.Errorf("got %.500s", got)
	}
}

func TestABrokenOutputEndsTheSession(t *testing.T) {
	t.Parallel()
	outR, outW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer outW.Close()
	inR, inW := io.Pipe()
	defer inW.Close()
	ended := make(chan error, 1)
	go func() { ended <- toyServer(t).Run(context.Background(), &Transport{In: inR, Out: outW}) }()
	send := func(frame string) { _, _ = io.WriteString(inW, frame+"\n") }
	send(hello)
	if _, err := outR.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	_ = outR.Close()
	send(call("1", "forever")) // cancelled by the end
	send(ping)
	select {
	case err := <-ended:
		// Whether the failed write or the end of reading is seen first is chance.
		if runtime.GOOS != "windows" && err != nil && !errors.Is(err, syscall.EPIPE) {
			t.Errorf("Run: %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the session does not end")
	}
}

func TestABrokenOutputUnderAnErrorEndsTheSession(t *testing.T) {
	t.Parallel()
	outR, outW := io.Pipe()
	_ = outR.Close()
	inR, inW := io.Pipe()
	defer inW.Close()
	ended := make(chan error, 1)
	go func() { ended <- toyServer(t).Run(context.Background(), &Transport{In: inR, Out: outW}) }()
	_, _ = io.WriteString(inW, "garbage\n")
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Fatal("the session does not end")
	}
}

// The end of the context ends a session at once, whatever it is waiting for.
func TestTheContextEndsTheSession(t *testing.T) {
	t.Parallel()
	t.Run("in a call", func(t *testing.T) {
		t.Parallel()
		s := startReady(t, nil)
		s.send(call("1", "forever"))
		s.send(ping)
		s.receive()
		s.stop()
		if _, err := s.wait(); !errors.Is(err, context.Canceled) {
			t.Errorf("Run: %v", err)
		}
	})
	t.Run("waiting for answers after the end of input", func(t *testing.T) {
		t.Parallel()
		s := startReady(t, nil)
		s.send(call("1", "forever"))
		s.send(ping)
		s.receive()
		_ = s.in.Close()
		s.stop()
		if _, err := s.wait(); !errors.Is(err, context.Canceled) {
			t.Errorf("Run: %v", err)
		}
	})
	t.Run("in a read and a write that never return", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(context.Background())
		block := make(chan struct{})
		defer close(block)
		ended := make(chan error, 1)
		in := io.MultiReader(strings.NewReader(ping+"\n"), blocked{block})
		go func() { ended <- toyServer(t).Run(ctx, &Transport{In: in, Out: blocked{block}}) }()
		time.Sleep(20 * time.Millisecond)
		cancel()
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			t.Fatal("the session does not end")
		}
	})
}

type blocked struct{ until chan struct{} }

func (b blocked) Read([]byte) (int, error)    { <-b.until; return 0, io.EOF }
func (b blocked) Write(p []byte) (int, error) { <-b.until; return len(p), nil }

func TestCloseUnblocksRead(t *testing.T) {
	t.Parallel()
	block := make(chan struct{})
	defer close(block)
	c, err := (&Transport{In: blocked{block}, Out: io.Discard}).Connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan error, 1)
	go func() {
		_, err := c.Read(context.Background())
		read <- err
	}()
	time.Sleep(10 * time.Millisecond)
	for range 2 {
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	select {
	case err := <-read:
		if err != io.EOF {
			t.Errorf("Read: %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("Read still waits")
	}
}

func TestStdioNeedsItsStreams(t *testing.T) {
	t.Parallel()
	for _, s := range []*Transport{{}, {In: strings.NewReader("")}, {Out: io.Discard}} {
		if _, err := s.Connect(context.Background()); err == nil {
			t.Errorf("Connect of %+v succeeded", s)
		}
	}
}

// moody is a stream that some client has made non-blocking, and writes in bits.
type moody struct {
	io.Reader
	io.Writer
	turn int
}

func (m *moody) Read(p []byte) (int, error) {
	if m.turn++; m.turn%2 == 0 {
		return 0, &os.PathError{Op: "read", Err: syscall.EAGAIN}
	}
	return m.Reader.Read(p[:min(len(p), 60)])
}

func (m *moody) Write(p []byte) (int, error) {
	n, err := m.Writer.Write(p[:min(len(p), 60)])
	if err == nil && n < len(p) {
		err = &os.PathError{Op: "write", Err: syscall.EAGAIN}
	}
	return n, err
}

func TestANonBlockingStreamIsWaitedFor(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	in := &moody{Reader: strings.NewReader(hello + "\n" + ready + "\n" + ping)}
	if err := toyServer(t).Run(context.Background(), &Transport{In: in, Out: &moody{Writer: &out}}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(out.String(), "\n"); got != 2 {
		t.Errorf("got %d lines: %s", got, out.String())
	}
	for l := range strings.Lines(out.String()) {
		parseAnswer(t, l)
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
