package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Each command has a page, with the settings that belong to it and no others. Each shell
// has its script, and twice the same commands give the same bytes.
func TestEachCommandHasAPage(t *testing.T) {
	t.Parallel()
	folders := []string{t.TempDir(), t.TempDir()}
	for _, folder := range folders {
		if err := write(folder, time.Unix(1900000000, 0).UTC()); err != nil {
			t.Fatal(err)
		}
	}
	names, err := filepath.Glob(filepath.Join(folders[0], "*", "*"))
	if err != nil || len(names) < 40 {
		t.Fatal(names, err)
	}
	page := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		again, err := os.ReadFile(filepath.Join(folders[1], filepath.Base(filepath.Dir(name)), filepath.Base(name)))
		if err != nil || string(again) != string(text) {
			t.Errorf("%s: %v, and it is another one the second time", name, err)
		}
		page[filepath.Base(name)] = strings.ReplaceAll(string(text), `\-`, "-")
	}
	for name, want := range map[string]struct{ has, lacks []string }{
		"aegis.1":                {[]string{"--stdio", "--gitea-url", "GITEA_TOKEN_FILE", "aegis-doctor", "Mar 2030"}, []string{"--admin-listen"}},
		"aegis-audit-verify.1":   {[]string{"--against", "--audit-log", "aegis audit verify"}, []string{"--gitea-url", "GITEA_TOKEN"}},
		"aegis-policy-explain.1": {[]string{"--principal", "--policy"}, []string{"--gitea-url"}},
		"aegis-serve.1":          {[]string{"--tls-cert", "MCP_API_KEYS"}, []string{"--stdio"}},
		"aegis-version.1":        {nil, []string{"--audit-log"}},
		"_aegis":                 {[]string{"#compdef aegis"}, nil},
		"aegis.bash":             {[]string{"__aegis"}, nil},
		"aegis.fish":             {[]string{"complete -c aegis"}, nil},
		"aegis.ps1":              {[]string{"Register-ArgumentCompleter"}, nil},
	} {
		for _, word := range want.has {
			if !strings.Contains(page[name], word) {
				t.Errorf("%s lacks %s:\n%.2000s", name, word, page[name])
			}
		}
		for _, word := range want.lacks {
			if strings.Contains(page[name], word) {
				t.Errorf("%s has %s", name, word)
			}
		}
	}
}
