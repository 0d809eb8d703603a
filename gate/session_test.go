package gate_test

import (
	"strings"
	"testing"

	"aegis/internal/gatetest"
)

// A client says who it is, and what it says is in every entry.
func TestI3_ClientLabelsAreScrubbedBeforeTheyAreCut(t *testing.T) {
	t.Parallel()
	const token = "5f1e0d3c2b4a69788796a5b4c3d2e1f001234567"
	for name, c := range map[string]struct{ given, want string }{
		"plain":                  {"claude-code", "claude-code 1.2"},
		"white space":            {"  a\nclient", "a client 1.2"},
		"nothing":                {"", "1.2"},
		"not UTF-8":              {"a\xffb", "a\uFFFDb 1.2"},
		"our token":              {"x" + token, "x[redacted:own-credential] 1.2"},
		"our token at the cut":   {strings.Repeat("a ", 40) + token, strings.Repeat("a ", 40) + "[redacted:own-creden"},
		"our token beyond it":    {strings.Repeat("b", 150) + token, strings.Repeat("b", 100)},
		"a character at the cut": {strings.Repeat("b", 99) + "é", strings.Repeat("b", 99)},
		"longer than is read":    {strings.Repeat(token, 100), "a client with a name of 4004 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			door := gatetest.Open(t, gatetest.Config{URL: newFake(nil).proxy(t).URL, Token: token})
			door.Session.Client(c.given, "1.2")
			door.Session.Client(c.given, "1.2")
			door.Ask("get_me", record{})
			for _, entry := range door.Entries() {
				if got := entry["client"]; got != c.want {
					t.Errorf("%s: %q, want %q", entry["kind"], got, c.want)
				}
			}
			door.Session.Client("another", "2")
			door.Ask("get_me", record{})
			if all := door.Entries(); all[len(all)-1]["client"] != "another 2" {
				t.Errorf("a client's new name is not recorded: %v", all[len(all)-1]["client"])
			}
		})
	}
}
