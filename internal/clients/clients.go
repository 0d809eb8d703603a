// Package clients knows where MCP clients keep which servers they start, and how.
//
// Each client has a file of its own format: JSON, JSON with comments, or TOML. [Edit] and
// [Remove] change one entry of such a text and nothing else: comments, order and layout
// stay as they are. What comes out is parsed again and held against what went in; a text
// that can't be changed in that way is an error, and stays as it is. [Entries] reads the
// servers that a text names.
//
// The package reads and writes no files.
package clients

import (
	"path/filepath"
	"slices"
)

// Name is what Aegis' entry is called.
const Name = "aegis"

// Server is how a client starts a server.
type Server struct {
	Command string
	Args    []string
	Env     map[string]string
}

// Place is where files are looked for on a machine.
type Place struct {
	OS      string // as Go calls it
	Home    string
	Config  string // $XDG_CONFIG_HOME, or .config below home
	AppData string // on Windows
}

// Client is a program that starts MCP servers.
type Client struct {
	Name  string // as --client takes it
	Title string
	// Terminal is whether it is started from a shell, and has its PATH.
	Terminal bool
	// Own says how the client itself is told of a server, nil where its file is edited.
	Own func(Server) []string

	format format
	key    string // of the table of servers
	entry  func(Server) any
	file   func(Place) string
}

// File is the client's file for its user, whether it is there or not.
func (c Client) File(p Place) string { return c.file(p) }

// Folder is what is there if the client is installed.
func (c Client) Folder(p Place) string { return filepath.Dir(c.file(p)) }

// format is how a file is written.
type format uint8

const (
	withComments format = iota // JSON, in which there may be comments and last commas
	plainJSON
	tomlFormat
)

// All returns the clients that are known.
func All() []Client { return slices.Clone(all) }

// Find returns the client of a name.
func Find(name string) (Client, bool) {
	i := slices.IndexFunc(all, func(c Client) bool { return c.Name == name })
	if i < 0 {
		return Client{}, false
	}
	return all[i], true
}

var all = []Client{
	{Name: "claude-desktop", Title: "Claude Desktop", format: plainJSON, key: "mcpServers", entry: plain, file: func(p Place) string {
		return p.application("Claude", "claude_desktop_config.json")
	}},
	{Name: "claude-code", Title: "Claude Code", Terminal: true, format: plainJSON, key: "mcpServers", entry: typed("stdio"), file: func(p Place) string {
		return filepath.Join(p.Home, ".claude.json")
	}, Own: claudeCode},
	{Name: "vscode", Title: "VS Code", format: withComments, key: "servers", entry: typed("stdio"), file: func(p Place) string {
		return p.application("Code", "User", "mcp.json")
	}},
	{Name: "cursor", Title: "Cursor", format: withComments, key: "mcpServers", entry: plain, file: func(p Place) string {
		return filepath.Join(p.Home, ".cursor", "mcp.json")
	}},
	{Name: "windsurf", Title: "Windsurf", format: withComments, key: "mcpServers", entry: plain, file: func(p Place) string {
		return filepath.Join(p.Home, ".codeium", "windsurf", "mcp_config.json")
	}},
	{Name: "zed", Title: "Zed", format: withComments, key: "context_servers", entry: plain, file: func(p Place) string {
		if p.OS == "windows" {
			return filepath.Join(p.AppData, "Zed", "settings.json")
		}
		return filepath.Join(p.Home, ".config", "zed", "settings.json")
	}},
	{Name: "codex", Title: "Codex", Terminal: true, format: tomlFormat, key: "mcp_servers", entry: plain, file: func(p Place) string {
		return filepath.Join(p.Home, ".codex", "config.toml")
	}},
	{Name: "gemini", Title: "Gemini CLI", Terminal: true, format: withComments, key: "mcpServers", entry: plain, file: func(p Place) string {
		return filepath.Join(p.Home, ".gemini", "settings.json")
	}},
	{Name: "copilot", Title: "Copilot CLI", Terminal: true, format: withComments, key: "mcpServers", entry: copilot, file: func(p Place) string {
		return filepath.Join(p.Home, ".copilot", "mcp-config.json")
	}},
	{Name: "opencode", Title: "opencode", Terminal: true, format: withComments, key: "mcp", entry: opencode, file: func(p Place) string {
		return filepath.Join(p.Home, ".config", "opencode", "opencode.json")
	}},
	{Name: "cline", Title: "Cline", format: withComments, key: "mcpServers", entry: plain, file: func(p Place) string {
		return p.application("Code", "User", "globalStorage", "saoudrizwan.claude-dev", "settings", "cline_mcp_settings.json")
	}},
}

// application is a file of an application with windows.
func (p Place) application(below ...string) string {
	switch p.OS {
	case "darwin":
		return filepath.Join(append([]string{p.Home, "Library", "Application Support"}, below...)...)
	case "windows":
		return filepath.Join(append([]string{p.AppData}, below...)...)
	}
	return filepath.Join(append([]string{p.Config}, below...)...)
}

// The entries, as the clients have them. Members are in the order in which they are
// written.
type (
	plainEntry struct {
		Command string            `json:"command" toml:"command"`
		Args    []string          `json:"args" toml:"args"`
		Env     map[string]string `json:"env,omitempty" toml:"env,omitempty"`
	}
	typedEntry struct {
		Type string `json:"type"`
		plainEntry
		Tools []string `json:"tools,omitempty"`
	}
	opencodeEntry struct {
		Type        string            `json:"type"`
		Command     []string          `json:"command"`
		Environment map[string]string `json:"environment,omitempty"`
		Enabled     bool              `json:"enabled"`
	}
)

func plain(s Server) any { return plainEntry(s) }

func typed(as string) func(Server) any {
	return func(s Server) any { return typedEntry{Type: as, plainEntry: plainEntry(s)} }
}

func copilot(s Server) any {
	return typedEntry{Type: "local", plainEntry: plainEntry(s), Tools: []string{"*"}}
}

func opencode(s Server) any {
	return opencodeEntry{Type: "local", Command: append([]string{s.Command}, s.Args...), Environment: s.Env, Enabled: true}
}

// claudeCode is the command by which Claude Code is told of a server, for its user.
func claudeCode(s Server) []string {
	command := []string{"claude", "mcp", "add", "--scope", "user", Name}
	for _, name := range sortedKeys(s.Env) {
		command = append(command, "--env", name+"="+s.Env[name])
	}
	return append(append(command, "--", s.Command), s.Args...)
}
