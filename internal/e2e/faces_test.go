package e2e

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"aegis/internal/sampleforge"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Tools, resources, prompts and completions of the program itself, as a client
// of either era of the protocol meets them.
func TestEveryFaceInBothEras(t *testing.T) {
	t.Parallel()
	for _, era := range []string{"2025-11-25", "2026-07-28"} {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			forge, folder := newForge(t), t.TempDir()
			command := exec.Command(aegis(t), "--stdio", "--audit-log", logIn(folder))
			command.Env, command.Dir = environment(folder, forge.URL), folder
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			client, err := mcp.NewClient(&mcp.Implementation{Name: "faces", Version: "1"}, nil).
				Connect(ctx, &mcp.CommandTransport{Command: command}, &mcp.ClientSessionOptions{ProtocolVersion: era})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			if got := client.InitializeResult().ProtocolVersion; got != era {
				t.Errorf("negotiated %s", got)
			}

			tools, err := client.ListTools(ctx, nil)
			if err != nil || len(tools.Tools) < 8 || tools.CacheScope != "private" {
				t.Errorf("tools: %+v, %v", tools, err)
			}
			templates, err := client.ListResourceTemplates(ctx, nil)
			if err != nil || len(templates.ResourceTemplates) != 4 {
				t.Errorf("templates: %+v, %v", templates, err)
			}
			if resources, err := client.ListResources(ctx, nil); err != nil || len(resources.Resources) != 0 {
				t.Errorf("resources: %+v, %v", resources, err)
			}
			prompts, err := client.ListPrompts(ctx, nil)
			if err != nil || len(prompts.Prompts) != 3 {
				t.Errorf("prompts: %+v, %v", prompts, err)
			}

			file, err := client.ReadResource(ctx, &mcp.ReadResourceParams{URI: "gitea://acme/service/file/config/deploy.env"})
			if err != nil || len(file.Contents) != 2 || !strings.HasPrefix(file.Contents[0].Text, "<<untrusted ") {
				t.Errorf("a file: %+v, %v", file, err)
			} else if text := file.Contents[0].Text; strings.Contains(text, sampleforge.PlantedKey()) || !strings.Contains(text, "[redacted:aws-access-token]") {
				t.Errorf("the file's key: %s", text)
			}
			_, err = client.ReadResource(ctx, &mcp.ReadResourceParams{URI: "gitea://acme/website/file/%2eenv"})
			var refused *jsonrpc.Error
			if !errors.As(err, &refused) || refused.Code != -32000 || refused.Message != "path_denied: Policy does not show this path." ||
				!strings.Contains(string(refused.Data), `"rule":"built-in paths.deny"`) {
				t.Errorf("a file that policy hides: %v", err)
			}
			_, err = client.ReadResource(ctx, &mcp.ReadResourceParams{URI: "gitea://acme/website/file/a b"})
			if !errors.As(err, &refused) || refused.Code != -32602 || !strings.Contains(string(refused.Data), `"invalid_arguments"`) {
				t.Errorf("a URI that is none: %v", err)
			}

			prompt, err := client.GetPrompt(ctx, &mcp.GetPromptParams{Name: "triage_issues", Arguments: map[string]string{"owner": "acme", "repo": "website"}})
			if err != nil || len(prompt.Messages) != 1 {
				t.Errorf("a prompt: %+v, %v", prompt, err)
			}
			completed, err := client.Complete(ctx, &mcp.CompleteParams{
				Ref:      &mcp.CompleteReference{Type: "ref/prompt", Name: "triage_issues"},
				Argument: mcp.CompleteParamsArgument{Name: "repo", Value: "web"},
				Context:  &mcp.CompleteContext{Arguments: map[string]string{"owner": "acme"}},
			})
			if err != nil || !slices.Equal(completed.Completion.Values, []string{"website"}) {
				t.Errorf("a completion: %+v, %v", completed, err)
			}
			if err := client.Close(); err != nil {
				t.Error(err)
			}
			counts := count(verified(t, logIn(folder)))
			if counts["session_start"] != 1 || counts["session_end"] != 1 || counts["decision"] != 4 || counts["outcome"] != 2 {
				t.Errorf("the log has %v", counts)
			}
		})
	}
}
