package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"aegis/internal/sampleforge"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// guest is the demo's MCP client and the Aegis that it started. Like any
// client it knows the server by what comes over the wire alone.
type guest struct {
	*mcp.ClientSession        // nil if the server did not answer
	connection         wire   // to the server
	log                string // the audit log's file
	calls              int    // made so far
	errors             bytes.Buffer
}

// wire is a transport that keeps its connection, to be closed whatever became
// of the session over it: closing it is what ends the server.
type wire struct {
	mcp.CommandTransport
	mcp.Connection
}

// Connect implements [mcp.Transport].
func (w *wire) Connect(ctx context.Context) (_ mcp.Connection, err error) {
	w.Connection, err = w.CommandTransport.Connect(ctx)
	return w.Connection, err
}

// startGuest starts this program as a server and says hello. Everything that
// the server writes goes below folder; of this process' environment it gets
// nothing but what an operating system demands. The guest is never nil.
func startGuest(ctx context.Context, folder string) (*guest, error) {
	g := &guest{log: filepath.Join(folder, "audit.jsonl")}
	self, err := os.Executable()
	if err != nil {
		return g, err
	}
	server := exec.CommandContext(ctx, self, "--stdio", "--demo")
	server.Env = []string{"AUDIT_LOG_PATH=" + g.log}
	for _, name := range []string{
		"HOME", "USERPROFILE", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "LocalAppData", "AppData", "TMPDIR", "TMP", "TEMP",
	} {
		server.Env = append(server.Env, name+"="+folder)
	}
	if root, ok := os.LookupEnv("SystemRoot"); ok { // Windows has no sockets without
		server.Env = append(server.Env, "SystemRoot="+root)
	}
	server.Dir = folder
	server.Stderr = &g.errors
	server.WaitDelay = time.Second
	g.connection.CommandTransport = mcp.CommandTransport{Command: server, TerminateDuration: 2 * time.Second}
	client := mcp.NewClient(&mcp.Implementation{Name: "aegis-demo", Version: Version}, nil)
	g.ClientSession, err = client.Connect(ctx, &g.connection, nil)
	if err != nil {
		return g, fmt.Errorf("the server did not answer: %w", err)
	}
	return g, nil
}

// end closes the connection and waits until the server is gone. It may be
// called more than once.
func (g *guest) end() {
	if g.ClientSession != nil {
		_ = g.Close()
	}
	if g.connection.Connection != nil {
		_ = g.connection.Close()
	}
}

// reply is an answer of Aegis to a call.
type reply struct {
	Items []struct {
		FullName   string `json:"full_name"`
		Visibility string `json:"visibility"`
		Empty      bool   `json:"empty"`
	} `json:"items"`
	Title    string `json:"title"`
	Author   string `json:"author"`
	Body     string `json:"body"`
	Redacted int    `json:"redacted"`
	Withheld int    `json:"withheld"`
	Hidden   int    `json:"hidden_characters"`
	Error    struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Rule    string `json:"rule"`
		Hint    string `json:"hint"`
	} `json:"error"`

	text string // the second block
}

type arguments map[string]any

// call calls a tool. An answer that holds the planted key or the token, or an
// invisible character, is an error wherever it is.
func (g *guest) call(ctx context.Context, tool string, args arguments) (reply, error) {
	g.calls++
	result, err := g.CallTool(ctx, &mcp.CallToolParams{Name: tool, Arguments: args})
	if err != nil {
		return reply{}, fmt.Errorf("%s: %w", tool, err)
	}
	raw, err := json.Marshal(result)
	if err != nil {
		return reply{}, err
	}
	if err := seemly(string(raw)); err != nil {
		return reply{}, fmt.Errorf("%s: %w", tool, err)
	}
	var r reply
	for i, block := range result.Content {
		text, ok := block.(*mcp.TextContent)
		switch {
		case !ok:
			return reply{}, fmt.Errorf("%s: a block is not text", tool)
		case i == 0:
			if err := json.Unmarshal([]byte(text.Text), &r); err != nil {
				return reply{}, fmt.Errorf("%s: the first block is not JSON", tool)
			}
		default:
			r.text += text.Text
		}
	}
	if err := seemly(r.Title + r.Body + r.text); err != nil { // with JSON's escapes undone
		return reply{}, fmt.Errorf("%s: %w", tool, err)
	}
	if failed := r.Error.Code != ""; failed != result.IsError {
		return reply{}, fmt.Errorf("%s: isError is %t, the code %q", tool, result.IsError, r.Error.Code)
	}
	return r, nil
}

// seemly is what everything that Aegis lets out must be, its audit log too.
func seemly(text string) error {
	for _, secret := range []string{sampleforge.PlantedKey(), sampleforge.DemoToken()} {
		if strings.Contains(text, secret) {
			return errors.New("a SECRET IS VISIBLE in what Aegis let out")
		}
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Cf, r) }) {
		return errors.New("an invisible character is in what Aegis let out")
	}
	return nil
}
