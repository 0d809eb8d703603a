package clients

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

var server = Server{Command: "/opt/my tools/aegis", Args: []string{"--stdio"}, Env: map[string]string{"GITEA_URL": "https://git.example.org"}}

func client(t testing.TB, name string) Client {
	t.Helper()
	c, ok := Find(name)
	if !ok {
		t.Fatalf("there is no client %s", name)
	}
	return c
}

// What stands in a file stays there, in its layout and with its comments.
func TestEditKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ client, before, after string }{
		"an empty file": {"cursor", "", `{
  "mcpServers": {
    "aegis": {
      "command": "/opt/my tools/aegis",
      "args": [
        "--stdio"
      ],
      "env": {
        "GITEA_URL": "https://git.example.org"
      }
    }
  }
}
`},
		"comments, tabs and a last comma": {"zed", "// mine\n{\n\t\"theme\": \"One\", // light\n\t/* servers */\n\t\"context_servers\": {\n\t\t\"other\": {\"command\": \"x\"}, // keep\n\t},\n}\n",
			"// mine\n{\n\t\"theme\": \"One\", // light\n\t/* servers */\n\t\"context_servers\": {\n\t\t\"other\": {\"command\": \"x\"}, // keep\n" +
				"\t\t\"aegis\": {\n\t\t\t\"command\": \"/opt/my tools/aegis\",\n\t\t\t\"args\": [\n\t\t\t\t\"--stdio\"\n\t\t\t],\n\t\t\t\"env\": {\n\t\t\t\t\"GITEA_URL\": \"https://git.example.org\"\n\t\t\t}\n\t\t}\n\t},\n}\n"},
		"a note behind the last one": {"zed", "{\n    \"context_servers\": {\n        \"other\": {} // keep, it, here\n    }\n}",
			"{\n    \"context_servers\": {\n        \"other\": {}, // keep, it, here\n" +
				"        \"aegis\": {\n            \"command\": \"/opt/my tools/aegis\",\n            \"args\": [\n                \"--stdio\"\n            ],\n            \"env\": {\n                \"GITEA_URL\": \"https://git.example.org\"\n            }\n        }\n    }\n}"},
		"in one line": {"opencode", `{"theme":"x","mcp":{"a":{"type":"local"}}}`,
			"{\"theme\":\"x\",\"mcp\":{\"a\":{\"type\":\"local\"},\n    \"aegis\": {\n      \"type\": \"local\",\n      \"command\": [\n        \"/opt/my tools/aegis\",\n        \"--stdio\"\n      ],\n      \"environment\": {\n        \"GITEA_URL\": \"https://git.example.org\"\n      },\n      \"enabled\": true\n    }\n  }}"},
		"an entry already there": {"vscode", "{\n  \"servers\": {\n    // ours\n    \"aegis\": {\"command\": \"old\"}, // since May\n    \"b\": {}\n  },\n  \"inputs\": []\n}\n",
			"{\n  \"servers\": {\n    // ours\n    \"aegis\": {\n      \"type\": \"stdio\",\n      \"command\": \"/opt/my tools/aegis\",\n      \"args\": [\n        \"--stdio\"\n      ],\n      \"env\": {\n        \"GITEA_URL\": \"https://git.example.org\"\n      }\n    }, // since May\n    \"b\": {}\n  },\n  \"inputs\": []\n}\n"},
		"TOML": {"codex", "# mine\nmodel = \"x\"\n\n[mcp_servers.other]\ncommand = \"y\" # keep\n",
			"# mine\nmodel = \"x\"\n\n[mcp_servers.other]\ncommand = \"y\" # keep\n\n[mcp_servers.aegis]\ncommand = '/opt/my tools/aegis'\nargs = ['--stdio']\n\n[mcp_servers.aegis.env]\nGITEA_URL = 'https://git.example.org'\n"},
		"TOML, already there": {"codex", "a = 1\n[mcp_servers.aegis] # ours\ncommand = \"old\"\nargs = [\n  \"]\",\n]\n[mcp_servers.aegis.env]\nX = '1'\n\n# next\n[tail]\nb = 2\n",
			"a = 1\n[mcp_servers.aegis]\ncommand = '/opt/my tools/aegis'\nargs = ['--stdio']\n\n[mcp_servers.aegis.env]\nGITEA_URL = 'https://git.example.org'\n\n# next\n[tail]\nb = 2\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := client(t, c.client)
			got, err := Edit(client, c.before, server)
			if err != nil || got != c.after {
				t.Fatalf("%v\n%s\nwant\n%s", err, got, c.after)
			}
			if again, err := Edit(client, got, server); err != nil || again != got {
				t.Errorf("once more: %v\n%s", err, again)
			}
			if found, err := Entries(client, got); err != nil || !reflect.DeepEqual(found[Name], server) {
				t.Errorf("%v, %+v", err, found)
			}
		})
	}
}

// Windows' line ends and a byte-order mark stay.
func TestEditKeepsLineEnds(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]string{"cursor": "\ufeff{\r\n  \"mcpServers\": {\r\n    \"a\": {}\r\n  }\r\n}\r\n", "codex": "[mcp_servers.a]\r\ncommand = 'x'\r\n"} {
		got, err := Edit(client(t, name), before, server)
		if err != nil || strings.Count(got, "\n") != strings.Count(got, "\r\n") || strings.HasPrefix(before, bom) != strings.HasPrefix(got, bom) {
			t.Errorf("%v\n%q", err, got)
		}
	}
}

// What is put in is taken out again, and leaves what was there.
func TestRemoveUndoesEdit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ client, before string }{
		{"cursor", "{\n  \"mcpServers\": {\n    \"a\": {}\n  }\n}\n"},
		{"cursor", "{\n  \"mcpServers\": {\n    \"a\": {}, // note\n  },\n  \"b\": 1\n}\n"},
		{"zed", "{\n\t// none yet\n\t\"theme\": \"x\"\n}\n"},
		{"codex", "a = 1\n\n[mcp_servers.b]\ncommand = 'x'\n"},
		{"codex", "a = 1\n"},
		{"opencode", `{"mcp":{"a":{}}}`},
		{"claude-desktop", "{}"},
	} {
		client := client(t, c.client)
		edited, err := Edit(client, c.before, server)
		if err != nil {
			t.Errorf("%s: %v", c.before, err)
			continue
		}
		got, was, err := Remove(client, edited)
		if err != nil || !was {
			t.Errorf("%v, %v: %s", was, err, edited)
			continue
		}
		want, _ := client.decode(c.before)
		is, err := client.decode(got)
		if err != nil || !same(want, is, client.key) {
			t.Errorf("%v\n%s", err, got)
		}
		for _, comment := range []string{"// note", "// none yet"} {
			if strings.Contains(c.before, comment) && !strings.Contains(got, comment) {
				t.Errorf("%s is gone:\n%s", comment, got)
			}
		}
		if text, was, err := Remove(client, got); err != nil || was || text != got {
			t.Errorf("twice: %v, %v", was, err)
		}
	}
}

// What can't be changed safely is an error, which shows nothing of the file.
func TestEditRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ client, before, want string }{
		{"cursor", "{\n  \"mcpServers\": {\n    \"s3cret\n", "is no JSON: line 4"},
		{"cursor", "s3cret", "is no JSON"},
		{"cursor", "[\"s3cret\"]", "is no JSON object"},
		{"cursor", "null", "is no JSON object"},
		{"cursor", strings.Repeat("[", MaxFile), "nested too deeply"},
		{"cursor", strings.Repeat(`{"":`, MaxFile/4), "nested too deeply"},
		{"codex", "a=" + strings.Repeat("[", MaxFile-2), "nested too deeply"},
		{"codex", "a=" + strings.Repeat("{a=", MaxFile/4), "nested too deeply"},
		{"cursor", `{"mcpServers": ["s3cret"]}`, "add the entry by hand"},
		{"cursor", `{"mcpServers": {}, "mcpServers": {"s3cret": {}}}`, "says a name twice"},
		{"claude-desktop", "{\n  // s3cret\n}", "does not read"},
		{"codex", "a = \n[s3cret", "is no TOML"},
		{"codex", "mcp_servers = {s3cret = {command = 'x'}}\n", "add the entry by hand"},
		{"codex", "mcp_servers.aegis.command = 's3cret'\n", "add the entry by hand"},
		{"codex", "[[mcp_servers]]\na = 's3cret'\n", "add the entry by hand"},
		{"codex", "[mcp_servers]\naegis = {command = 's3cret'}\n", "add the entry by hand"},
		{"codex", "[mcp_servers.aegis]\ncommand = 's3cret'\n[other]\n[mcp_servers.aegis.env]\n", "add the entry by hand"},
	} {
		got, err := Edit(client(t, c.client), c.before, server)
		if err == nil || got != "" || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%.99s: %v\n%.99s", c.before, err, got)
		}
	}
	if _, err := Edit(client(t, "cursor"), strings.Repeat("[", mostNested)+strings.Repeat("]", mostNested), server); err == nil || !strings.Contains(err.Error(), "no JSON object") {
		t.Errorf("what is just not too deep: %.99v", err)
	}
}

// FuzzEdit: whatever stands in a file, nothing but the entry becomes another, and it is
// taken out again.
func FuzzEdit(f *testing.F) {
	for _, seed := range []string{"", "{}", "{/**/}", `{"mcpServers":{"aegis":{}}}`, "{\"mcpServers\":{\"a\":1,//x\n}}", "[mcp_servers.aegis]\na=[1,\n2]\n[b]\n", "mcp_servers={}", "a='''\n[mcp_servers.aegis]\n'''\n", "{\"a\":\"//\",/*,*/}", "[mcp_servers.aegis]\nx=\"\"\"\n\"\"\"\n", "\ufeff{}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{"cursor", "codex", "opencode", "claude-desktop"} {
			client := client(t, name)
			got, err := Edit(client, text, server)
			if err != nil {
				continue
			}
			found, err := Entries(client, got)
			if err != nil || !reflect.DeepEqual(found[Name], server) {
				t.Fatalf("%s, %v:\n%s", name, err, got)
			}
			if _, was, err := Remove(client, got); err == nil && !was {
				t.Fatalf("%s:\n%s", name, got)
			}
		}
	})
}

// Where each client has its file, as its documentation or its source says.
func TestClients(t *testing.T) {
	t.Parallel()
	const mac, win = "Library/Application Support/", "AppData/"
	cline := "Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json"
	rows := map[string][3][]string{ // on Linux, macOS and Windows, below the home folder
		"claude-desktop": {{".config/Claude/claude_desktop_config.json"}, {mac + "Claude/claude_desktop_config.json"}, {win + "Claude/claude_desktop_config.json"}},
		"claude-code":    same3(".claude.json"),
		"vscode":         {{".config/Code/User/mcp.json"}, {mac + "Code/User/mcp.json"}, {win + "Code/User/mcp.json"}},
		"cursor":         same3(".cursor/mcp.json"),
		"windsurf":       same3(".codeium/windsurf/mcp_config.json"),
		"zed":            {{".config/zed/settings.json"}, {".config/zed/settings.json"}, {win + "Zed/settings.json"}},
		"codex":          same3(".codex/config.toml"),
		"gemini":         same3(".gemini/settings.json"),
		"copilot":        same3(".copilot/mcp-config.json"),
		"opencode":       same3(".config/opencode/opencode.json", ".config/opencode/opencode.jsonc"),
		"cline": {{".cline/data/settings/cline_mcp_settings.json", ".config/" + cline}, {".cline/data/settings/cline_mcp_settings.json", mac + cline},
			{".cline/data/settings/cline_mcp_settings.json", win + cline}},
	}
	for i, system := range []string{"linux", "darwin", "windows"} {
		for _, c := range All() {
			var want []string
			for _, file := range rows[c.Name][i] {
				want = append(want, filepath.FromSlash("/home/a b/"+file))
			}
			place := Place{OS: system, Home: filepath.FromSlash("/home/a b"), Config: filepath.FromSlash("/home/a b/.config"), AppData: filepath.FromSlash("/home/a b/AppData")}
			if got := c.Files(place); !reflect.DeepEqual(got, want) {
				t.Errorf("%s on %s: %q", c.Name, system, got)
			}
			if text, err := Text(c, server); err != nil || !strings.Contains(text, "/opt/my tools/aegis") {
				t.Errorf("%s: %v\n%s", c.Name, err, text)
			}
		}
	}
	if len(rows) != len(All()) {
		t.Errorf("%d clients", len(All()))
	}
}

func same3(files ...string) [3][]string { return [3][]string{files, files, files} }

// A client is told by a variable of another folder, and by a whole path alone.
func TestClientsInOtherFolders(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("/elsewhere")
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct{ variable, file string }{
		"claude-code": {"CLAUDE_CONFIG_DIR", ".claude.json"},
		"codex":       {"CODEX_HOME", "config.toml"},
		"gemini":      {"GEMINI_CLI_HOME", ".gemini/settings.json"},
		"copilot":     {"COPILOT_HOME", "mcp-config.json"},
	} {
		at := func(value string) string {
			return client(t, name).Files(Place{Home: "/home", Lookup: func(variable string) (string, bool) {
				if variable == row.variable {
					return value, true
				}
				return "", false
			}})[0]
		}
		if got := at(root); got != filepath.Join(root, filepath.FromSlash(row.file)) {
			t.Errorf("%s: %s", name, got)
		}
		if got := at("elsewhere"); strings.Contains(got, "elsewhere") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// An entry may be there and be off.
func TestEntriesThatAreOff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		client, text string
		off          bool
	}{
		{"cline", `{"mcpServers":{"aegis":{"command":"aegis","disabled":true}}}`, true},
		{"cline", `{"mcpServers":{"aegis":{"command":"aegis","disabled":false}}}`, false},
		{"opencode", `{"mcp":{"aegis":{"type":"local","command":["aegis"],"enabled":false}}}`, true},
		{"codex", "[mcp_servers.aegis]\ncommand = 'aegis'\nenabled = false\n", true},
		{"zed", `{"context_servers":{"aegis":{"command":"aegis"}}}`, false},
	} {
		if found, err := Entries(client(t, c.client), c.text); err != nil || found[Name].Off != c.off {
			t.Errorf("%s: %+v, %v", c.text, found, err)
		}
	}
}

// What each client that has a way of its own is told.
func TestOwnCommands(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"claude-code": "claude mcp add --scope user aegis --env GITEA_URL=https://git.example.org -- /opt/my tools/aegis --stdio",
		"gemini":      "gemini mcp add --scope user aegis /opt/my tools/aegis --env GITEA_URL=https://git.example.org -- --stdio",
	} {
		if got := strings.Join(client(t, name).Own.Add(server), " "); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
