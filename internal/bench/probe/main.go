// Probe is the server that Aegis' start is measured against: three tools, made
// with the same MCP library in its plainest way, and nothing behind them.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type repository struct {
	Owner string `json:"owner" jsonschema:"who it belongs to"`
	Repo  string `json:"repo" jsonschema:"its name"`
}

type file struct {
	repository
	Path string `json:"path" jsonschema:"the file's path"`
	Ref  string `json:"ref,omitempty" jsonschema:"branch, tag or commit"`
}

type issue struct {
	repository
	Number int `json:"number" jsonschema:"the issue's number"`
}

func main() {
	server := mcp.NewServer(&mcp.Implementation{Name: "probe", Version: "1"}, nil)
	add[repository](server, "get_repository")
	add[file](server, "get_file_contents")
	add[issue](server, "get_issue")
	if err := server.Run(context.Background(), &mcp.StdioTransport{}); err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(1)
	}
}

// add adds a tool that takes A and answers with its own name.
func add[A any](server *mcp.Server, name string) {
	mcp.AddTool(server, &mcp.Tool{Name: name, Description: "Answers with its own name."},
		func(context.Context, *mcp.CallToolRequest, A) (*mcp.CallToolResult, any, error) {
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: name}}}, nil, nil
		})
}
