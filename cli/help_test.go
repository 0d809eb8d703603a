package cli

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"testing"
)

// Help shows what belongs to a command, and every setting stands in one group.
func TestHelpShowsWhatBelongsToACommand(t *testing.T) {
	t.Parallel()
	grouped := append(everySetting(), servingSettings()...)
	for name := range allSettings {
		if n := len(slices.DeleteFunc(slices.Clone(grouped), func(other string) bool { return other != name })); n != 1 {
			t.Errorf("%s stands in %d groups", name, n)
		}
	}
	for args, want := range map[string]struct{ has, lacks []string }{
		"":               {[]string{"Gitea:", "Policy and audit log:", "Writing:", "Redaction:", "Logging and counting:", "--metrics-file", "--stdio", "--write-repo", "GITEA_TOKEN_FILE"}, []string{"Serving:"}},
		"serve":          {[]string{"Gitea:", "Serving:", "--listen", "MCP_HOST", "--state", "--admin-listen", "--metrics-file"}, []string{"--stdio"}},
		"health":         {[]string{"--admin-listen"}, []string{"--gitea-url", "--listen ", "--metrics-file"}},
		"call":           {[]string{"--args", "--gitea-url", "--write ", "GITEA_TOKEN"}, []string{"--stdio"}},
		"audit verify":   {[]string{"--audit-log"}, []string{"--gitea-url", "--write", "--policy", "Gitea:", "GITEA_TOKEN"}},
		"audit show":     {[]string{"--audit-log", "--unfinished"}, []string{"--gitea-url"}},
		"secrets":        {[]string{"--secrets-file", "--gitleaks-config", "--policy", "GITEA_TOKEN"}, []string{"--audit-log", "--write", "--gitea-url"}},
		"policy check":   {[]string{"--policy", "--json", "--online", "--gitea-url", "--audit-log"}, []string{"--write"}},
		"policy explain": {[]string{"--policy", "--write stringArray", "--principal"}, []string{"--gitea-url", "turn write mode on"}},
		"policy diff":    {[]string{"--recorded"}, []string{"--gitea-url", "--policy"}},
		"version":        {nil, []string{"--gitea-url"}},
	} {
		var out bytes.Buffer
		status := run(context.Background(), environment{
			args: append(strings.Fields(args), "--help"), lookup: func(string) (string, bool) { return "", false },
			stdin: os.Stdin, stdout: &out, stderr: &out,
		})
		if status != exitOK {
			t.Errorf("%q: status %d", args, status)
		}
		for _, word := range want.has {
			if !strings.Contains(out.String(), word) {
				t.Errorf("%q lacks %s:\n%s", args, word, out.String())
			}
		}
		for _, word := range want.lacks {
			if strings.Contains(out.String(), word) {
				t.Errorf("%q has %s:\n%s", args, word, out.String())
			}
		}
	}
}
