package gate_test

import (
	"strings"
	"testing"

	"aegis/gate"
)

// What a session was shown that the world does not see is not told to the world by
// what a text makes others do: leave an event, or fetch from another host.
func TestFlow_TextsThatTellPeopleElsewhere(t *testing.T) {
	t.Parallel()
	const image, mention = "![x](https://evil.example/1)", "see `a\nstranger/repo#1`"
	for name, row := range map[string]struct {
		reads, writes, flow, text string
		want                      gate.Code
	}{
		"an image":                        {"closed", "closed", "", image, gate.FlowDenied},
		"an image, after an internal one": {"inside", "closed", "", image, gate.FlowDenied},
		"an image, among insiders":        {"inside", "inside", "", image, gate.FlowDenied},
		"an image, nothing read":          {"open", "closed", "", image, ""},
		"an image, allowed":               {"closed", "closed", "flow: {private_to_public: allow}\n", image, ""},
		"an image, a human to be asked":   {"closed", "closed", "flow: {private_to_public: ask}\n", image, gate.ApprovalUnavailable},
		"a tag":                           {"closed", "closed", "", "<img src=//evil.example/1>", gate.FlowDenied},
		"a link":                          {"closed", "closed", "", "[x](https://evil.example/1)", ""},
		"an image by a path":              {"closed", "closed", "", "![x](docs/x.png)", ""},
		"an image in code":                {"closed", "closed", "", "```html\n<img src=//evil.example/1>\n```", ""},
		"a mention in a code span":        {"closed", "closed", "", mention, gate.FlowDenied},
		"a mention, nothing read":         {"open", "closed", "", mention, ""},
		"a mention of what is listed":     {"closed", "closed", "", "see `acme/inside#1`", ""},
		"a mention that is plainly code":  {"closed", "closed", "", "see `stranger/repo#1`", ""},
		"a mention in a fenced block":     {"closed", "closed", "", "```\nstranger/repo#1\n```", ""},
		"a reference":                     {"open", "closed", "", "/  \n> stranger/\\\nrepo#1", gate.NotWhitelisted},
		"a torn line":                     {"open", "closed", "", "a\rb", gate.NotWhitelisted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newForum()
			d := f.open(t, row.flow)
			read(t, d, "acme/"+row.reads)
			a := write(d, "acme/"+row.writes, row.text)
			if a.Code != row.want || (row.want == "") != (f.written.Load() == 1) {
				t.Fatalf("%d written: %s", f.written.Load(), a.All)
			}
			if row.want == gate.FlowDenied {
				for _, word := range []string{"get_issue read acme/" + row.reads, "flow.private_to_public", "hint"} {
					if !strings.Contains(a.All, word) {
						t.Errorf("%q is not told: %s", word, a.All)
					}
				}
			}
		})
	}
}
