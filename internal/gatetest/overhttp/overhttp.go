// Package overhttp takes the calls of tests to their doors over HTTP, each on a connection
// of its own, where [Variable] says so. Whoever imports it has their suite run that way,
// too: what is attacked, read and written is the same, and so has to be what comes out.
package overhttp

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"aegis/gate"
	"aegis/gate/caller"
	"aegis/internal/gatetest"
	serving "aegis/serve/http"
	"aegis/tools"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/rs/zerolog"
)

// Variable names the revision of the protocol to speak: "2025-11-25", "2026-07-28". It is
// empty for tests that go straight to the door.
const Variable = "AEGIS_TEST_OVER_HTTP"

func init() {
	if os.Getenv(Variable) != "" {
		gatetest.Over = func(tb testing.TB, d *gatetest.Door, registered []tools.Tool) gatetest.Carrier {
			return open(tb, d, registered, os.Getenv(Variable))
		}
	}
}

// carrier is a server before a door, at which everybody has the key that is the name of
// their session.
type carrier struct {
	tb    testing.TB
	era   string
	url   string
	close func()

	mu    sync.Mutex
	known map[string]*caller.Caller
}

func open(tb testing.TB, d *gatetest.Door, registered []tools.Tool, era string) *carrier {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	c := &carrier{tb: tb, era: era, url: "http://" + listener.Addr().String() + serving.Path, known: make(map[string]*caller.Caller)}
	server := serving.New(serving.Config{
		Version: "test", Door: d.Gate, Callers: c.caller, Keys: c, Tools: registered, Logger: zerolog.Nop(),
		Self: caller.New(caller.Config{ID: "server", Principal: gatetest.Carried}),
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, listener) }()
	c.close = func() {
		cancel()
		if err := <-ended; err != nil {
			tb.Error(err)
		}
	}
	return c
}

// Close ends the server.
func (c *carrier) Close() { c.close() }

// Verify knows everybody.
func (c *carrier) Verify(session string) (serving.Key, bool) {
	return serving.Key{ID: session, Name: "tester", Caller: caller.Config{ID: session}}, true
}

// Now knows everybody.
func (c *carrier) Now(session, _ string) (serving.Key, bool) { return c.Verify(session) }

func (c *carrier) caller(who caller.Config) *caller.Caller {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known[who.ID]
}

// Carry makes a call on a connection of its own.
func (c *carrier) Carry(ctx context.Context, d *gatetest.Door, tool string, args json.RawMessage) gate.Answer {
	c.tb.Helper()
	key := d.Caller.Session()
	c.mu.Lock()
	c.known[key] = d.Caller
	c.mu.Unlock()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	options := new(mcp.ClientOptions)
	if d.Human != nil {
		options.ElicitationHandler = func(_ context.Context, asked *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"approve": d.Human(asked.Params.Message)}}, nil
		}
	}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, options).Connect(ctx, &mcp.StreamableClientTransport{
		Endpoint: c.url, HTTPClient: &http.Client{Transport: holder{key, transport}}, MaxRetries: -1,
	}, &mcp.ClientSessionOptions{ProtocolVersion: c.era})
	if err != nil {
		return c.failed(ctx, tool, err)
	}
	defer session.Close()
	result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: tool, Arguments: args})
	if err != nil {
		return c.failed(ctx, tool, err)
	}
	return answerOf(result)
}

// failed is what becomes of a call that has no answer: one that was given up.
func (c *carrier) failed(ctx context.Context, tool string, err error) gate.Answer {
	c.tb.Helper()
	if ctx.Err() == nil {
		c.tb.Errorf("%s over HTTP: %v", tool, err)
	}
	time.Sleep(10 * time.Millisecond) // the door finds out a moment later
	return gate.Answer{Object: json.RawMessage(`{"error":{"code":"timeout"}}`), IsError: true, Code: gate.Timeout}
}

// answerOf is a result as the door gave it.
func answerOf(result *mcp.CallToolResult) gate.Answer {
	a := gate.Answer{IsError: result.IsError}
	for i, content := range result.Content {
		text, _ := content.(*mcp.TextContent)
		switch {
		case text == nil:
		case i == 0:
			a.Object = json.RawMessage(text.Text)
		default:
			a.Text = text.Text
		}
	}
	var said struct {
		Call  string
		Error struct {
			Code gate.Code
			Call string
		}
	}
	_ = json.Unmarshal(a.Object, &said)
	a.Call, a.Code = said.Call+said.Error.Call, said.Error.Code
	return a
}

// holder adds a key.
type holder struct {
	key  string
	base http.RoundTripper
}

func (h holder) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+h.key)
	return h.base.RoundTrip(r)
}
