package serve

import (
	"context"
	"encoding/json"
	"errors"

	"aegis/gate"
	"aegis/serve/frame"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// template is a kind of resource: another way to call a tool that reads.
type template struct {
	kind     string // the URI's third part
	uri      string
	title    string
	about    string
	mime     string
	tool     string
	argument string // of the tool, that the rest of the URI's path stands for
}

var templates = []template{
	{"file", scheme + "{owner}/{repo}/file/{+path}{?ref}", "A file",
		"A file's text at a ref, secrets redacted, between untrusted marks. The default branch's without ref.", "text/plain", "get_file_contents", "path"},
	{"issue", scheme + "{owner}/{repo}/issue/{n}", "An issue", "An issue with its body.", "application/json", "get_issue", "number"},
	{"pull", scheme + "{owner}/{repo}/pull/{n}", "A pull request", "A pull request with its body.", "application/json", "get_pull_request", "number"},
	{"commit", scheme + "{owner}/{repo}/commit/{sha}", "A commit", "A commit with its files and diff.", "application/json", "get_commit", "sha"},
}

func templateOf(kind string) *template {
	for i := range templates {
		if templates[i].kind == kind {
			return &templates[i]
		}
	}
	return nil
}

// anyURI matches what no template does, so that it is refused for its reason. It
// is listed nowhere.
const anyURI = "{+uri}"

func (s *Server) addResources() {
	for _, t := range templates {
		s.mcp.AddResourceTemplate(&mcp.ResourceTemplate{
			Name: t.kind, Title: t.title, Description: t.about, MIMEType: t.mime, URITemplate: t.uri,
		}, s.readResource)
	}
	s.mcp.AddResourceTemplate(&mcp.ResourceTemplate{Name: "any", URITemplate: anyURI}, s.readResource)
}

// misaddressed is a receiving middleware that answers for URIs that the library
// takes for none at all: those are refused like any other.
func (s *Server) misaddressed(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		if read, ok := req.(*mcp.ReadResourceRequest); ok && read.Params != nil {
			if at, ok := parseURI(read.Params.URI); !ok || at.bad != "" {
				result, err := s.readResource(ctx, read)
				if err != nil {
					return nil, err
				}
				return result, nil
			}
		}
		return next(ctx, method, req)
	}
}

// readResource calls the tool that a URI stands for, through the gate like any
// other call. A URI that is known to be for a tool and is malformed is that
// tool's invalid_arguments, decided and recorded there.
func (s *Server) readResource(ctx context.Context, req *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
	at, ok := parseURI(req.Params.URI)
	tool, known := s.tools[at.tool]
	if !ok || !known {
		return nil, unknown("resource")
	}
	call := gate.Call{Request: frame.RequestID(req), Trace: frame.Trace(req), Args: tool.Arguments(at.args)}
	read := tool.Tool
	if at.bad != "" {
		call.Args, _ = json.Marshal(map[string]string{"uri": req.Params.URI})
		read.Prepare = func(json.RawMessage) (gate.Prepared, error) { return gate.Prepared{}, errors.New(at.bad) }
	}
	answer := s.gate.Do(ctx, s.caller, s.connections.of(req), read, call)
	if answer.IsError {
		return nil, refusalOf(answer)
	}
	uri := s.gate.Clean(req.Params.URI)
	result := &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{
		{URI: uri, MIMEType: "application/json", Text: string(answer.Object)},
	}}
	if answer.Text != "" {
		text := &mcp.ResourceContents{URI: uri, MIMEType: "text/plain", Text: answer.Text}
		result.Contents = append(result.Contents, text)
		if at.tool == "get_file_contents" { // the file first; the record says where it is from
			result.Contents[0], result.Contents[1] = text, result.Contents[0]
		}
	}
	return result, nil
}

// refusalOf makes a protocol error of a failed answer, for requests that have
// no other way to fail: its code and message are its text, all that it says its
// data. Both were scrubbed by the gate.
func refusalOf(answer gate.Answer) *frame.Refusal {
	var object struct{ Error json.RawMessage }
	var said struct{ Message string }
	if json.Unmarshal(answer.Object, &object) != nil || json.Unmarshal(object.Error, &said) != nil {
		return &frame.Refusal{Code: jsonrpc.CodeInternalError, Message: "internal error"}
	}
	r := &frame.Refusal{Code: frame.CodeServer, Message: string(answer.Code) + ": " + said.Message, Data: object.Error}
	switch answer.Code {
	case gate.InvalidArguments, gate.NotFound:
		r.Code = jsonrpc.CodeInvalidParams
	case gate.Internal:
		r.Code = jsonrpc.CodeInternalError
	}
	return r
}

// unknown is the answer for a name that exists nowhere.
func unknown(what string) *frame.Refusal {
	return &frame.Refusal{Code: jsonrpc.CodeInvalidParams, Message: "unknown " + what}
}
