package http

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// What is wrong with a message is told in fixed words: nothing of it comes back, and no
// type of Go's, path or stack.
func TestI9_ErrorsHaveFixedTexts(t *testing.T) {
	t.Parallel()
	s := start(t, stage{config: func(c *Config) { c.RateByKey = 0 }})
	session := s.enter(keyOf("alice"), eras[0], nil)
	const marker = "quillfrost"
	call := func(params string) string {
		return `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{` + params + `}}`
	}
	bodies := map[string]string{
		"no JSON":             "{" + marker,
		"nothing":             "",
		"a batch":             `[{"jsonrpc":"2.0","id":1,"method":"ping"}]`,
		"a member twice":      `{"jsonrpc":"2.0","id":1,"id":2,"method":"` + marker + `"}`,
		"another case":        `{"JSONRPC":"2.0","id":1,"method":"ping"}`,
		"another version":     `{"jsonrpc":"` + marker + `","id":1,"method":"ping"}`,
		"an object for an id": `{"jsonrpc":"2.0","id":{"` + marker + `":1},"method":"ping"}`,
		"an unknown method":   `{"jsonrpc":"2.0","id":1,"method":"` + marker + `"}`,
		"an unknown tool":     call(`"name":"` + marker + `"`),
		"a list of arguments": call(`"name":"get_me","arguments":["` + marker + `"]`),
		"a strange level":     `{"jsonrpc":"2.0","id":1,"method":"logging/setLevel","params":{"level":"` + marker + `"}}`,
		"an unknown resource": `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///` + marker + `"}}`,
		"an unknown prompt":   `{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"` + marker + `"}}`,
		"a wrong type":        `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":{"` + marker + `":1}}}`,
		"a late hello":        `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"` + marker + `","capabilities":{},"clientInfo":{"name":"x","version":"1"}}}`,
		"an answer to nobody": `{"jsonrpc":"2.0","id":99,"result":{"` + marker + `":1}}`,
		"deep":                `{"jsonrpc":"2.0","id":1,"method":"ping","params":` + strings.Repeat(`{"a":`, 100) + `1` + strings.Repeat(`}`, 100) + `}`,
	}
	for name, body := range bodies {
		for where, header := range map[string][]string{
			"in a session":     {"Mcp-Session-Id", session.ID(), "Mcp-Protocol-Version", eras[0]},
			"without one":      {"Mcp-Protocol-Version", eras[0]},
			"without headers":  {},
			"newer":            {"Mcp-Protocol-Version", eras[1]},
			"a strange header": {"Mcp-Protocol-Version", marker, "Mcp-Session-Id", marker, "Last-Event-Id", marker, "Mcp-Method", marker, "Mcp-Name", marker},
			"an old version":   {"Mcp-Protocol-Version", "2024-99-99" + marker},
		} {
			response, answer := s.request(http.MethodPost, s.url, body, append(header, "Authorization", "Bearer "+keyOf("alice"))...)
			told := answer + fmt.Sprint(response.Header)
			for _, never := range []string{marker, "json:", "unmarshal", "jsonrpc2", "go-sdk", "mcp.", ".go", "panic", "/mcp/", "struct {"} {
				if strings.Contains(told, never) {
					t.Errorf("%s, %s: %d %s tells %q", name, where, response.StatusCode, told, never)
				}
			}
			if response.StatusCode >= 500 {
				t.Errorf("%s, %s: %d %s", name, where, response.StatusCode, answer)
			}
		}
	}
	if a := s.ask(session, "get_me", nil); a.code != "" {
		t.Errorf("the session after them: %s", a.text)
	}
	_, answer := s.request(http.MethodPost, s.url, modern(1, "resources/read", `"uri":"gitea://acme/website/file/secrets.pem"`),
		"Authorization", "Bearer "+keyOf("alice"), "Mcp-Protocol-Version", eras[1], "Mcp-Method", "resources/read", "Mcp-Name", "gitea://acme/website/file/secrets.pem")
	if !strings.Contains(answer, "path_denied") || strings.Contains(answer, "internal error") {
		t.Errorf("a refusal of the gate's keeps its words: %s", answer)
	}
}
