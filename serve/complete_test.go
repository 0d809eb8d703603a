package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"aegis/internal/gatetest"
	"aegis/internal/sampleforge"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// completing asks for values of an argument.
func (f *face) completing(t *testing.T, ref *mcp.CompleteReference, argument, value string, given map[string]string) (values []string, more bool) {
	t.Helper()
	params := &mcp.CompleteParams{Ref: ref, Argument: mcp.CompleteParamsArgument{Name: argument, Value: value}}
	if given != nil {
		params.Context = &mcp.CompleteContext{Arguments: given}
	}
	result, err := f.Complete(t.Context(), params)
	if err != nil {
		t.Errorf("%s %q: %v", argument, value, err)
		return nil, false
	}
	if result.Completion.Values == nil || len(result.Completion.Values) > 100 || result.Completion.Total != 0 {
		t.Errorf("%s %q: %+v", argument, value, result.Completion)
	}
	return result.Completion.Values, result.Completion.HasMore
}

var (
	aFile   = &mcp.CompleteReference{Type: "ref/resource", URI: "gitea://{owner}/{repo}/file/{+path}{?ref}"}
	anIssue = &mcp.CompleteReference{Type: "ref/resource", URI: "gitea://{owner}/{repo}/issue/{n}"}
	aReview = &mcp.CompleteReference{Type: "ref/prompt", Name: "review_pull_request"}
	aNote   = &mcp.CompleteReference{Type: "ref/prompt", Name: "summarise_release"}
)

func TestI1_CompletionsComeThroughTheGate(t *testing.T) {
	t.Parallel()
	service := map[string]string{"owner": "acme", "repo": "service"}
	for _, era := range eras {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			f := visit(t, era, sampled(t, nil), gatetest.Config{Policy: `
version: 1
defaults: {read: allow}
paths: {deny: ["secrets/**", "config/*"]}
repositories: {"acme/hr-*": {read: deny}}
`})
			for _, c := range []struct {
				ref      *mcp.CompleteReference
				argument string
				value    string
				given    map[string]string
				want     []string
			}{
				{aFile, "owner", "", nil, []string{"acme"}},
				{aReview, "owner", "AC", nil, []string{"acme"}},
				{aReview, "owner", "x", nil, nil},
				{aFile, "repo", "", map[string]string{"owner": "acme"}, []string{"playground", "service", "website"}},
				{anIssue, "repo", "Serv", map[string]string{"owner": "acme"}, []string{"service"}},
				{aReview, "repo", "web", nil, []string{"website"}},
				{aReview, "repo", "hr", map[string]string{"owner": "acme"}, nil},
				{aReview, "repo", "", map[string]string{"owner": "../x"}, nil},
				{aFile, "ref", "m", service, []string{"main"}},
				{aFile, "ref", "M", service, nil},
				{aFile, "ref", "", map[string]string{"owner": "acme", "repo": "hr-people"}, nil},
				{aNote, "tag", "v", map[string]string{"owner": "acme", "repo": "website"}, []string{"v1.0"}},
				{aFile, "path", "", service, []string{"README.md", "config/", "docs/", "main.go"}},
				{aFile, "path", "docs/", service, []string{"docs/operations.md"}},
				{aFile, "path", "docs/op", map[string]string{"owner": "acme", "repo": "service", "ref": "main"}, []string{"docs/operations.md"}},
				{aFile, "path", "secrets/", service, nil},
				{aFile, "path", "config/d", service, nil},
				{aFile, "path", "docs/../secrets/", service, nil},
				{aFile, "path", "/", service, nil},
				{aFile, "path", "x", map[string]string{"owner": "acme", "repo": "service", "ref": "HEAD"}, nil},
				{aFile, "path", "", nil, nil},
				{aReview, "number", "1", service, nil},
				{anIssue, "n", "1", service, nil},
				{anIssue, "path", "", service, nil},
				{aFile, "nonsense", "", service, nil},
			} {
				before := len(f.door.Entries())
				values, _ := f.completing(t, c.ref, c.argument, c.value, c.given)
				slices.Sort(values)
				if !slices.Equal(values, c.want) {
					t.Errorf("%s %q of %v: %q, want %q", c.argument, c.value, c.given, values, c.want)
				}
				for _, entry := range f.door.Entries()[before:] {
					if entry["kind"] != "session_start" && (entry["request"] == nil || entry["tool"] == nil) {
						t.Errorf("%s %q: the log says %v", c.argument, c.value, entry)
					}
				}
				if len(values) > 0 && len(f.door.Entries()) < before+2 {
					t.Errorf("%s %q: the log says nothing", c.argument, c.value)
				}
			}
			for _, ref := range []*mcp.CompleteReference{
				{Type: "ref/prompt", Name: "nonsense"}, {Type: "ref/resource", URI: "{+uri}"}, {Type: "ref/resource", URI: "file:///{path}"},
			} {
				_, err := f.Complete(t.Context(), &mcp.CompleteParams{Ref: ref, Argument: mcp.CompleteParamsArgument{Name: "owner"}})
				if code, message, _, _ := failed(t, err); code != -32602 || message != "unknown prompt or resource template" {
					t.Errorf("%v: %d %s", ref, code, message)
				}
			}
		})
	}
}

// At most a hundred values, none that is redacted, and the limits hold.
func TestCompletionsAreBounded(t *testing.T) {
	t.Parallel()
	var branches []map[string]any
	for n := range 120 {
		branches = append(branches, map[string]any{"name": fmt.Sprintf("topic/%03d", n)})
	}
	branches[3]["name"] = "topic/" + sampleforge.DemoToken()
	f := visit(t, eras[0], sampled(t, map[string]http.HandlerFunc{website + "/branches": func(w http.ResponseWriter, r *http.Request) {
		rows := branches
		if r.URL.Query().Get("page") != "1" {
			rows = nil
		}
		body, _ := json.Marshal(rows)
		answering(string(body))(w, r)
	}}), gatetest.Config{Policy: "version: 1\nlimits: {calls_per_minute: 3}\n"})
	given := map[string]string{"owner": "acme", "repo": "website"}
	values, more := f.completing(t, aFile, "ref", "topic", given)
	if len(values) == 0 || !more || strings.Contains(strings.Join(values, " "), "redacted") {
		t.Errorf("%d values, more %t: %q", len(values), more, values)
	}
	for range 2 {
		f.completing(t, aFile, "ref", "topic", given)
	}
	if values, _ := f.completing(t, aFile, "ref", "topic", given); len(values) > 0 || f.last()["code"] != "rate_limited" {
		t.Errorf("beyond the limit: %q, %v", values, f.last())
	}
}
