package app

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
)

// What is wrong is told with the setting that it is wrong in, and without a token.
func TestFaultsNameTheirSetting(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	address, _ := url.Parse("http://localhost:1")
	for name, c := range map[string]struct {
		change  func(*Config)
		setting string
		says    string
	}{
		"nothing":         {func(*Config) {}, "", ""},
		"a policy":        {func(c *Config) { c.PolicyFile = file("policy.yaml", "version: 2\n") }, PolicySetting, "version"},
		"a log":           {func(c *Config) { c.AuditLog = folder }, AuditLogSetting, ""},
		"rules":           {func(c *Config) { c.Gitleaks = file("rules.toml", "") }, GitleaksSetting, "no rules"},
		"a short secret":  {func(c *Config) { c.Secrets = []string{"abc"} }, SecretsSetting, "bytes long"},
		"no address":      {func(c *Config) { c.URL = nil }, "", "URL"},
		"a torn token":    {func(c *Config) { c.Token = "hunter2 hunter2" }, "", "GITEA_TOKEN"},
		"a certificate's": {func(c *Config) { c.CAFile = file("ca.pem", "none") }, "", "GITEA_CA_FILE"},
	} {
		t.Run(name, func(t *testing.T) {
			config := Config{URL: address, AuditLog: filepath.Join(folder, strings.ReplaceAll(name, " ", "-"), "audit.jsonl"), Logger: zerolog.Nop()}
			c.change(&config)
			opened, err := Open(config)
			if err == nil {
				err = opened.Close()
			}
			var fault *Fault
			if wrong := name != "nothing"; (err != nil) != wrong || wrong && (!errors.As(err, &fault) || fault.Setting != c.setting || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("%v", err)
			}
			if strings.Contains(fmt.Sprint(err, config, &config), "hunter2") {
				t.Errorf("a token is printed: %v, %v", err, config)
			}
		})
	}
}
