package e2e

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aegis/internal/sampleforge"
)

// notRun has the examples that are not run, by how they begin, and why.
var notRun = map[string]string{
	"[log]\nlogger.access.MODE ":       "Gitea's own settings; tests with a real Gitea set the same",
	"make test":                        "it is what runs this test",
	"go test ":                         "its test is run with all the others; that there is one is checked",
	"claude mcp add gitea ":            "a client that is not part of the tests; what it is told is checked",
	"claude mcp add --transport http ": "a client that is not part of the tests; others are told the same",
	"location /mcp ":                   "a proxy that is not part of the tests; what one sends is tested in serve/http",
	"sudo ":                            "it changes the machine; the unit is checked in deploy/check",
	"docker compose ":                  "it needs a daemon; the file is loaded in deploy/check",
	"kubectl ":                         "it needs a cluster; the manifests are judged in deploy/check",
	"make image":                       "its builder is tested in deploy/image, and its image run in internal/imagetest",
}

// command is a command of a page, in the page's folder and home.
func (p page) command(t *testing.T, line ...string) *exec.Cmd {
	t.Helper()
	if line[0] != "aegis" {
		c := exec.CommandContext(t.Context(), line[0], line[1:]...)
		c.Dir = root
		return c
	}
	c := exec.CommandContext(t.Context(), aegis(t), line[1:]...)
	c.Dir = p.home
	for _, name := range []string{"HOME", "USERPROFILE", "LocalAppData", "AppData", "TMPDIR", "TMP", "TEMP"} {
		c.Env = append(c.Env, name+"="+p.home)
	}
	c.Env = append(c.Env, "SystemRoot="+os.Getenv("SystemRoot"))
	return c
}

// write puts a file into a page's folder.
func (p page) write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(p.home, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func runShell(t *testing.T, p page, b block) {
	for line := range strings.Lines(b.text) {
		if out, err := p.command(t, strings.Fields(line)...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
	}
}

// runNothing checks what it can of a command that is not run: what it has aegis
// started with.
func runNothing(t *testing.T, p page, b block) {
	if !slices.ContainsFunc(slices.Collect(maps.Keys(notRun)), func(begin string) bool { return strings.HasPrefix(b.text, begin) }) {
		t.Errorf("why is this not run? %s", b.text)
	}
	known := variables(t)
	for _, given := range regexp.MustCompile(`--env (\w+)=`).FindAllStringSubmatch(b.text, -1) {
		if !known[given[1]] {
			t.Errorf("%s is no variable", given[1])
		}
	}
	if strings.HasPrefix(b.text, "go test ") {
		mustBeTests(t, p, span{b.line, strings.TrimSpace(b.text)})
	}
	if _, started, ok := strings.Cut(b.text, " -- "); ok {
		mustExist(t, p, span{b.line, strings.TrimSpace(started)})
	}
}

// runConsole runs what stands behind a prompt, and compares what it prints.
func runConsole(t *testing.T, p page, b block) {
	for _, step := range strings.Split(b.text, "$ ")[1:] {
		line, want, _ := strings.Cut(step, "\n")
		out, _ := p.command(t, strings.Fields(line)...).CombinedOutput()
		if string(out) != want {
			t.Errorf("%s says\n%s", line, out)
		}
	}
}

func runFile(t *testing.T, p page, b block) { p.write(t, strings.Fields(b.tag)[1], b.text) }

// runPolicy loads a policy as a session would, without a warning. A part of one says
// no version. What is allowed by a fingerprint is looked for in the page's file.
func runPolicy(t *testing.T, p page, b block) {
	name := "part.yaml"
	if strings.HasPrefix(b.text, "version: 1\n") {
		name = "policy.yaml"
	} else {
		b.text = "version: 1\n" + b.text
	}
	p.write(t, name, b.text)
	p.write(t, "latest.yaml", b.text) // for what stands right below
	c := p.command(t, "aegis", "policy", "check", name)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	if _, err := c.Output(); err != nil || stderr.Len() > 0 {
		t.Errorf("%v\n%s", err, &stderr)
	}
	if strings.Contains(b.text, "secrets:") {
		if out, err := p.command(t, "aegis", "secrets", "--policy", name, "config.yaml").CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("config.yaml under it: %v\n%s", err, out)
		}
	}
}

// runExpectations decides what a page expects of a policy, which may be another one than
// the page's: it has to be understood, and need not hold.
func runExpectations(t *testing.T, p page, b block) {
	p.write(t, "expected.yaml", b.text)
	c := p.command(t, "aegis", "policy", "test", "expected.yaml")
	if out, _ := c.CombinedOutput(); c.ProcessState.ExitCode() > 1 {
		t.Errorf("%s", out)
	}
}

// runRules has the rules of the page find what they are for.
func runRules(t *testing.T, p page, b block) {
	p.write(t, "rules.toml", b.text)
	for _, row := range []struct{ name, text, found string }{
		{"notes", "ACME-4821-kfwzqp\n", "1 acme-ticket "},
		{"notes", "#ACME-4821-kfwzqp\n", ""},
		{"door.conf", "pin = 482159\n", "1 pin "},
		{"notes", "pin = 482159\n", ""},
		{"a.p12", "x\n", "1 keystore -\n"},
	} {
		p.write(t, row.name, row.text)
		c := p.command(t, "aegis", "secrets", "--gitleaks-config", "rules.toml", row.name)
		var stderr bytes.Buffer
		c.Stderr = &stderr
		out, _ := c.Output()
		if !strings.HasPrefix(string(out), row.found) || (row.found == "") != (len(out) == 0) || strings.Contains(stderr.String(), "warning") {
			t.Errorf("%s %q: %s%s", row.name, row.text, out, &stderr)
		}
	}
}

// runClient starts what a client's configuration says, before the sample forge, and
// makes a call.
func runClient(t *testing.T, p page, b block) {
	var configuration struct {
		Inputs     []map[string]any   `json:"inputs"`
		Servers    map[string]started `json:"servers"`
		MCPServers map[string]started `json:"mcpServers"`
	}
	strictly(t, b.text, &configuration)
	for _, servers := range []map[string]started{configuration.Servers, configuration.MCPServers} {
		for _, server := range servers {
			server.start(t, p)
			return
		}
	}
	t.Error("no server is configured")
}

// runEnv starts a server with the variables that a page shows, and the policy before them.
func runEnv(t *testing.T, p page, b block) {
	server := started{Command: "aegis", Args: []string{"--stdio", "--policy", filepath.Join(p.home, "latest.yaml")}}
	strictly(t, "{"+b.text+"}", &server)
	server.start(t, p)
}

// started is how a client starts a server.
type started struct {
	Type    string            `json:"type"`
	Command string            `json:"command"`
	Args    []string          `json:"args"`
	Env     map[string]string `json:"env"`
}

func (s started) start(t *testing.T, p page) {
	t.Helper()
	c := p.command(t, append([]string{s.Command}, s.Args...)...)
	c.Dir = t.TempDir() // a client's
	known := variables(t)
	for name, value := range s.Env {
		switch {
		case !known[name]:
			t.Errorf("%s is no variable", name)
		case name == "GITEA_URL":
			value = newForge(t).URL
		case name == "GITEA_TOKEN":
			value = sampleforge.DemoToken()
		case name == "GITEA_TOKEN_FILE":
			p.write(t, "token", sampleforge.DemoToken()+"\n")
			value = filepath.Join(p.home, "token")
		}
		c.Env = append(c.Env, name+"="+value)
	}
	mustServe(t, c, s.Env["WRITE_MODE"] == "true")
}

// mustServe starts a server as a client does and makes a call.
func mustServe(t *testing.T, c *exec.Cmd, writes bool) {
	t.Helper()
	c.Stdin = strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":2,"method":"tools/list"}
{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"get_me","arguments":{}}}
`)
	out, err := c.Output()
	if err != nil || strings.Count(string(out), `"result"`) != 3 || strings.Contains(string(out), `"isError":true`) {
		t.Errorf("%v\n%s", err, out)
	}
	names := toolNames(string(out))
	if slices.Contains(names, "create_issue") != writes || !slices.IsSorted(names) || len(names) == 0 {
		t.Errorf("it lists %q", names) // docs/tools.md: by name
	}
}

// toolNames are those that the frames of a session list, in their order.
func toolNames(frames string) (names []string) {
	for line := range strings.Lines(frames) {
		var listed struct {
			Result struct{ Tools []struct{ Name string } }
		}
		_ = json.Unmarshal([]byte(line), &listed)
		for _, tool := range listed.Result.Tools {
			names = append(names, tool.Name)
		}
	}
	return names
}

// answered has the calls that the documents show the answers of, by the answer's code.
var answered = map[string][]string{
	"path_denied": {"get_file_contents", `{"owner":"acme","repo":"service","path":"secrets/production.env"}`},
}

// runAnswer makes the call that an answer is of, under the page's policy.
func runAnswer(t *testing.T, p page, b block) {
	var shown struct{ Error struct{ Code string } }
	if err := json.Unmarshal([]byte(b.text), &shown); err != nil {
		t.Fatal(err)
	}
	made, ok := answered[shown.Error.Code]
	if !ok {
		t.Fatalf("which call answers %q?", shown.Error.Code)
	}
	c := p.command(t, "aegis", "call", made[0], "--args", made[1], "--policy", "policy.yaml")
	c.Env = append(c.Env, "GITEA_URL="+newForge(t).URL)
	out, _ := c.Output()
	id := regexp.MustCompile(`"call":"[a-z2-9]+-\d+"`)
	if got, want := id.ReplaceAllString(string(out), ""), id.ReplaceAllString(b.text, ""); got != want || got == string(out) {
		t.Errorf("the answer is\n%s", out)
	}
}

// strictly decodes JSON that has no member that is not known.
func strictly(t *testing.T, raw string, into any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Fatal(err)
	}
}
