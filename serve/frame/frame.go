// Package frame makes messages of bytes, and bytes of messages.
//
// What goes in is one frame as a client sent it. What comes out is a well-formed
// message, or the fixed text to refuse it with; a message's params have the shape that
// MCP gives them. Nothing of a frame is ever repeated, and no library reads the
// envelope again.
package frame

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// Bounds on a frame.
const (
	maxDepth  = 64      // objects and arrays inside each other
	maxParts  = 1 << 16 // values and containers: decoded, each takes up to a hundred times its length
	maxID     = 256     // bytes of a string id or progress token, decoded
	maxMethod = 128     // bytes of a method's name
	maxCursor = 512     // bytes of a list's cursor
)

// byteOrderMark is what some shells and editors begin a text with. It means nothing.
const byteOrderMark = "\xef\xbb\xbf"

// CodeServer answers what is no fault of the frame: too many requests at once,
// a request that was cancelled. JSON-RPC leaves the code to servers.
const CodeServer = -32000

// Rejection is a frame's answer in place of the server's. Its reason is fixed
// text: nothing of the frame is ever repeated, since a frame can hold secrets.
type Rejection struct {
	ID     jsonrpc.ID // the zero ID is sent as null
	Code   int64
	Reason string
}

// Judge decides what a line is. It returns a message that is a valid JSON-RPC 2.0
// request, notification or response, with params in the shape that MCP gives them; or
// the Rejection to send. It returns neither for a line without content and for a
// notification that nobody could act on.
//
// The envelope is read here and nowhere else, so that the server can't read it
// differently.
func Judge(text []byte) (jsonrpc.Message, *Rejection) {
	text = bytes.Trim(bytes.TrimPrefix(text, []byte(byteOrderMark)), " \t\r")
	if len(text) == 0 {
		return nil, nil
	}
	if !utf8.Valid(text) {
		return nil, Invalid("frame is not valid UTF-8")
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return nil, Invalid("frame contains a NUL byte")
	}
	depth, parts := shape(text)
	deep := depth > maxDepth
	if !json.Valid(text) {
		if deep {
			return nil, Invalid("frame is nested deeper than 64")
		}
		return nil, &Rejection{Code: jsonrpc.CodeParseError, Reason: "frame is not one JSON value"}
	}
	switch text[0] {
	case '{':
	case '[':
		return nil, Invalid("batches are not supported")
	default:
		return nil, Invalid("frame is not a JSON object")
	}
	if parts > maxParts {
		return nil, Invalid("frame has more than 65536 values")
	}
	e := open(text)
	if e.bad == nil && deep {
		e.fail("frame is nested deeper than 64")
	}
	return e.message()
}

func Invalid(reason string) *Rejection {
	return &Rejection{Code: jsonrpc.CodeInvalidRequest, Reason: reason}
}

// envelope is a message's members, raw, and what is wrong with them.
type envelope struct {
	version, id, method, params, result, failure json.RawMessage
	bad                                          *Rejection // the first thing wrong
}

func open(text []byte) *envelope {
	var e envelope
	known := map[string]*json.RawMessage{
		"jsonrpc": &e.version, "id": &e.id, "method": &e.method,
		"params": &e.params, "result": &e.result, "error": &e.failure,
	}
	for name, value := range members(text) {
		field, ok := known[name]
		switch {
		case ok && *field != nil:
			e.fail("a member of the message occurs twice")
		case ok:
			*field = value
		default:
			for k := range known {
				if strings.EqualFold(k, name) {
					e.fail("a member of the message is misspelt: names are in lower case")
				}
			}
		}
	}
	return &e
}

// fail notes the first thing wrong.
func (e *envelope) fail(reason string) { e.failCode(jsonrpc.CodeInvalidRequest, reason) }

func (e *envelope) failCode(code int64, reason string) {
	if e.bad == nil {
		e.bad = &Rejection{Code: code, Reason: reason}
	}
}

// message is the last step of [Judge].
func (e *envelope) message() (jsonrpc.Message, *Rejection) {
	var version string
	if e.version == nil || json.Unmarshal(e.version, &version) != nil || version != "2.0" {
		e.fail(`jsonrpc must be "2.0"`)
	}
	var id jsonrpc.ID
	if e.id != nil {
		var reason string
		if id, reason = ParseID(e.id); reason != "" && !(e.method == nil && e.failure != nil && isNull(e.id)) {
			e.fail(reason)
		}
	}
	var msg jsonrpc.Message
	if e.method == nil && (e.result != nil || e.failure != nil) {
		msg = e.response(id)
		// The id of a response names a request of ours, not one of theirs.
		id = jsonrpc.ID{}
	} else {
		msg = e.request(id)
	}
	if e.bad != nil {
		if e.bad.Code != jsonrpc.CodeInvalidRequest && !id.IsValid() {
			return nil, nil // a notification, well-formed but useless
		}
		e.bad.ID = id
		return nil, e.bad
	}
	return msg, nil
}

func (e *envelope) request(id jsonrpc.ID) jsonrpc.Message {
	var method string
	switch {
	case e.method == nil:
		e.fail("method is missing")
	case e.method[0] != '"' || json.Unmarshal(e.method, &method) != nil:
		e.fail("method must be a string")
	case e.result != nil || e.failure != nil:
		e.fail("a message has either a method or a result or an error")
	}
	if e.params != nil && isNull(e.params) {
		e.params = nil // as if there were none
	}
	if e.params != nil && e.params[0] != '{' {
		e.fail("params must be an object")
	}
	req := &jsonrpc.Request{ID: id, Method: method, Params: e.params}
	if e.bad == nil {
		e.checkMethod(req)
	}
	return req
}

func (e *envelope) response(id jsonrpc.ID) jsonrpc.Message {
	resp := &jsonrpc.Response{ID: id, Result: e.result}
	switch {
	case e.result != nil && e.failure != nil:
		e.fail("a response has either a result or an error")
	case e.id == nil:
		e.fail("a response needs an id")
	case e.params != nil:
		e.fail("a response has no params")
	case e.result != nil && e.result[0] != '{':
		e.fail("result must be an object")
	case e.failure != nil:
		failure, ok := parseError(e.failure)
		if !ok {
			e.fail("error must have an integer code and a string message")
		}
		resp.Error = failure
	}
	return resp
}
