package serve

import (
	"context"
	"encoding/json"

	"aegis/gate"
	"aegis/serve/frame"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// approve names the one question that is asked, and the one thing that its form
// holds.
const approve = "approve"

// form is the schema of the question's form.
const form = `{"type":"object","properties":{"approve":{"type":"boolean","title":"Approve","description":"Do this, once","default":false}},"required":["approve"]}`

// sinceAsking is the protocol's version from which on a question is the answer
// to a call, which the client then makes again. Before, a question is a request
// to the client.
const sinceAsking = "2026-07-28"

// call makes a call of a tool. If the gate wants it, the client's human is asked.
func (s *Server) call(ctx context.Context, req *mcp.CallToolRequest, tool gate.Tool) (*mcp.CallToolResult, error) {
	call := gate.Call{
		Request: frame.RequestID(req), Trace: frame.Trace(req), Args: req.Params.Arguments, Progress: progressOf(ctx, req), Reply: replyOf(req.Params),
	}
	var human gate.Human
	if canAsk(req) {
		human = client{req.Session}
	}
	answer := s.gate.Converse(ctx, s.caller, s.connections.of(req), tool, call, human)
	if answer.Ask != nil {
		return asking(answer.Ask), nil
	}
	return toolResult(answer), nil
}

// client is a client's human, asked in the way of its era.
type client struct{ session *mcp.ServerSession }

// Ask leaves the question to the call's result, or asks by a request to the client.
func (c client) Ask(ctx context.Context, question *gate.Question) gate.Said {
	switch {
	case asksByResult(c.session):
		return gate.Later
	case elicit(ctx, c.session, question):
		return gate.Yes
	}
	return gate.No
}

// elicit asks the client's human by a request to the client, and waits until the
// question expires or ctx is done. Whatever goes wrong is a no.
func elicit(ctx context.Context, to *mcp.ServerSession, question *gate.Question) bool {
	ctx, cancel := context.WithDeadline(ctx, question.Expires)
	defer cancel()
	answer, err := to.Elicit(ctx, elicitationOf(question))
	return err == nil && isYes(answer) && ctx.Err() == nil
}

// asking is the result that asks the client to ask its human, and to call again.
func asking(question *gate.Question) *mcp.CallToolResult {
	return &mcp.CallToolResult{
		InputRequests: mcp.InputRequestMap{approve: elicitationOf(question)},
		RequestState:  question.State,
	}
}

func elicitationOf(question *gate.Question) *mcp.ElicitParams {
	return &mcp.ElicitParams{Mode: "form", Message: question.Message, RequestedSchema: json.RawMessage(form)}
}

// replyOf is the answer that a call brings to a question that an earlier one
// ended with, nil if it brings none. Whether there was such a question the gate
// finds out from the state.
func replyOf(params *mcp.CallToolParamsRaw) *gate.Reply {
	if params.RequestState == "" && params.InputResponses == nil {
		return nil
	}
	answer, _ := params.InputResponses[approve].(*mcp.ElicitResult)
	return &gate.Reply{State: params.RequestState, Approved: len(params.InputResponses) == 1 && isYes(answer)}
}

// isYes reports whether a form was filled in with the explicit yes and nothing
// else.
func isYes(answer *mcp.ElicitResult) bool {
	if answer == nil || answer.Action != "accept" || len(answer.Content) != 1 {
		return false
	}
	yes, ok := answer.Content[approve].(bool)
	return ok && yes
}

// canAsk reports whether the client can show its human a form. An elicitation
// capability that names no mode is one of forms, as it was before there were
// others.
func canAsk(req *mcp.CallToolRequest) bool {
	var known *mcp.ClientCapabilities
	if asksByResult(req.Session) {
		if said, ok := req.Params.Meta[mcp.MetaKeyClientCapabilities].(map[string]any); ok && said["elicitation"] == nil {
			return false // as most calls say; the library would encode and decode all of it
		}
		known = req.ClientCapabilities()
	} else if hello := req.Session.InitializeParams(); hello != nil {
		known = hello.Capabilities
	}
	if known == nil || known.Elicitation == nil {
		return false
	}
	return known.Elicitation.Form != nil || known.Elicitation.URL == nil
}

// asksByResult reports in which of the two ways a session asks. It is the
// session's first request that decides, as it does for the library.
func asksByResult(session *mcp.ServerSession) bool {
	hello := session.InitializeParams()
	return hello == nil || hello.ProtocolVersion >= sinceAsking
}
