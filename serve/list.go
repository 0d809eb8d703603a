package serve

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"aegis/serve/frame"
	"aegis/tools"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// anyArguments stands for a tool's schema where the library asks for one. Arguments
// are held to a tool's own schema by its decoder.
var anyArguments = json.RawMessage(`{"type":"object"}`)

// register makes a tool known to the library, right before the first call of it. The
// library takes apart each that it is given, and a client waits for the start.
func (s *Server) register(name string) {
	tool, ok := s.tools[name]
	if !ok {
		return // which is the library's to say
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.registered[name] {
		return
	}
	s.registered[name] = true
	s.mcp.AddTool(&mcp.Tool{Name: name, InputSchema: anyArguments}, func(ctx context.Context, req *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return s.call(ctx, req, tool.Tool)
	})
}

// listTools lists the tools that this session is shown, by name, on one page.
func (s *Server) listTools(params *mcp.ListToolsParams) (mcp.Result, error) {
	if params != nil && params.Cursor != "" {
		return nil, &frame.Refusal{Code: jsonrpc.CodeInvalidParams, Message: "invalid params"}
	}
	result := &mcp.ListToolsResult{Tools: []*mcp.Tool{}}
	private(&result.Cacheable)
	offered := s.offered()
	for _, name := range slices.Sorted(maps.Keys(s.tools)) {
		if offered(name) {
			result.Tools = append(result.Tools, describe(s.tools[name]))
		}
	}
	return result, nil
}

// private says of a list that nobody else may be served it: what it holds depends on who
// asks.
func private(c *mcp.Cacheable) { c.CacheScope = "private" }

// describe is what a client is told of a tool. A hint that says what its absence says is
// left out, since a model's context pays for it.
func describe(tool tools.Tool) *mcp.Tool {
	hints := tool.Hints
	shown := &mcp.ToolAnnotations{
		ReadOnlyHint: hints.ReadOnly, DestructiveHint: &hints.Destructive, IdempotentHint: hints.Idempotent,
	}
	if !hints.OpenWorld {
		shown.OpenWorldHint = &hints.OpenWorld
	}
	return &mcp.Tool{Name: tool.Name, Title: tool.Title, Description: tool.Description, InputSchema: tool.Schema().JSON(), Annotations: shown}
}
