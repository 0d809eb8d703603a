package stdio

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

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
