package frame

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// requestIDHeader carries a request's id from the frame to [RequestID]. The
// library hands handlers no other part of a request that a transport can set.
const requestIDHeader = "Aegis-Request-Id"

// WithID lets [RequestID] tell a request's id.
func WithID(req *jsonrpc.Request) {
	header := make(http.Header)
	SetID(header, req.ID)
	req.Extra = &mcp.RequestExtra{Header: header}
}

// SetID is [WithID] for a transport that hands on a header.
func SetID(header http.Header, id jsonrpc.ID) { header.Set(requestIDHeader, formatID(id)) }

// fromHeader carries from where a request came to [From].
const fromHeader = "Aegis-From"

// SetFrom lets [From] tell from where a request came.
func SetFrom(header http.Header, from string) { header.Set(fromHeader, from) }

// From returns from where a request came, as its transport said by [SetFrom]; "" where
// there is one place only.
func From(req mcp.Request) string {
	if extra := req.GetExtra(); extra != nil {
		return extra.Header.Get(fromHeader)
	}
	return ""
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
		if err != nil || result == nil || plainText(result) {
			return result, err
		}
		if _, err := json.Marshal(result); err != nil {
			return nil, &Refusal{Code: jsonrpc.CodeInternalError, Message: "internal error"}
		}
		return result, nil
	}
}

// plainText reports whether a result is nothing but text, which always
// encodes. It spares the usual answer from being encoded twice.
func plainText(result mcp.Result) bool {
	r, ok := result.(*mcp.CallToolResult)
	if !ok || r == nil || r.Meta != nil || r.StructuredContent != nil || r.InputRequests != nil {
		return false
	}
	for _, content := range r.Content {
		if text, ok := content.(*mcp.TextContent); !ok || text == nil || text.Meta != nil || text.Annotations != nil {
			return false
		}
	}
	return true
}
