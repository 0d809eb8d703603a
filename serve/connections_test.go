package serve

import (
	"context"
	"io"
	"testing"
	"time"

	"aegis/internal/gatetest"
	"aegis/internal/sampleforge"
	"aegis/serve/stdio"
	"aegis/tools"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/rs/zerolog"
)

// A caller may be connected more than once: each connection has its client's name,
// and all of them are one session of the log.
func TestI11_ConnectionsOfOneCaller(t *testing.T) {
	t.Parallel()
	for _, era := range []string{"2025-11-25", "2026-07-28"} {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			forge := sampled(t, nil)
			door := gatetest.Open(t, gatetest.Config{URL: forge.URL, Token: sampleforge.DemoToken()})
			server := NewServer("test", door.Gate, door.Caller, door.Connection, tools.All(), zerolog.Nop())
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			names := []string{"one", "two", "three"}
			var sessions []*mcp.ClientSession
			for _, name := range names {
				inR, inW := io.Pipe()
				outR, outW := io.Pipe()
				if _, err := server.mcp.Connect(ctx, &stdio.Transport{In: inR, Out: outW}, nil); err != nil {
					t.Fatal(err)
				}
				session, err := mcp.NewClient(&mcp.Implementation{Name: name, Version: "1"}, nil).
					Connect(ctx, &mcp.IOTransport{Reader: outR, Writer: inW}, &mcp.ClientSessionOptions{ProtocolVersion: era})
				if err != nil {
					t.Fatal(err)
				}
				sessions = append(sessions, session)
			}
			for range 2 {
				for i, session := range sessions {
					result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: "get_me"})
					if err != nil || result.IsError {
						t.Fatal(err, result)
					}
					all := door.Entries()
					if last := all[len(all)-1]; last["client"] != names[i]+" 1" || last["session"] != door.Caller.Session() {
						t.Errorf("%s: recorded for %v in session %v", names[i], last["client"], last["session"])
					}
				}
			}
			for _, session := range sessions {
				_ = session.Close()
			}
			for range 1000 { // nothing is kept of a connection that is gone
				server.connections.mu.Lock()
				left := len(server.connections.open)
				server.connections.mu.Unlock()
				if left == 0 {
					return
				}
				time.Sleep(5 * time.Millisecond)
			}
			t.Error("connections that are gone are kept")
		})
	}
}
