package clienttest

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aegis/internal/clients"
	"aegis/internal/sampleforge"
)

// written is a machine on whose paths there are spaces, and what aegis init has written there.
type written struct {
	folder, home, aegis string
	files               map[string]string // by the client's name
}

// writeAll has aegis init write the entries of all clients. Those that are found in a PATH
// and have a way of their own are told by it.
func writeAll(t *testing.T, program program, path string) written {
	t.Helper()
	forge, err := sampleforge.Start(os.DirFS("../../testdata/demo/forge"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = forge.Close() })
	folder := t.TempDir()
	w := written{folder, filepath.Join(folder, "a home"), filepath.Join(folder, "my tools", filepath.Base(program.aegis)), map[string]string{}}
	for _, each := range []string{w.home, filepath.Dir(w.aegis)} {
		if err := os.MkdirAll(each, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(program.aegis)
	if err == nil {
		err = os.WriteFile(w.aegis, raw, 0o700)
	}
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"init", "--gitea-url", forge.URL(), "--token-stdin"}
	for _, c := range clients.All() {
		args = append(args, "--client", c.Name)
		w.files[c.Name] = c.Files(clients.Place{OS: "linux", Home: w.home, Config: filepath.Join(w.home, ".config")})[0]
	}
	command := exec.CommandContext(t.Context(), w.aegis, args...)
	command.Env, command.Stdin = w.environment(path), strings.NewReader(sampleforge.DemoToken()+"\n")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return w
}

// environment is what a client that is started there has.
func (w written) environment(path string) []string {
	return []string{"HOME=" + w.home, "TMPDIR=" + w.folder, "PATH=" + path}
}

// Inspector reads each file that is of the form it reads, and is told the entry of each
// other one. The server that it starts by it reaches the forge, with the token.
func TestClientsStartWhatInitWrote(t *testing.T) {
	t.Parallel()
	program := setup(t)
	w := writeAll(t, program, "/usr/bin:/bin")
	for _, c := range clients.All() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(w.files[c.Name])
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), sampleforge.DemoToken()) {
				t.Errorf("the token is in it:\n%s", text)
			}
			server := []string{"--server", clients.Name, "--config", filepath.Join(t.TempDir(), "a copy.json")}
			if strings.Contains(string(text), `"mcpServers"`) {
				if err := os.WriteFile(server[3], text, 0o600); err != nil {
					t.Fatal(err)
				}
			} else {
				found, err := clients.Entries(c, string(text))
				if err != nil {
					t.Fatal(err)
				}
				server = nil
				entry := found[clients.Name]
				for _, name := range slices.Sorted(maps.Keys(entry.Env)) {
					server = append(server, "-e", name+"="+entry.Env[name])
				}
				server = append(append(server, "--", entry.Command), entry.Args...)
			}
			var said struct{ Content []struct{ Text string } }
			decode(t, inspect(t, program, inspectorOK, []string{"--method", "tools/call", "--tool-name", "get_me"}, server...), &said)
			if len(said.Content) == 0 || !strings.Contains(said.Content[0].Text, `"login":"agent"`) {
				t.Errorf("%+v", said)
			}
		})
	}
}

// agents are real clients, what they are asked, and what they say when they have started the
// server, or read its entry.
var agents = map[string]struct {
	ask   []string
	says  string
	reads bool // it starts servers in a conversation alone
}{
	"claude-code": {[]string{"claude", "mcp", "list"}, "Connected", false},
	"gemini":      {[]string{"gemini", "mcp", "list"}, "Connected", false},
	"opencode":    {[]string{"opencode", "mcp", "list"}, "connected", false},
	"codex":       {[]string{"codex", "mcp", "get", clients.Name, "--json"}, `"command"`, true},
	"copilot":     {[]string{"copilot", "mcp", "get", clients.Name, "--json", "--show-secrets"}, `"command"`, true},
}

// Real agents start aegis by what aegis init wrote, or read the entry as it is meant. They
// are more than a gigabyte: AEGIS_TEST_AGENTS=1 has them installed.
func TestAgentsStartWhatInitWrote(t *testing.T) {
	t.Parallel()
	if os.Getenv("AEGIS_TEST_AGENTS") == "" {
		t.Skip("NOT RUN: set AEGIS_TEST_AGENTS=1 to have Claude Code, Gemini CLI, opencode, Codex and Copilot CLI installed")
	}
	program := setup(t)
	folder := filepath.Join(filepath.Dir(program.clients), "agents")
	// Not each registry has what opencode wants on other systems, without which "npm ci" does nothing.
	if err := install(t.Context(), folder, "install", "--no-save"); err != nil {
		t.Fatal(err)
	}
	path := strings.Join([]string{filepath.Join(folder, "node_modules", ".bin"), filepath.Dir(program.node), "/usr/bin", "/bin"}, string(filepath.ListSeparator))
	w := writeAll(t, program, path)
	for name, agent := range agents {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), runTimeout)
			defer cancel()
			command := exec.CommandContext(ctx, "/usr/bin/env", agent.ask...)
			command.Dir, command.Env = w.folder, append(w.environment(path), "GEMINI_CLI_TRUST_WORKSPACE=true")
			output := command.CombinedOutput // Gemini CLI's list is on standard error
			if agent.reads {
				output = command.Output
			}
			out, err := output()
			if err != nil || !strings.Contains(string(out), agent.says) || !strings.Contains(string(out), w.aegis) {
				t.Fatalf("%v\n%s", err, out)
			}
			if !agent.reads {
				return
			}
			entry := readBack(t, out)
			if entry.Command != w.aegis || !slices.Equal(entry.Args, []string{"--stdio"}) || entry.Env["GITEA_TOKEN_FILE"] == "" {
				t.Errorf("%+v", entry)
			}
		})
	}
}

// readBack is the entry that an agent prints, wherever in its JSON it is.
func readBack(t *testing.T, out []byte) (found clients.Server) {
	t.Helper()
	var all map[string]json.RawMessage
	decode(t, out, &all)
	for _, key := range []string{"transport", clients.Name} {
		if raw, ok := all[key]; ok {
			decode(t, raw, &found)
		}
	}
	return found
}
