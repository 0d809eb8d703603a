package serve

import (
	"context"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// offer is a receiving middleware that leaves out of every list what can't work
// in this session, by the policy in force when the list is asked for: tools
// that no call of could be allowed, and the resources and prompts that are made
// of them. It hides and does not refuse: whoever asks for one anyway gets the
// gate's answer.
func (s *Server) offer(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, req mcp.Request) (mcp.Result, error) {
		switch r := req.(type) {
		case *mcp.ListToolsRequest:
			return s.listTools(r.Params)
		case *mcp.CallToolRequest:
			s.register(r.Params.Name)
		}
		result, err := next(ctx, method, req)
		if err != nil {
			return result, err
		}
		switch r := result.(type) { // each with a slice of its own
		case *mcp.ListResourceTemplatesResult:
			offered := s.offered()
			r.ResourceTemplates = slices.DeleteFunc(r.ResourceTemplates, func(t *mcp.ResourceTemplate) bool {
				known := templateOf(t.Name)
				return known == nil || !offered(known.tool)
			})
		case *mcp.ListPromptsResult:
			offered := s.offered()
			r.Prompts = slices.DeleteFunc(r.Prompts, func(p *mcp.Prompt) bool {
				return slices.ContainsFunc(s.prompts[p.Name].Needs, func(tool string) bool { return !offered(tool) })
			})
		}
		return result, nil
	}
}

// offered tells by name which tools this session is shown, by the policy in
// force now.
func (s *Server) offered() func(name string) bool {
	offers := s.gate.Offers(s.caller)
	return func(name string) bool {
		tool, ok := s.tools[name]
		return ok && offers(tool.Name, tool.Capability)
	}
}
