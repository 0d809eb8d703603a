package tools_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"aegis/gate"
	"aegis/internal/gatetest"
	"aegis/sanitize"
	"aegis/tools"
)

// What the policy's secrets.allow names may be written as well as read; the operator
// who is told of it by a refusal is told the truth.
func TestAllowedSecretsAreWritten(t *testing.T) {
	t.Parallel()
	const value = "ghp_" + "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5"
	s, err := sanitize.New(sanitize.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var fingerprints []string
	for _, f := range s.Findings(value, sanitize.TextOptions{}) {
		fingerprints = append(fingerprints, f.Fingerprint)
	}
	base := unplanted(t)
	tool := tools.All()[slices.IndexFunc(tools.All(), func(tool tools.Tool) bool { return tool.Name == "create_issue" })]
	owner, name, _ := strings.Cut(writable, "/")
	args := fmt.Sprintf(`{"owner":%q,"repo":%q,"title":"An example","body":%q,"dry_run":true}`, owner, name, "The key is "+value)

	tr := try(t, base, tool, nil)
	tr.denied("without an exception", tr.call(args), gate.SecretInArguments)
	tr = try(t, base, tool, func(c *gatetest.Config) {
		c.Policy = opening + "secrets: {allow: [" + strings.Join(fingerprints, ", ") + "]}\n"
	})
	if answer := tr.call(args); answer.IsError {
		t.Errorf("%s", answer.All)
	}
}
