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
)

// What is shown of a client's file has no value in it that may be a secret.
func TestADifferenceShowsNoSecrets(t *testing.T) {
	t.Parallel()
	scrubber, _, err := app.Config{}.Scrubber()
	if err != nil {
		t.Fatal(err)
	}
	p := &plan{scrubber: scrubber}
	for _, line := range []string{
		`"GITEA_TOKEN": "hunter2hunter2"`, `{"env":{"GITEA_TOKEN":"hunter2hunter2"},"a":1}`, `api_key = 'hunter2hunter2'`, `"Authorization": "Bearer hunter2hunter2"`,
		`"password":"hunter2hunter2","b":"c"`, `"x": "ghp_016C7F7rDk4V6bHhQ0Lw2mZbXyq3sT9hunter2"`, "\"MY_SECRETS\" : \"hunter2hunter2",
	} {
		if got := p.difference(line+"\n", "a\n"); strings.Contains(got, "hunter2") || !strings.Contains(got, "+ a") {
			t.Errorf("%s is shown:\n%s", line, got)
		}
	}
	if got := p.difference("a\n  b\nc\n", "a\n\tB\x1b[2J\nc\n"); !strings.HasPrefix(got, "  line 2\n-   b\n+     B") || strings.Contains(got, "\x1b") {
		t.Errorf("%q", got)
	}
	if got := p.difference("", `"GITEA_TOKEN_FILE": "/home/me/token"`+"\n"); !strings.Contains(got, "/home/me/token") {
		t.Errorf("a file's name is hidden: %q", got)
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
