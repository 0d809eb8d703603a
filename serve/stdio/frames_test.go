package stdio

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// malformed is a row of the corpus.
type malformed struct {
	Name   string
	Frame  string
	Base64 []byte
	Code   int64
	ID     json.RawMessage
	Silent bool
}

func malformedFrames(tb testing.TB) []malformed {
	tb.Helper()
	raw, err := os.ReadFile("../../testdata/malformed/frames.jsonl")
	if err != nil {
		tb.Fatal(err)
	}
	var all []malformed
	for l := range bytes.Lines(raw) {
		var m malformed
		if err := json.Unmarshal(l, &m); err != nil {
			tb.Fatalf("%v in %.200s", err, l)
		}
		if m.Base64 != nil {
			m.Frame = string(m.Base64)
		}
		if m.ID == nil {
			m.ID = json.RawMessage("null")
		}
		all = append(all, m)
	}
	if len(all) < 200 {
		tb.Fatalf("only %d frames", len(all))
	}
	return all
}

// Every malformed frame is answered with its error, in one session that lives
// through all of them, and nothing of the frame is repeated.
func TestI9_MalformedInputIsAnsweredAndTheSessionLivesOn(t *testing.T) {
	t.Parallel()
	s := startReady(t, nil)
	for i, m := range malformedFrames(t) {
		t.Run(m.Name, func(t *testing.T) {
			s.tb = t
			defer func() { s.tb = nil }()
			s.send(m.Frame)
			good := fmt.Sprintf(`"good-%d"`, i)
			s.send(call(good, "echo"))
			if m.Silent {
				s.receiveAll(good)
				return
			}
			got := s.receiveAll(string(m.ID), good)
			if got[good].Code != 0 {
				t.Errorf("the good call: %s", got[good].Line)
			}
			bad := got[string(m.ID)]
			if bad.Code != m.Code {
				t.Errorf("got %s, want code %d", bad.Line, m.Code)
			}
			for _, echo := range []string{"a1B2", "no_such_tool", "passwd", "nothing", "\\n", "script"} {
				if strings.Contains(bad.Line, echo) {
					t.Errorf("the frame is repeated: %s", bad.Line)
				}
			}
			if len(bad.Line) > 300 && m.Code != -32022 {
				t.Errorf("a long error: %s", bad.Line)
			}
		})
	}
	s.tb = t
	_ = s.in.Close()
	if rest, err := s.wait(); err != nil || len(rest) > 0 {
		t.Errorf("after all: %v, %v", rest, err)
	}
}

// What real clients send is let through.
func TestGoodFramesAreLetThrough(t *testing.T) {
	t.Parallel()
	s := startReady(t, nil)
	for name, frame := range map[string]string{
		"plain":                      ping,
		"trailing spaces":            ping + "   ",
		"leading spaces and a tab":   "  \t" + ping,
		"a carriage return":          ping + "\r",
		"spaces and carriage return": ping + " \t\r",
		"spaces inside":              `{ "jsonrpc" : "2.0" , "id" : "ping" , "method" : "ping" , "params" : { } }`,
		"members in another order":   `{"params":{},"method":"ping","id":"ping","jsonrpc":"2.0"}`,
		"escapes":                    `{"jsonrpc":"\u0032.0","id":"p\u0069ng","m\u0065thod":"p\u0069ng"}`,
		"an unknown member":          `{"jsonrpc":"2.0","id":"ping","method":"ping","trace":[{"a":"}"}]}`,
		"blank lines before":         "\n \t\n\r\n" + ping,
		"null arguments":             `{"jsonrpc":"2.0","id":"ping","method":"tools/call","params":{"name":"echo","arguments":null}}`,
		"no arguments":               `{"jsonrpc":"2.0","id":"ping","method":"tools/call","params":{"name":"echo"}}`,
		"duplicates in arguments":    `{"jsonrpc":"2.0","id":"ping","method":"tools/call","params":{"name":"echo","arguments":{"a":1,"a":2}}}`,
		"a progress token":           `{"jsonrpc":"2.0","id":"ping","method":"tools/list","params":{"_meta":{"progressToken":0}}}`,
		"an empty cursor":            `{"jsonrpc":"2.0","id":"ping","method":"tools/list","params":{"cursor":""}}`,
		"depth 64":                   `{"jsonrpc":"2.0","id":"ping","method":"tools/call","params":{"name":"echo","arguments":{"a":` + strings.Repeat("[", 61) + strings.Repeat("]", 61) + `}}}`,
		"brackets in strings":        `{"jsonrpc":"2.0","id":"ping","method":"tools/call","params":{"name":"echo","arguments":{"a":"` + strings.Repeat(`[{\"`, 100) + `"}}}`,
		"the new era":                `{"jsonrpc":"2.0","id":"ping","method":"tools/call","params":{"name":"echo",` + meta + `}}`,
		"discover":                   `{"jsonrpc":"2.0","id":"ping","method":"server/discover","params":{` + meta + `}}`,
		"an input response":          `{"jsonrpc":"2.0","id":"ping","method":"tools/call","params":{"name":"echo","requestState":"x","inputResponses":{"a":{"action":"accept","content":{"approve":true}}},` + meta + `}}`,
	} {
		s.send(frame)
		if a := s.receive(); a.ID != `"ping"` || a.Code != 0 {
			t.Errorf("%s: got %s", name, a.Line)
		}
	}
	for _, id := range []string{"0", "-1", "9007199254740992", "-9007199254740992", `""`, `"a\nb"`, `"<é🏓>"`, `"` + strings.Repeat("x", 256) + `"`} {
		s.send(`{"jsonrpc":"2.0","id":` + id + `,"method":"ping"}`)
		if a := s.receive(); a.ID != id || a.Code != 0 {
			t.Errorf("id %s: got %s", id, a.Line)
		}
	}
}

func TestBeforeTheHandshake(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	for _, c := range []struct {
		frame string
		code  int64
	}{
		{ping, 0},
		{call("1", "echo"), -32600},
		{`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, -32600},
		{`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":{}}}`, -32602},
		{`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"ghp_x","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`, 0},
		{call("1", "echo"), 0},
	} {
		s.send(ready) // too early, or once more
		s.send(c.frame)
		a := s.receive()
		if a.Code != c.code {
			t.Errorf("%s: got %s", c.frame, a.Line)
		}
		if strings.Contains(a.Line, "ghp_x") {
			t.Errorf("the version is repeated: %s", a.Line)
		}
	}
}

func TestUnsupportedVersionsAreToldWhatIs(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	for requested, shown := range map[string]string{"2027-01-01": `"requested":"2027-01-01"`, "some-secret": `"requested":"unknown"`} {
		s.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{` + strings.Replace(meta, "2026-07-28", requested, 1) + `}}`)
		a := s.receive()
		if a.Code != -32022 || !strings.Contains(a.Line, shown) || !strings.Contains(a.Line, `"supported":["2026-07-28"`) {
			t.Errorf("got %s", a.Line)
		}
	}
}

// The order of requests is the order of frames.
func TestRequestsAreReadInOrder(t *testing.T) {
	t.Parallel()
	var script strings.Builder
	for i := range 500 {
		fmt.Fprintf(&script, "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"ping\"}\n", i)
	}
	c, err := (&Transport{In: strings.NewReader(script.String()), Out: io.Discard}).Connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i := range int64(500) {
		msg, err := c.Read(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if id := msg.(*jsonrpc.Request).ID.Raw(); id != i {
			t.Fatalf("got %v, want %d", id, i)
		}
	}
}

// After any line at all a good request is answered, and all that ever leaves
// is JSON-RPC.
func FuzzGuard(f *testing.F) {
	for _, m := range malformedFrames(f) {
		if len(m.Frame) < 1000 {
			f.Add([]byte(m.Frame))
		}
	}
	f.Add([]byte(hello + "\n" + ready + "\n" + call("1", "echo")))
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},` + meta + `}}`))
	f.Fuzz(func(t *testing.T, input []byte) {
		const last = `{"jsonrpc":"2.0","id":"the last one","method":"ping"}`
		if bytes.Contains(input, []byte("forever")) || bytes.Contains(input, []byte("slow")) {
			return // tools that wait, and are left out for time only
		}
		for _, shake := range []string{"", hello + "\n" + ready + "\n"} {
			var out bytes.Buffer
			in := io.MultiReader(strings.NewReader(shake), bytes.NewReader(input), strings.NewReader("\n"+last+"\n"))
			ctx, cancel := context.WithTimeout(context.Background(), 4*time.Second)
			err := toyServer(t).Run(ctx, &Transport{In: in, Out: &out})
			cancel()
			if err != nil {
				t.Fatalf("Run: %v", err)
			}
			found := false
			for l := range strings.Lines(out.String()) {
				a := parseAnswer(t, strings.TrimSuffix(l, "\n"))
				found = found || a.ID == `"the last one"`
			}
			if !found {
				t.Fatalf("the last request is not answered: %s", out.String())
			}
		}
	})
}

// Lines come out of the reader as they would out of a scanner without bounds.
func FuzzLines(f *testing.F) {
	f.Add([]byte("a\r\nb\n\nccccccccccccccccccccc\nd"))
	f.Add([]byte("12345678\r\n123456789\n12345678\r\r\n"))
	f.Fuzz(func(t *testing.T, input []byte) {
		const max = 8
		scanner := bufio.NewScanner(bytes.NewReader(input))
		scanner.Buffer(nil, len(input)+2)
		r := newLineReader(bytes.NewReader(input), max)
		for scanner.Scan() {
			want := line{text: scanner.Bytes()}
			if len(want.text) > max {
				want = line{long: true}
			}
			got, err := r.next()
			if err != nil || got.long != want.long || !bytes.Equal(got.text, want.text) {
				t.Fatalf("got %q %v %v, want %q", got.text, got.long, err, want.text)
			}
		}
		if got, err := r.next(); err != io.EOF {
			t.Fatalf("got %q %v at the end", got.text, err)
		}
	})
}
