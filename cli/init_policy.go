package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"aegis/gate/policy"
	"aegis/internal/canon"
)

// wantPolicy has the policy that is there looked at, or writes one.
func (s *settings) wantPolicy(w *wanted, c Config, f initFlags) error {
	file := c.PolicyFile
	if file == "" {
		folder, err := s.folder("XDG_CONFIG_HOME", "AppData", ".config")
		if err != nil {
			return err
		}
		file = filepath.Join(folder, "policy.yaml")
	}
	file, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	w.server.Env["POLICY_FILE_PATH"] = file
	if _, err := os.Lstat(file); err == nil {
		if len(f.read) > 0 {
			return wrong("--read", "there is a policy at %s already, and it is not written anew; change it there", file)
		}
		if _, _, err := policy.Load(file); err != nil {
			return wrong(names(policyFile), "%v", err)
		}
	} else {
		w.policyFile = file
		if w.policy, err = firstPolicy(f.read, c); err != nil {
			return wrong("--read", "%v", err)
		}
	}
	state, err := s.stateFolder()
	if err != nil {
		return err
	}
	w.folders = append(w.folders, state)
	return nil
}

// firstPolicy writes a policy to begin with.
func firstPolicy(read []string, c Config) (string, error) {
	var b strings.Builder
	byDefault := "allow"
	if len(read) > 0 {
		byDefault = "deny"
	}
	fmt.Fprintf(&b, `# What an agent may see and do. "aegis policy check FILE" says what it means; a change
# counts from the next call on.
version: 1
defaults: {read: %s, write: deny, automation: deny}

# Files that hold credentials are hidden under every policy; here go others.
# paths: {deny: ["secrets/**"]}

# Every section whose pattern matches applies, and deny wins.
repositories:
`, byDefault)
	sections := 0
	for _, pattern := range read {
		if slices.ContainsFunc(c.WriteRepos, func(repo canon.Repo) bool { return strings.EqualFold(repo.String(), pattern) }) {
			continue // its section is below
		}
		fmt.Fprintf(&b, "  %q:\n    read: allow\n", pattern)
		sections++
	}
	for _, repo := range c.WriteRepos {
		fmt.Fprintf(&b, "  %q:\n", repo.String())
		if len(read) > 0 {
			b.WriteString("    read: allow\n")
		}
		b.WriteString("    write: allow          # and it has to be in WRITE_REPOSITORY_WHITELIST\n    branches: {allow: [\"agent/**\"]}\n")
		sections++
	}
	text := b.String()
	if sections == 0 {
		text = strings.Replace(text, "\nrepositories:\n", "\n# repositories:\n#   \"acme/hr-*\": {read: deny, reason: people data stays out of model context}\n", 1)
	}
	_, _, err := policy.Parse("policy.yaml", []byte(text))
	return text, err
}
