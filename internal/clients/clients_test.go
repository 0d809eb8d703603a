package clients

import (
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

// Each client is told apart, and has a file of its own on each system.
func TestClients(t *testing.T) {
	t.Parallel()
	for _, system := range []string{"linux", "darwin", "windows"} {
		seen := make(map[string]bool)
		for _, c := range All() {
			file := c.File(Place{system, "/home/a b", "/home/a b/.config", "/home/a b/AppData"})
			if seen[file] || seen[c.Name] || !strings.HasPrefix(file, "/home/a b/") {
				t.Errorf("%s: %s", c.Name, file)
			}
			seen[file], seen[c.Name] = true, true
			if text, err := Text(c, server); err != nil || !strings.Contains(text, "/opt/my tools/aegis") {
				t.Errorf("%s: %v\n%s", c.Name, err, text)
			}
		}
	}
	want := []string{"claude", "mcp", "add", "--scope", "user", "aegis", "--env", "GITEA_URL=https://git.example.org", "--", "/opt/my tools/aegis", "--stdio"}
	if got := client(t, "claude-code").Own(server); !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}
