package serve

import (
	"context"
	"encoding/json"
	"time"

	"aegis/gate"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
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

// maxAsked is how often the human is asked about one call, should what is asked
// change while the answer is waited for.
const maxAsked = 3

// refusalTime bounds what is done about a no.
const refusalTime = 10 * time.Second

// call makes a call of a tool. If the gate wants it, the client's human is asked;
// every question is answered to the gate once, and everything but an explicit yes
// in time is a no.
func (s *Server) call(ctx context.Context, req *mcp.CallToolRequest, tool gate.Tool) (*mcp.CallToolResult, error) {
	call := gate.Call{
		Request: json.RawMessage(RequestID(req)), Args: req.Params.Arguments, Progress: progressOf(ctx, req),
		CanAsk: canAsk(req) && s.questions.room(len(req.Params.Arguments)), Reply: replyOf(req.Params),
	}
	if call.Reply != nil {
		s.questions.answered(call.Reply.State, tool, call)
	}
	answer := s.gate.Do(ctx, s.caller, s.connection, tool, call)
	for asked := 1; answer.Ask != nil; asked++ {
		question := answer.Ask
		opened := asked <= maxAsked && s.questions.open(question, tool, call)
		if opened && asksByResult(req.Session) {
			s.questions.leave(question)
			return asking(question), nil
		}
		approved := opened && s.elicit(ctx, req.Session, question)
		s.questions.answered(question.State, tool, call)
		call.Reply = &gate.Reply{State: question.State, Approved: approved}
		if !approved {
			if answer = s.refuse(ctx, tool, call); answer.Ask != nil {
				return nil, &Refusal{Code: jsonrpc.CodeInternalError, Message: "internal error"}
			}
			break
		}
		answer = s.gate.Do(ctx, s.caller, s.connection, tool, call)
	}
	return toolResult(answer), nil
}

// refuse tells the gate of a no, whoever has given up waiting for it.
func (s *Server) refuse(ctx context.Context, tool gate.Tool, call gate.Call) gate.Answer {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refusalTime)
	defer cancel()
	call.Progress = nil
	return s.gate.Do(ctx, s.caller, s.connection, tool, call)
}

// elicit asks the client's human by a request to the client, and waits until the
// question expires or ctx is done. Whatever goes wrong is a no.
func (s *Server) elicit(ctx context.Context, to *mcp.ServerSession, question *gate.Question) bool {
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
