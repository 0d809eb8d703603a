package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"aegis/forge"
	"aegis/internal/app"
	"aegis/internal/canon"
	"aegis/internal/clients"
)

// Of a client's file nothing is shown but what Aegis' own entry has, wherever else a secret
// may stand.
func TestADifferenceShowsNothingOfOthers(t *testing.T) {
	t.Parallel()
	scrubber, _, err := app.Config{}.Scrubber()
	if err != nil {
		t.Fatal(err)
	}
	p := &plan{scrubber: scrubber}
	server := clients.Server{Command: "/opt/my tools/aegis", Args: []string{"--stdio"}, Env: map[string]string{"GITEA_URL": "https://git.example.org"}}
	for name, before := range map[string]string{
		"cursor": `{"mcpServers":{"x":{"command":"y","args":["--token","s3cret","--header=Authorization: s3cret"],"env":{"PIN":4711,"DATABASE_URL":"postgres://u:s3cret@h/db"}}} /* s3cret */}`,
		"zed":    "{\"context_servers\":{\"aegis\": {\"command\":\"docker\", \"args\":[\"run\",\"-e\",\"GITEA_TOKEN=s3cret\"],\n \"env\":{\"GITEA_TOKEN\":\"s3cret\",\"s3cret\":\"\\\"s3cret\"}, /*s3cret*/ \"pin\":4711}}}",
		"codex":  "[mcp_servers.aegis] # s3cret\ncommand='s3cret'\nargs=[\n 's3cret',\n \"s3cret\"]\n[mcp_servers.aegis.env]\nGITEA_TOKEN = 's3cret'\ns3cret = 4711\n",
	} {
		c, _ := clients.Find(name)
		after, err := clients.Edit(c, before, server)
		if err != nil {
			t.Fatal(err)
		}
		gone, _, err := clients.Remove(c, before)
		if err != nil {
			t.Fatal(err)
		}
		for _, shown := range []string{p.difference(before, after, ownWords(c, server)), p.difference(before, gone, ownWords(c, clients.Server{}))} {
			if strings.Contains(shown, "s3cret") || strings.Contains(shown, "4711") {
				t.Errorf("%s: shown is\n%s", name, shown)
			}
		}
		if shown := p.difference(before, after, ownWords(c, server)); !strings.Contains(shown, "/opt/my tools/aegis") || !strings.Contains(shown, "https://git.example.org") {
			t.Errorf("%s: the entry is hidden:\n%s", name, shown)
		}
	}
	if got := p.difference("a\n  \"true\"\nc\n", "a\n\t\"b\x1b[2J\"\nc\n", ownWords(clients.All()[0], server)); got != "  line 2\n-   \"true\"\n+     \"…\"\n" {
		t.Errorf("%q", got)
	}
}

// The policy that is written first says what it is asked to, and loads.
func TestTheFirstPolicyLoads(t *testing.T) {
	t.Parallel()
	sandbox, err := canon.ParseFullName("acme/sandbox")
	if err != nil {
		t.Fatal(err)
	}
	writes := Config{Config: app.Config{WriteRepos: []canon.Repo{sandbox}}}
	for _, c := range []struct {
		read   []string
		config Config
		has    string
	}{
		{nil, Config{}, "# repositories:"},
		{[]string{"acme/*"}, Config{}, "defaults: {read: deny"},
		{nil, writes, "write: allow"},
		{[]string{"ACME/sandbox", "acme/app"}, writes, "write: allow"},
		{[]string{"acme/*", "ACME/sandbox"}, writes, "write: allow"},
		{[]string{"acme/app"}, writes, "branches: {allow: [\"agent/**\"]}"},
	} {
		if text, err := firstPolicy(c.read, c.config); err != nil || !strings.Contains(text, c.has) {
			t.Errorf("%v\n%s", err, text)
		}
	}
	if _, err := firstPolicy([]string{"acme/*/x"}, Config{}); err == nil {
		t.Error("a pattern that can't match is taken")
	}
}

// A file is replaced whole and keeps its mode; a link stays one; a copy is kept.
func TestClientsFilesAreReplaced(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("links take rights there")
	}
	folder := t.TempDir()
	real, link := filepath.Join(folder, "real.json"), filepath.Join(folder, "link.json")
	if err := os.WriteFile(real, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real.json", link); err != nil {
		t.Fatal(err)
	}
	if err := replaceClient(link, "other", "new"); err == nil {
		t.Error("a file that was changed meanwhile is replaced")
	}
	if err := replaceClient(link, "old", "new"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(real)
	info, _ := os.Stat(real)
	if err != nil || string(text) != "new" || info.Mode().Perm() != 0o640 {
		t.Errorf("%q, %v, %v", text, info.Mode(), err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode().IsRegular() {
		t.Errorf("the link is gone: %v", err)
	}
	kept, _ := filepath.Glob(filepath.Join(folder, "link.json.before-aegis-*"))
	if len(kept) != 1 {
		t.Fatalf("%v", kept)
	}
	if text, err := os.ReadFile(kept[0]); err != nil || string(text) != "old" {
		t.Errorf("%q, %v", text, err)
	}
	if left, _ := filepath.Glob(filepath.Join(folder, ".*")); len(left) > 0 {
		t.Errorf("%v", left)
	}
}

// A clock that is wrong and a certificate that runs out are told.
func TestDoctorLooksAtClockAndCertificate(t *testing.T) {
	t.Parallel()
	now := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	for _, c := range []struct {
		signs forge.Signs
		want  string
	}{
		{forge.Signs{}, ""},
		{forge.Signs{Clock: true, Ahead: time.Second}, "ok clock"},
		{forge.Signs{Clock: true, Ahead: -3 * time.Minute}, "warn clock"},
		{forge.Signs{Certificate: now.AddDate(1, 0, 0)}, "ok TLS"},
		{forge.Signs{Clock: true, Certificate: now.AddDate(0, 0, 13)}, "ok clock, warn TLS"},
	} {
		d := &doctor{}
		d.checkSigns(c.signs, now)
		var got []string
		for _, each := range d.checks {
			got = append(got, each.Status+" "+each.Name)
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%+v: %q", c.signs, got)
		}
	}
}
