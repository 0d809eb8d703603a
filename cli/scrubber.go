package cli

import (
	"fmt"
	"strings"

	"aegis/internal/operatorfile"
	"aegis/sanitize"
)

// scrubber makes the scrubber that a configuration describes. Warnings are about
// the file of rules. Its errors are those of the configuration.
func (c Config) scrubber() (s *sanitize.Scrubber, warnings []string, err error) {
	var scrubbing sanitize.Config
	if c.Gitleaks != "" {
		var read Config
		text, err := read.readOperatorFile(c.Gitleaks, maxGitleaksFile)
		if err != nil {
			return nil, nil, wrong(names(gitleaksFile), "%s: %v", c.Gitleaks, err)
		}
		if scrubbing.Rules, warnings, err = sanitize.ParseRules([]byte(text)); err != nil {
			return nil, nil, wrong(names(gitleaksFile), "%s: %v", c.Gitleaks, err)
		}
		for i, warning := range warnings {
			warnings[i] = fmt.Sprintf("%s: %s", c.Gitleaks, warning)
		}
		warnings = append(read.Warnings, warnings...)
		warnings = append(warnings, unseenIn(c.Gitleaks, text)...)
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

// unseenIn warns of the first character of a file that can't be seen, outside
// comments: an expression that holds it finds nothing.
func unseenIn(file, text string) []string {
	n := 0
	for line := range strings.Lines(text) {
		n++
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for _, r := range line {
			if r != '\n' && r != '\t' && operatorfile.Unseen(r) {
				return []string{fmt.Sprintf("%s: line %d holds %U, which %s; is it meant?", file, n, r, operatorfile.SeenAs(r))}
			}
		}
	}
	return nil
}
