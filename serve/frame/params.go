package frame

import (
	"encoding/json"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// checkMethod looks into params as far as the protocol itself defines them.
// What belongs to a tool, its arguments, is left to the tool but for being an
// object at all.
func (e *envelope) checkMethod(req *jsonrpc.Request) {
	notification := strings.HasPrefix(req.Method, "notifications/")
	switch {
	case notification && req.IsCall():
		e.fail("a notification has no id")
	case !plainMethod(req.Method) && req.IsCall():
		e.failCode(jsonrpc.CodeMethodNotFound, "method not found")
	}
	params := make(map[string]json.RawMessage)
	if req.Params != nil {
		e.collect(params, req.Params, "a member of params occurs twice")
	}
	if meta := params["_meta"]; meta != nil && meta[0] == '{' {
		inner := make(map[string]json.RawMessage)
		e.collect(inner, meta, "a member of _meta occurs twice")
		if token := inner["progressToken"]; token != nil {
			if _, reason := ParseID(token); reason != "" {
				e.failParams("progressToken must be a string or an integer")
			}
		}
	}
	switch req.Method {
	case "tools/call":
		if args := params["arguments"]; args != nil && args[0] != '{' && !isNull(args) {
			e.failParams("arguments must be an object")
		}
		e.checkAnswers(params)
	case "resources/read":
		if uri := params["uri"]; uri == nil || uri[0] != '"' {
			e.failParams("uri must be a string")
		}
		e.checkAnswers(params)
	case "prompts/get":
		e.checkTexts("arguments", params["arguments"])
		e.checkAnswers(params)
	case "completion/complete":
		e.checkTexts("ref", params["ref"])
		e.checkTexts("argument", params["argument"])
		if known := params["context"]; known != nil && known[0] == '{' {
			inner := make(map[string]json.RawMessage)
			e.collect(inner, known, "a member of context occurs twice")
			e.checkTexts("arguments", inner["arguments"])
		}
	case "notifications/cancelled":
		if _, reason := ParseID(orNull(params["requestId"])); reason != "" {
			e.failParams("requestId must be a string or an integer")
		}
	}
	if cursor := params["cursor"]; len(cursor) > maxCursor {
		e.failParams("unknown cursor")
	}
}

func (e *envelope) failParams(reason string) { e.failCode(jsonrpc.CodeInvalidParams, reason) }

func (e *envelope) collect(into map[string]json.RawMessage, object json.RawMessage, twice string) {
	for name, value := range members(object) {
		if _, ok := into[name]; ok {
			e.fail(twice)
		}
		into[name] = value
	}
}

// checkTexts holds a member of params to an object of strings, each name once.
// The library would take the last of two.
func (e *envelope) checkTexts(name string, object json.RawMessage) {
	if object == nil || isNull(object) {
		return
	}
	if object[0] != '{' {
		e.failParams(name + " must be an object")
		return
	}
	texts := make(map[string]json.RawMessage)
	e.collect(texts, object, "a member of "+name+" occurs twice")
	for _, text := range texts {
		if text[0] != '"' {
			e.failParams(name + " must hold strings")
		}
	}
}

// plainMethod reports whether a method's name is one that could exist.
func plainMethod(s string) bool {
	if len(s) > maxMethod {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

func orNull(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return json.RawMessage("null")
	}
	return raw
}
