package cli

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"aegis/forge"
	"aegis/gate/policy"
	"aegis/internal/app"
	"aegis/internal/canon"
	"aegis/internal/metrics"

	"github.com/rs/zerolog"
)

// Config is a checked configuration, and how much of it is logged.
type Config struct {
	app.Config
	LogLevel    zerolog.Level
	MetricsFile string // "" for none
}

// config reads and checks everything that a session needs. Its errors name the
// flag or variable and what to do.
func (s *settings) config() (Config, error) {
	var c Config
	for _, step := range []func(*Config) error{
		s.readURL, s.readToken, s.readFiles, s.readKeeping, s.readWrite, s.readRest,
	} {
		if err := step(&c); err != nil {
			return Config{}, err
		}
	}
	return c, nil
}

func (s *settings) readURL(c *Config) error {
	raw, _, err := s.value(giteaURL)
	if err != nil {
		return &failure{exitUsage, err}
	}
	if raw == "" {
		return wrong(names(giteaURL), "is required: the address of your Gitea, such as https://git.example.org (or try \"aegis demo\")")
	}
	insecure, err := s.flag(insecureHTTP)
	if err != nil {
		return err
	}
	if c.URL, err = forge.ParseURL(raw, insecure); err != nil {
		return &failure{exitUsage, err} // it names the setting
	}
	return nil
}

func (s *settings) readFiles(c *Config) error {
	given := func(name, otherwise string) (string, error) {
		value, _, err := s.value(name)
		if err != nil {
			return "", &failure{exitUsage, err}
		}
		if value == "" {
			return otherwise, nil
		}
		return value, nil
	}
	state, err := s.stateFolder()
	if err != nil {
		return err
	}
	if c.AuditLog, err = given(auditLog, filepath.Join(state, "audit.jsonl")); err != nil {
		return err
	}
	if c.KillSwitch, err = given(killSwitch, filepath.Join(state, "STOP")); err != nil {
		return err
	}
	if c.CAFile, err = given(caFile, ""); err != nil {
		return err
	}
	if c.CAFile != "" { // the forge reads it, and has nobody to warn
		_, _ = c.readOperatorFile(c.CAFile, maxCAFile)
	}
	if c.Gitleaks, err = given(gitleaksFile, ""); err != nil {
		return err
	}
	if err := s.readPolicy(c); err != nil {
		return err
	}
	file, source, err := s.value(secretsFile)
	if err != nil {
		return &failure{exitUsage, err}
	}
	if file == "" {
		return nil
	}
	text, err := c.readOperatorFile(file, maxSecretsFile)
	if err == nil {
		c.Secrets, err = secretValues(text)
	}
	if err != nil {
		return wrong(source, "%s: %v", file, err)
	}
	return nil
}

// readPolicy reads which policy decides, and on which floor it stands.
func (s *settings) readPolicy(c *Config) error {
	file, _, err := s.value(policyFile)
	if err != nil {
		return &failure{exitUsage, err}
	}
	c.PolicyFile, c.Floor = cmp.Or(file, s.defaultPolicy()), policy.FloorFile()
	return nil
}

func (s *settings) readWrite(c *Config) (err error) {
	if c.Write, err = s.flag(writeMode); err != nil {
		return err
	}
	var repos []string
	source := allSettings[writeRepo].source("")
	if s.flags.Changed(writeRepo) {
		repos, _ = s.flags.GetStringArray(writeRepo)
	} else {
		raw, variable, err := s.value(writeRepo)
		if err != nil {
			return &failure{exitUsage, err}
		}
		if source = variable; raw != "" {
			repos = strings.Split(raw, ",")
		}
	}
	for _, name := range repos {
		name = strings.TrimSpace(name)
		if name == "" {
			continue
		}
		if strings.ContainsAny(name, "*?[{") {
			return wrong(source, "%q: the whitelist takes exact names, no patterns", name)
		}
		repo, err := canon.ParseFullName(name)
		if err != nil {
			return wrong(source, "%q: %v", name, err)
		}
		c.WriteRepos = append(c.WriteRepos, repo)
	}
	return nil
}

func (s *settings) readRest(c *Config) error {
	c.Timeout = 30 * time.Second
	raw, source, err := s.value(timeout)
	if err != nil {
		return &failure{exitUsage, err}
	}
	if raw != "" {
		if c.Timeout, err = time.ParseDuration(raw); err != nil || c.Timeout <= 0 || c.Timeout > time.Hour {
			return wrong(source, "%q is no time between 1ms and 1h; write it like 30s", raw)
		}
	}
	c.AskTimeout = 55 * time.Second // a client gives up after 60
	raw, source, err = s.value(askTimeout)
	if err != nil {
		return &failure{exitUsage, err}
	}
	if raw != "" {
		if c.AskTimeout, err = time.ParseDuration(raw); err != nil || c.AskTimeout < time.Second || c.AskTimeout > time.Hour {
			return wrong(source, "%q is no time between 1s and 1h; write it like 55s", raw)
		}
	}
	if c.MetricsFile, source, err = s.value(metricsFile); err != nil {
		return &failure{exitUsage, err}
	}
	if c.MetricsFile != "" && !strings.HasSuffix(c.MetricsFile, metrics.TextfileSuffix) {
		return wrong(source, "%q does not end in %s: the collector reads no other files", c.MetricsFile, metrics.TextfileSuffix)
	}
	c.LogLevel = zerolog.InfoLevel
	raw, source, err = s.value(logLevel)
	if err != nil {
		return &failure{exitUsage, err}
	}
	switch level := strings.ToLower(raw); level {
	case "":
	case "trace", "debug", "info", "warn", "error":
		c.LogLevel, _ = zerolog.ParseLevel(level)
	default:
		return wrong(source, "%q is none of trace, debug, info, warn, error", raw)
	}
	return nil
}

// flag reads a setting that is true or false.
func (s *settings) flag(name string) (bool, error) {
	raw, source, err := s.value(name)
	if err != nil {
		return false, &failure{exitUsage, err}
	}
	if raw == "" {
		return false, nil
	}
	on, err := strconv.ParseBool(raw)
	if err != nil {
		return false, wrong(source, "%q is neither true nor false", raw)
	}
	return on, nil
}

// stateFolder is where the audit log and the kill switch are by default.
func (s *settings) stateFolder() (string, error) {
	return s.folder("XDG_STATE_HOME", "LocalAppData", ".local", "state")
}

// defaultPolicy is the policy file in its default place, "" if there is none.
// One that can't be looked at counts as there: it has to be read or to fail.
func (s *settings) defaultPolicy() string {
	folder, err := s.folder("XDG_CONFIG_HOME", "AppData", ".config")
	if err != nil {
		return ""
	}
	file := filepath.Join(folder, "policy.yaml")
	if _, err := os.Lstat(file); errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return file
}

// folder is aegis' own folder below the one that a variable names, or below
// the home folder.
func (s *settings) folder(xdg, windows string, below ...string) (string, error) {
	if base, _ := s.lookup(xdg); filepath.IsAbs(base) {
		return filepath.Join(base, "aegis"), nil
	}
	if runtime.GOOS == "windows" {
		if base, _ := s.lookup(windows); filepath.IsAbs(base) {
			return filepath.Join(base, "aegis"), nil
		}
	}
	home, err := homeFolder()
	if err != nil {
		return "", wrong(names(auditLog), "there is no home folder to keep the audit log in; say where it should be")
	}
	return filepath.Join(append([]string{home}, append(below, "aegis")...)...), nil
}
