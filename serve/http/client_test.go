package http

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// holder adds a key, and where a proxy says that it has a request from.
type holder struct {
	key, from string
	base      http.RoundTripper
}

func (h holder) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if h.key != "" {
		r.Header.Set("Authorization", "Bearer "+h.key)
	}
	if h.from != "" {
		r.Header.Set("X-Forwarded-For", h.from)
	}
	return h.base.RoundTrip(r)
}

// connect opens a connection of its own for a key.
func (s *stage) connect(key, era string, options *mcp.ClientOptions) (*mcp.ClientSession, error) {
	transport := &http.Transport{}
	s.lines.Store(transport, true)
	client := mcp.NewClient(&mcp.Implementation{Name: "visitor", Version: "1"}, options)
	ctx, cancel := context.WithTimeout(s.t.Context(), 30*time.Second)
	defer cancel()
	return client.Connect(ctx, &mcp.StreamableClientTransport{
		Endpoint: s.url, HTTPClient: &http.Client{Transport: holder{key, s.proxy, transport}}, MaxRetries: -1,
	}, &mcp.ClientSessionOptions{ProtocolVersion: era})
}

// hangUp closes what clients have open and don't use.
func (s *stage) hangUp() {
	s.lines.Range(func(transport, _ any) bool {
		transport.(*http.Transport).CloseIdleConnections()
		s.lines.Delete(transport)
		return true
	})
}

// enter is connect for who is let in.
func (s *stage) enter(key, era string, options *mcp.ClientOptions) *mcp.ClientSession {
	s.t.Helper()
	session, err := s.connect(key, era, options)
	s.check(err)
	s.t.Cleanup(func() { _ = session.Close() })
	return session
}

// told is a tool's answer.
type told struct {
	object map[string]any
	text   string
	code   string // of a refusal
}

func read(t *testing.T, result *mcp.CallToolResult) (a told) {
	t.Helper()
	for i, content := range result.Content {
		text := content.(*mcp.TextContent).Text
		if i == 0 {
			if err := json.Unmarshal([]byte(text), &a.object); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
		}
		a.text += text + "\n"
	}
	if failure, ok := a.object["error"].(map[string]any); ok {
		a.code, _ = failure["code"].(string)
	}
	return a
}

// ask calls a tool.
func (s *stage) ask(session *mcp.ClientSession, tool string, args map[string]any) told {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: tool, Arguments: args})
	if err != nil {
		s.t.Fatalf("%s: %v", tool, err)
	}
	return read(s.t, result)
}

// request sends what a client might, and returns the status and what came back.
func (s *stage) request(method, target, body string, header ...string) (*http.Response, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, target, strings.NewReader(body))
	s.check(err)
	r.Header.Set("Accept", "application/json, text/event-stream")
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Add(header[i], header[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	s.check(err)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	s.check(err)
	return response, string(raw)
}

const (
	hello = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}`
)

// modern is a request of the era without sessions.
func modern(id int, method, params string) string {
	if params != "" {
		params += ","
	}
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":%q,"params":{%s"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`, id, method, params)
}
