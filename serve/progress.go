package serve

import (
	"context"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// progressOf returns what tells a client how far its call is, nil if the client
// did not ask for it. It blocks while the client does not read.
func progressOf(ctx context.Context, req *mcp.CallToolRequest) func(done, total float64, message string) {
	token := req.Params.GetProgressToken()
	if token == nil || req.Session == nil {
		return nil
	}
	return func(done, total float64, message string) {
		// A client that can't be told will not get its answer either.
		_ = req.Session.NotifyProgress(ctx, &mcp.ProgressNotificationParams{
			ProgressToken: token, Progress: done, Total: total, Message: message,
		})
	}
}
