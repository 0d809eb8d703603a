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
	// Off is whether the client is told not to start it.
	Off bool
}

// Place is where files are looked for on a machine.
type Place struct {
	OS      string // as Go calls it
	Home    string
	Config  string // $XDG_CONFIG_HOME, or .config below home
	AppData string // on Windows
	// Lookup is the environment, in which some clients are told another folder; nil is none.
	Lookup func(string) (string, bool)
}

// Client is a program that starts MCP servers.
type Client struct {
	Name  string // as --client takes it
	Title string
	// Terminal is whether it is started from a shell, and has its PATH.
	Terminal bool
	// Own is how the client itself is told of a server, nil where its file is edited.
	Own *Own

	format format
	key    string // of the table of servers
	entry  func(Server) any
	files  func(Place) []string
	// project is the file, below a project's folder, by which the project has its servers.
	project string
}

// Own is a client's own way to change which servers it starts, for its user.
type Own struct {
	Add    func(Server) []string // the program and its arguments
	Remove []string
}

// Files are where the client may have the file of its user. It has one of them: that which
// is there, or else the first whose folder is, or else the first.
func (c Client) Files(p Place) []string { return c.files(p) }

// InProject is the client's file in a project's folder, "" if it reads none.
func (c Client) InProject(folder string) string {
	if c.project == "" {
		return ""
	}
	return filepath.Join(folder, filepath.FromSlash(c.project))
}

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
	{Name: "claude-desktop", Title: "Claude Desktop", format: plainJSON, key: "mcpServers", entry: plain, files: func(p Place) []string {
		return []string{p.application("Claude", "claude_desktop_config.json")}
	}},
	{Name: "claude-code", Title: "Claude Code", Terminal: true, Own: claudeCode, project: ".mcp.json", format: plainJSON, key: "mcpServers", entry: typed("stdio"), files: func(p Place) []string {
		return []string{filepath.Join(p.told("CLAUDE_CONFIG_DIR", p.Home), ".claude.json")}
	}},
	{Name: "vscode", Title: "VS Code", project: ".vscode/mcp.json", format: withComments, key: "servers", entry: typed("stdio"), files: func(p Place) []string {
		return []string{p.application("Code", "User", "mcp.json")}
	}},
	{Name: "cursor", Title: "Cursor", project: ".cursor/mcp.json", format: withComments, key: "mcpServers", entry: plain, files: func(p Place) []string {
		return []string{filepath.Join(p.Home, ".cursor", "mcp.json")}
	}},
	{Name: "windsurf", Title: "Windsurf", format: withComments, key: "mcpServers", entry: plain, files: func(p Place) []string {
		return []string{filepath.Join(p.Home, ".codeium", "windsurf", "mcp_config.json")}
	}},
	{Name: "zed", Title: "Zed", project: ".zed/settings.json", format: withComments, key: "context_servers", entry: plain, files: func(p Place) []string {
		switch p.OS {
		case "windows":
			return []string{filepath.Join(p.AppData, "Zed", "settings.json")}
		case "darwin":
			return []string{filepath.Join(p.Home, ".config", "zed", "settings.json")}
		}
		return []string{filepath.Join(p.Config, "zed", "settings.json")}
	}},
	// Codex' own command drops the comments of its file.
	{Name: "codex", Title: "Codex", Terminal: true, project: ".codex/config.toml", format: tomlFormat, key: "mcp_servers", entry: plain, files: func(p Place) []string {
		return []string{filepath.Join(p.told("CODEX_HOME", filepath.Join(p.Home, ".codex")), "config.toml")}
	}},
	{Name: "gemini", Title: "Gemini CLI", Terminal: true, Own: geminiCLI, project: ".gemini/settings.json", format: withComments, key: "mcpServers", entry: plain, files: func(p Place) []string {
		return []string{filepath.Join(p.told("GEMINI_CLI_HOME", p.Home), ".gemini", "settings.json")}
	}},
	// Copilot's own command drops the comments of its file, and writes other entries anew.
	{Name: "copilot", Title: "Copilot CLI", Terminal: true, format: withComments, key: "mcpServers", entry: copilot, files: func(p Place) []string {
		return []string{filepath.Join(p.told("COPILOT_HOME", filepath.Join(p.Home, ".copilot")), "mcp-config.json")}
	}},
	// opencode's own command can't remove an entry.
	{Name: "opencode", Title: "opencode", Terminal: true, project: "opencode.json", format: withComments, key: "mcp", entry: opencode, files: func(p Place) []string {
		return []string{filepath.Join(p.Config, "opencode", "opencode.json"), filepath.Join(p.Config, "opencode", "opencode.jsonc")}
	}},
	{Name: "cline", Title: "Cline", format: withComments, key: "mcpServers", entry: plain, files: func(p Place) []string {
		return []string{
			filepath.Join(p.Home, ".cline", "data", "settings", "cline_mcp_settings.json"),
			p.application("Code", "User", "globalStorage", "saoudrizwan.claude-dev", "settings", "cline_mcp_settings.json"), // of older versions
		}
	}},
}

// told is the folder that a variable names, or else another one.
func (p Place) told(variable, otherwise string) string {
	if p.Lookup != nil {
		if folder, _ := p.Lookup(variable); filepath.IsAbs(folder) {
			return folder
		}
	}
	return otherwise
}

// application is a file of an application with windows.
func (p Place) application(below ...string) string {
	folder := p.Config
	switch p.OS {
	case "darwin":
		folder = filepath.Join(p.Home, "Library", "Application Support")
	case "windows":
		folder = p.AppData
	}
	return filepath.Join(append([]string{folder}, below...)...)
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

func plain(s Server) any { return plainEntry{s.Command, s.Args, s.Env} }

func typed(as string) func(Server) any {
	return func(s Server) any { return typedEntry{Type: as, plainEntry: plainEntry{s.Command, s.Args, s.Env}} }
}

func copilot(s Server) any {
	return typedEntry{Type: "local", plainEntry: plainEntry{s.Command, s.Args, s.Env}, Tools: []string{"*"}}
}

func opencode(s Server) any {
	return opencodeEntry{Type: "local", Command: append([]string{s.Command}, s.Args...), Environment: s.Env, Enabled: true}
}
