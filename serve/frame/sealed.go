package frame

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// seal stands before the text of an error that may leave as it is. Nobody outside of
// this process knows it.
var seal = sync.OnceValue(func() string { return rand.Text() + " " })

// Sealed is a receiving middleware for the library's own transports, which write an
// error's code and text and nothing else: [Outgoing] knows a [Refusal] by it, whole.
func Sealed(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		result, err := next(ctx, method, req)
		var refusal *Refusal
		if errors.As(err, &refusal) {
			text, _ := json.Marshal(refusal) // of texts and JSON
			return nil, &jsonrpc.Error{Code: refusal.Code, Message: seal() + string(text)}
		}
		return result, err
	}
}

// Outgoing returns a message that the library has written, fit to leave: its errors
// have fixed texts in place of the library's own. Method is of the request that it
// answers.
func Outgoing(method string, wire []byte) []byte {
	// A quote inside a text is escaped, so this is the name of a member.
	if !bytes.Contains(wire, []byte(`"error":`)) {
		return wire
	}
	var said struct {
		ID    json.RawMessage `json:"id"`
		Error *jsonrpc.Error  `json:"error"`
	}
	if err := json.Unmarshal(wire, &said); err != nil {
		return ErrorFrame(jsonrpc.ID{}, jsonrpc.CodeInternalError, "internal error", nil)
	}
	if said.Error == nil {
		return wire
	}
	id, _ := ParseID(orNull(said.ID))
	answer := &jsonrpc.Response{ID: id, Error: said.Error}
	if _, text, sealed := strings.Cut(said.Error.Message, seal()); sealed {
		refusal := new(Refusal)
		if json.Unmarshal([]byte(text), refusal) == nil {
			answer.Error = refusal
		}
	}
	return AnswerFrame(method, answer)
}
