package serve

import (
	"context"

	"aegis/serve/frame"
	"aegis/tools"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func (s *Server) addPrompts() {
	for _, prompt := range tools.Prompts() {
		s.prompts[prompt.Name] = prompt
		described := &mcp.Prompt{Name: prompt.Name, Title: prompt.Title, Description: prompt.Description}
		for _, argument := range prompt.Arguments {
			described.Arguments = append(described.Arguments, &mcp.PromptArgument{
				Name: argument.Name, Description: argument.Description, Required: argument.Required,
			})
		}
		s.mcp.AddPrompt(described, func(_ context.Context, req *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
			return s.getPrompt(prompt, req.Params.Arguments)
		})
	}
}

// getPrompt composes a prompt's text. Nothing is read for it, so it does not
// pass the gate; what the caller gave is in it, so that it is scrubbed all the
// same.
func (s *Server) getPrompt(prompt tools.Prompt, given map[string]string) (*mcp.GetPromptResult, error) {
	text, err := prompt.Compose(given)
	if err != nil {
		return nil, &frame.Refusal{Code: jsonrpc.CodeInvalidParams, Message: err.Error()}
	}
	return &mcp.GetPromptResult{
		Description: prompt.Description,
		Messages:    []*mcp.PromptMessage{{Role: "user", Content: &mcp.TextContent{Text: s.gate.Clean(text)}}},
	}, nil
}
