package frame

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Refusal is a protocol error whose text the client may see as it is. The text
// of every other error is replaced by a fixed one before it leaves: the
// server library's errors quote what they were given and name Go types.
type Refusal struct {
	Code    int64  // a JSON-RPC error code
	Message string // one sentence, without anything a caller sent
	// Data is more about it, JSON; nil for none. It was scrubbed.
	Data json.RawMessage
}

func (r *Refusal) Error() string { return r.Message }

// Unwrap gives r its code on transports that know only [jsonrpc.Error].
func (r *Refusal) Unwrap() error {
	return &jsonrpc.Error{Code: r.Code, Message: r.Message, Data: r.Data}
}

// AnswerFrame encodes the answer to a request for method. A result that can't
// be encoded becomes an error, never silence.
func AnswerFrame(method string, m *jsonrpc.Response) []byte {
	if m.Error != nil {
		e := presentable(method, m.Error)
		return ErrorFrame(m.ID, e.Code, e.Message, e.Data)
	}
	if m.Result != nil && !isNull(m.Result) {
		if frame, err := jsonrpc.EncodeMessage(&jsonrpc.Response{ID: m.ID, Result: m.Result}); err == nil {
			return frame
		}
	}
	return ErrorFrame(m.ID, jsonrpc.CodeInternalError, "internal error", nil)
}

// presentable returns the error to show for err, which was the outcome of a
// request for method. Only what the server library is known to say keeps its
// meaning; anything unknown is an internal error.
func presentable(method string, err error) jsonrpc.Error {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return jsonrpc.Error{Code: refusal.Code, Message: refusal.Message, Data: refusal.Data}
	}
	var wire *jsonrpc.Error
	if !errors.As(err, &wire) {
		wire = &jsonrpc.Error{} // the library sends such errors with code 0
	}
	say := func(code int64, message string) jsonrpc.Error {
		return jsonrpc.Error{Code: code, Message: message}
	}
	text := err.Error()
	switch wire.Code {
	case jsonrpc.CodeMethodNotFound:
		return say(wire.Code, "method not found")
	case jsonrpc.CodeInvalidParams:
		switch {
		case method == "tools/call" && strings.HasPrefix(text, "unknown tool "):
			return say(wire.Code, "unknown tool")
		case method == "prompts/get" && strings.HasPrefix(text, "unknown prompt "):
			return say(wire.Code, "unknown prompt")
		case method == "resources/read" && strings.HasPrefix(text, "Resource not found"):
			return say(wire.Code, "unknown resource")
		}
		return say(wire.Code, "invalid params")
	case jsonrpc.CodeInvalidRequest:
		if strings.Contains(text, `missing required "params"`) {
			return say(jsonrpc.CodeInvalidParams, "params are missing")
		}
		return say(wire.Code, "invalid request")
	case mcp.CodeUnsupportedProtocolVersion:
		e := say(wire.Code, "unsupported protocol version")
		e.Data = versionData(wire.Data)
		return e
	case mcp.CodeHeaderMismatch:
		return say(wire.Code, "the MCP headers are missing, or do not say what the message says")
	case mcp.CodeMissingRequiredClientCapabilities:
		return say(wire.Code, "the client lacks a capability")
	case 0:
		switch {
		case strings.HasPrefix(text, `duplicate "initialize"`):
			return say(jsonrpc.CodeInvalidRequest, "already initialized")
		case strings.HasSuffix(text, "is invalid during session initialization"):
			return say(jsonrpc.CodeInvalidRequest, "not initialized: the first request must be initialize")
		case strings.HasPrefix(text, "handling 'initialize': "):
			return say(jsonrpc.CodeInvalidParams, "invalid params")
		case errors.Is(err, context.Canceled):
			return say(CodeServer, "request cancelled")
		}
	}
	return say(jsonrpc.CodeInternalError, "internal error")
}

var versionDate = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`) })

// versionData keeps the supported versions, and the requested one if it is a
// date and not something else that sorts behind one.
func versionData(raw json.RawMessage) json.RawMessage {
	var data mcp.UnsupportedProtocolVersionData
	if json.Unmarshal(raw, &data) != nil {
		return nil
	}
	if !versionDate().MatchString(data.Requested) {
		data.Requested = "unknown"
	}
	clean, err := json.Marshal(data)
	if err != nil {
		return nil
	}
	return clean
}

// ErrorFrame encodes an error response. The zero ID is sent as null, which is
// how JSON-RPC answers a request whose id is not known.
func ErrorFrame(id jsonrpc.ID, code int64, message string, data json.RawMessage) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(struct {
		Version string        `json:"jsonrpc"`
		ID      any           `json:"id"`
		Error   jsonrpc.Error `json:"error"`
	}{"2.0", id.Raw(), jsonrpc.Error{Code: code, Message: message, Data: data}})
	if err != nil { // the data; nothing else can fail
		return ErrorFrame(id, code, message, nil)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
