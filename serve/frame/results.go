package frame

import (
	"context"
	"encoding/json"
	"slices"

	"aegis/internal/canon"

	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// idMember is where the value of a request's id travels, beside what is known of who
// asks. The library hands a handler two things that a transport can set: the headers,
// which a client writes too, and this, which no client does.
const idMember = "aegis.request-id"

// WithID lets [RequestID] tell a request's id.
func WithID(req *jsonrpc.Request) {
	req.Extra = &mcp.RequestExtra{TokenInfo: Carry(new(auth.TokenInfo), req.ID)}
}

// Carry is [WithID] for a transport that tells the library who asks. It returns info.
func Carry(info *auth.TokenInfo, id jsonrpc.ID) *auth.TokenInfo {
	return carry(info, idMember, id)
}

func carry(info *auth.TokenInfo, member string, value any) *auth.TokenInfo {
	if info.Extra == nil {
		info.Extra = make(map[string]any)
	}
	info.Extra[member] = value
	return info
}

// fromMember is where it travels from where a request came.
const fromMember = "aegis.from"

// CarryFrom lets [From] tell from where a request came, as [Carry] does with its id.
func CarryFrom(info *auth.TokenInfo, from string) *auth.TokenInfo {
	return carry(info, fromMember, from)
}

// From returns from where a request came, as its transport said by [CarryFrom]; "" where
// there is one place only.
func From(req mcp.Request) string {
	if extra := req.GetExtra(); extra != nil && extra.TokenInfo != nil {
		from, _ := extra.TokenInfo.Extra[fromMember].(string)
		return from
	}
	return ""
}

// traceMember is where the traceparent of a transport's own travels.
const traceMember = "aegis.trace"

// CarryTrace lets [Trace] tell what a transport has of a trace, as [Carry] does with the id.
func CarryTrace(info *auth.TokenInfo, trace canon.Trace) *auth.TokenInfo {
	return carry(info, traceMember, trace)
}

// Trace returns what the client calls what it is doing: as the message says, or else as
// its transport does. What is no traceparent is none.
func Trace(req mcp.Request) canon.Trace {
	if said, ok := req.GetParams().GetMeta()["traceparent"].(string); ok {
		if trace := canon.ParseTrace(said); !trace.IsZero() {
			return trace
		}
	}
	if extra := req.GetExtra(); extra != nil && extra.TokenInfo != nil {
		trace, _ := extra.TokenInfo.Extra[traceMember].(canon.Trace)
		return trace
	}
	return canon.Trace{}
}

// RequestID returns the JSON-RPC id of a request that was given to [WithID] as
// JSON: 7 or "seven". It is nil for any other request.
func RequestID(req mcp.Request) json.RawMessage {
	extra := req.GetExtra()
	if extra == nil || extra.TokenInfo == nil {
		return nil
	}
	if id, ok := extra.TokenInfo.Extra[idMember].(jsonrpc.ID); ok {
		return formatID(id)
	}
	return nil
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
