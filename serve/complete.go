package serve

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"aegis/gate"
	"aegis/gate/caller"
	"aegis/serve/frame"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// maxCompletions is how many values the protocol allows in a completion.
const maxCompletions = 100

// complete proposes values for an argument of a prompt or of a resource
// template. What there is to propose is asked for by calls of the tools that
// list it, through the gate: filtered, scrubbed, counted and recorded like any
// other. A call that fails completes nothing.
func (s *Server) complete(ctx context.Context, req *mcp.CompleteRequest) (*mcp.CompleteResult, error) {
	arguments, ok := s.argumentsOf(req.Params.Ref)
	if !ok {
		return nil, unknown("prompt or resource template")
	}
	c := completion{server: s, on: s.connections.of(req), ctx: ctx, call: gate.Call{Request: frame.RequestID(req), Trace: frame.Trace(req)}, given: make(map[string]string)}
	if known := req.Params.Context; known != nil {
		c.given = known.Arguments
	}
	result := &mcp.CompleteResult{Completion: mcp.CompletionResultDetails{Values: []string{}}}
	argument := req.Params.Argument
	if !slices.Contains(arguments, argument.Name) {
		return result, nil
	}
	found, more := c.values(argument.Name, argument.Value)
	for _, value := range found {
		// A value that was redacted addresses nothing.
		if strings.Contains(value, "[redacted:") || slices.Contains(result.Completion.Values, value) {
			continue
		}
		if len(result.Completion.Values) == maxCompletions {
			more = true
			break
		}
		result.Completion.Values = append(result.Completion.Values, value)
	}
	result.Completion.HasMore = more
	return result, nil
}

// argumentsOf names the arguments of a prompt or the variables of a template.
func (s *Server) argumentsOf(ref *mcp.CompleteReference) (names []string, ok bool) {
	switch ref.Type {
	case "ref/prompt":
		prompt, ok := s.prompts[ref.Name]
		for _, argument := range prompt.Arguments {
			names = append(names, argument.Name)
		}
		return names, ok
	case "ref/resource":
		for _, t := range templates {
			switch {
			case t.uri != ref.URI:
			case t.argument == "path":
				return []string{"owner", "repo", "path", "ref"}, true
			default:
				return []string{"owner", "repo"}, true
			}
		}
	}
	return nil, false
}

// completion is one request for values.
type completion struct {
	server *Server
	on     *caller.Connection
	ctx    context.Context
	call   gate.Call         // without arguments
	given  map[string]string // the arguments that the caller has filled in
}

// item is a row of any list that completions are made of.
type item struct {
	FullName string `json:"full_name"`
	Name     string `json:"name"`
	Path     string `json:"path"`
	Type     string `json:"type"`
}

// values returns what begins with prefix.
func (c *completion) values(argument, prefix string) (found []string, more bool) {
	switch argument {
	case "owner":
		return c.owners(prefix)
	case "repo":
		return c.repositories(prefix)
	case "ref":
		return c.names("list_branches", prefix)
	case "tag":
		return c.names("list_tags", prefix)
	case "path":
		return c.paths(prefix)
	}
	return nil, false
}

// owners looks at the first hundred repositories: nothing lists owners by the
// repositories that may be read.
func (c *completion) owners(prefix string) (found []string, more bool) {
	for page := 1; page <= 2; page++ {
		var rows []item
		rows, more = c.ask("list_repositories", map[string]any{"page": page, "limit": 50})
		for _, row := range rows {
			if owner, _, _ := strings.Cut(row.FullName, "/"); foldedPrefix(owner, prefix) {
				found = append(found, owner)
			}
		}
		if !more {
			break
		}
	}
	return found, more
}

func (c *completion) repositories(prefix string) (found []string, more bool) {
	args := map[string]any{"limit": 50}
	if owner := c.given["owner"]; owner != "" {
		args["owner"] = owner
	}
	if prefix != "" {
		args["query"] = prefix
	}
	for page := 1; page <= 2; page++ {
		args["page"] = page
		var rows []item
		rows, more = c.ask("list_repositories", args)
		for _, row := range rows {
			if _, name, _ := strings.Cut(row.FullName, "/"); foldedPrefix(name, prefix) {
				found = append(found, name)
			}
		}
		if !more {
			break
		}
	}
	return found, more
}

// names lists what has a name in the repository that was given.
func (c *completion) names(tool, prefix string) (found []string, more bool) {
	args := c.repository()
	args["limit"] = 50
	if prefix != "" {
		args["query"] = prefix
	}
	rows, more := c.ask(tool, args)
	for _, row := range rows {
		if strings.HasPrefix(row.Name, prefix) {
			found = append(found, row.Name)
		}
	}
	return found, more
}

// paths lists the folder that prefix lies in. A folder ends in a slash, which
// is where to go on.
func (c *completion) paths(prefix string) (found []string, more bool) {
	args := c.repository()
	args["limit"] = 1000
	if ref := c.given["ref"]; ref != "" {
		args["ref"] = ref
	}
	if at := strings.LastIndexByte(prefix, '/'); at >= 0 {
		args["path"] = prefix[:at]
	}
	rows, more := c.ask("get_file_tree", args)
	for _, row := range rows {
		if row.Type == "folder" {
			row.Path += "/"
		}
		if strings.HasPrefix(row.Path, prefix) {
			found = append(found, row.Path)
		}
	}
	return found, more
}

func (c *completion) repository() map[string]any {
	return map[string]any{"owner": c.given["owner"], "repo": c.given["repo"]}
}

// ask calls a tool and returns its rows, none if it fails.
func (c *completion) ask(name string, args map[string]any) (rows []item, more bool) {
	tool, ok := c.server.tools[name]
	raw, err := json.Marshal(args)
	if !ok || err != nil {
		return nil, false
	}
	call := c.call
	call.Args = raw
	answer := c.server.gate.Do(c.ctx, c.server.caller, c.on, tool.Tool, call)
	var list struct {
		Items   []item `json:"items"`
		HasMore bool   `json:"has_more"`
	}
	if answer.IsError || json.Unmarshal(answer.Object, &list) != nil {
		return nil, false
	}
	return list.Items, list.HasMore
}

// foldedPrefix is HasPrefix for names that Gitea compares in any case.
func foldedPrefix(name, prefix string) bool {
	return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}
