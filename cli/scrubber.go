package cli

import (
	"fmt"

	"aegis/sanitize"
)

// scrubber makes the scrubber that a configuration describes. Warnings are about
// the file of rules. Its errors are those of the configuration.
func (c Config) scrubber() (s *sanitize.Scrubber, warnings []string, err error) {
	var scrubbing sanitize.Config
	if c.Gitleaks != "" {
		raw, err := readBounded(c.Gitleaks, maxGitleaksFile)
		if err != nil {
			return nil, nil, wrong(names(gitleaksFile), "%v", err)
		}
		if scrubbing.Rules, warnings, err = sanitize.ParseRules(raw); err != nil {
			return nil, nil, wrong(names(gitleaksFile), "%s: %v", c.Gitleaks, err)
		}
		for i, warning := range warnings {
			warnings[i] = fmt.Sprintf("%s: %s", c.Gitleaks, warning)
		}
	}
	scrubbing.Secrets = c.Secrets
	if c.Token != "" {
		scrubbing.Secrets = append(scrubbing.Secrets[:len(scrubbing.Secrets):len(scrubbing.Secrets)], c.Token)
	}
	if s, err = sanitize.New(scrubbing); err != nil {
		return nil, nil, wrong(names(secretsFile), "%v", err)
	}
	return s, warnings, nil
}
