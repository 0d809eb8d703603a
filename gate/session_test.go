package gate_test

import (
	"encoding/json"
	"strings"
	"testing"

	"aegis/gate"
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
			door.Connection.Client(c.given, "1.2")
			door.Connection.Client(c.given, "1.2")
			door.Ask("get_me", record{})
			for _, entry := range door.Entries() {
				if got := entry["client"]; got != c.want {
					t.Errorf("%s: %q, want %q", entry["kind"], got, c.want)
				}
			}
			door.Connection.Client("another", "2")
			door.Ask("get_me", record{})
			if all := door.Entries(); all[len(all)-1]["client"] != "another 2" {
				t.Errorf("a client's new name is not recorded: %v", all[len(all)-1]["client"])
			}
		})
	}
}

func TestI3_ARequestsIDIsScrubbed(t *testing.T) {
	t.Parallel()
	const secret = "0123456789abcdef0123456789abcdef01234567"
	door := gatetest.Open(t, gatetest.Config{URL: newFake(nil).proxy(t).URL, Secrets: []string{secret}})
	tool := toy("get_me", gate.Everywhere(), says(record{}))
	for id, logged := range map[string]any{
		`7`: 7.0, `"plain"`: "plain", `"` + secret + `"`: "[redacted:own-credential]", `"a\u200bb"`: nil,
	} {
		answer := door.Do(t.Context(), tool.Tool, gate.Call{Request: json.RawMessage(id)})
		for _, entry := range door.Entries() {
			if entry["call"] == answer.Call && logged != nil && entry["request"] != logged {
				t.Errorf("%s is logged as %v", id, entry["request"])
			}
		}
	}
	if text := door.Stderr.String(); strings.Contains(text, secret) || strings.Contains(text, "\u200b") {
		t.Errorf("stderr shows it: %s", text)
	}
}
