package gatetest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"aegis/forge"
	"aegis/gate"
	"aegis/gate/policy"
	"aegis/internal/canon"
	"aegis/tools"
)

// Commenting is a tool of some name that writes a comment: it asks for no more than it
// takes, so that a forge of a test can be small.
func Commenting(name string) tools.Tool {
	capability, _ := policy.ToolCapability(name)
	tool := tools.Tool{Tool: gate.Tool{Name: name, Capability: capability}}
	tool.Prepare = func(raw json.RawMessage) (gate.Prepared, error) {
		var args struct {
			Owner, Repo, Body string
			Number            int64
		}
		if err := json.Unmarshal(raw, &args); err != nil {
			return gate.Prepared{}, err
		}
		repo, err := canon.ParseFullName(args.Owner + "/" + args.Repo)
		if err != nil {
			return gate.Prepared{}, err
		}
		return gate.Prepared{
			Target:  gate.Repository(repo),
			Written: []gate.Written{{Field: "body", Text: args.Body, Kind: gate.Markdown}},
			Plan: func(context.Context, *gate.Visit) (*gate.Plan, error) {
				return &gate.Plan{
					Steps: []gate.Step{{Write: forge.Write{
						Method: http.MethodPost, Segments: []string{"repos", args.Owner, args.Repo, "issues", fmt.Sprint(args.Number), "comments"},
						Body: map[string]any{"body": args.Body},
					}}},
					Effect: struct {
						Issue int64 `json:"issue"`
					}{args.Number},
					Answer: func([]json.RawMessage) (any, error) { return map[string]any{"done": true}, nil },
				}, nil
			},
		}, nil
	}
	return tool
}
