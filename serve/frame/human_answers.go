package frame

import (
	"encoding/json"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
)

// Bounds on what a human's answer comes with, in bytes.
const (
	MaxAnswers = 16 << 10 // the answers together, as they are written
	MaxState   = 4 << 10  // the state that is given back with them, decoded
)

// checkAnswers holds what a repeated request brings, the answers to questions
// that an earlier result asked and the state that came with those, to the one
// kind of answer there is: an elicitation's. The others decode into free-form
// content for which there is no use here. Which question it answers, and whether
// there was one, is not known here.
func (e *envelope) checkAnswers(params map[string]json.RawMessage) {
	if state := params["requestState"]; state != nil && !isNull(state) {
		switch {
		case state[0] != '"':
			e.failParams("requestState must be a string")
		case len(decodeString(state)) > MaxState:
			e.failParams("requestState is longer than 4096 bytes")
		}
	}
	answers := params["inputResponses"]
	switch {
	case answers == nil || isNull(answers):
		return
	case len(answers) > MaxAnswers:
		e.failParams("inputResponses are longer than 16384 bytes")
		return
	case answers[0] != '{':
		e.failParams("inputResponses must be an object")
		return
	}
	byKey := make(map[string]json.RawMessage)
	e.collect(byKey, answers, "a member of inputResponses occurs twice")
	for _, answer := range byKey {
		if wrong := elicitation(answer); wrong != nil {
			e.failCode(wrong.Code, wrong.Reason)
		}
	}
}

// elicitation says what is wrong with a value that should be an elicitation's
// answer, nil if nothing is. One that two readers could read differently, because
// a member is there twice or in another case of letters, is none.
func elicitation(answer json.RawMessage) *Rejection {
	params := func(reason string) *Rejection { return &Rejection{Code: jsonrpc.CodeInvalidParams, Reason: reason} }
	if answer[0] != '{' {
		return params("an input response must be an object")
	}
	fields := make(map[string]json.RawMessage)
	for name, value := range members(answer) {
		if _, twice := fields[name]; twice {
			return Invalid("a member of an input response occurs twice")
		}
		for _, known := range []string{"action", "content", "roots", "role"} {
			if name != known && strings.EqualFold(name, known) {
				return params("a member of an input response is misspelt: names are in lower case")
			}
		}
		fields[name] = value
	}
	if action := fields["action"]; action == nil || action[0] != '"' {
		return params("an input response needs an action")
	}
	if fields["roots"] != nil || fields["role"] != nil {
		return params("an input response may only answer an elicitation")
	}
	content := fields["content"]
	switch {
	case content == nil || isNull(content):
		return nil
	case content[0] != '{':
		return params("an input response's content must be an object")
	}
	values := make(map[string]bool)
	for name := range members(content) {
		if values[name] {
			return Invalid("a member of an input response's content occurs twice")
		}
		values[name] = true
	}
	return nil
}

// answered is what the server gets to see of the client's answer to a request of
// its own for method. A human's answer that is none is a failed request, so that
// whoever waits for it need not wait for longer.
func Answered(method string, m *jsonrpc.Response) *jsonrpc.Response {
	if method != "elicitation/create" || m.Error != nil {
		return m
	}
	if len(m.Result) <= MaxAnswers && elicitation(m.Result) == nil {
		return m
	}
	return &jsonrpc.Response{ID: m.ID, Error: &jsonrpc.Error{Code: CodeServer, Message: "the client's answer is none to the question"}}
}
