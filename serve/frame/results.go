package frame

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// requestIDHeader carries a request's id from the frame to [RequestID]. The
// library hands handlers no other part of a request that a transport can set.
const requestIDHeader = "Aegis-Request-Id"

// WithID lets [RequestID] tell a request's id.
func WithID(req *jsonrpc.Request) {
	req.Extra = &mcp.RequestExtra{Header: http.Header{requestIDHeader: {formatID(req.ID)}}}
}

// RequestID returns the JSON-RPC id of a request that was given to [WithID] as
// JSON: 7 or "seven". It is "" for any other request.
func RequestID(req mcp.Request) string {
	if extra := req.GetExtra(); extra != nil && len(extra.Header[requestIDHeader]) == 1 {
		return extra.Header[requestIDHeader][0]
	}
	return ""
}

// Encodable is a receiving middleware that turns a result that can't be
// encoded into an internal error. The library would leave such a request
// unanswered, and a session that owes an answer does not end with its input.
func Encodable(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		result, err := next(ctx, method, req)
		if err != nil || result == nil || encodes(result) {
			return result, err
		}
		if _, err := json.Marshal(result); err != nil {
			return nil, &Refusal{Code: jsonrpc.CodeInternalError, Message: "internal error"}
		}
		return result, nil
	}
}

// encodes reports whether a result surely encodes: one that is nothing but text, or
// schemas that were encoded before. It spares the usual answers from being encoded twice.
func encodes(result mcp.Result) bool {
	switch r := result.(type) {
	case *mcp.CallToolResult:
		if r == nil || r.Meta != nil || r.StructuredContent != nil || r.InputRequests != nil {
			return false
		}
		return !slices.ContainsFunc(r.Content, func(content mcp.Content) bool {
			text, ok := content.(*mcp.TextContent)
			return !ok || text == nil || text.Meta != nil || text.Annotations != nil
		})
	case *mcp.ListToolsResult:
		return r != nil && r.Meta == nil && !slices.ContainsFunc(r.Tools, func(tool *mcp.Tool) bool {
			schema, ok := tool.InputSchema.(json.RawMessage)
			return !ok || !json.Valid(schema) || tool.Meta != nil || tool.OutputSchema != nil
		})
	}
	return false
}
