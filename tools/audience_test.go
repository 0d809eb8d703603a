package tools_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"aegis/gate/policy"
	"aegis/internal/canon"
	"aegis/internal/gatetest"
	"aegis/internal/giteatest"
	"aegis/internal/sampleforge"
	"aegis/tools"
)

// audiences are the rows of "Who sees what a tool shows" in docs/security.md: by the
// tool, as what it marks a session and what its answers are held by.
func audiences(t *testing.T) map[string][2]string {
	t.Helper()
	page, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(page), "## Who sees what a tool shows\n")
	section, _, ended := strings.Cut(section, "\n## ")
	if !ok || !ended {
		t.Fatal("docs/security.md does not say who sees what a tool shows")
	}
	rows := make(map[string][2]string)
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| [^|]+ \\| (\\w+) \\| ?(\\w*) ?\\|$").FindAllStringSubmatch(section, -1) {
		rows[row[1]] = [2]string{row[2], row[3]}
	}
	return rows
}

// TestWhoSeesWhatEachToolShows holds each tool that reads to its row: over a public
// repository, and over one in which whatever can be a draft is one. A tool without a
// row fails.
func TestWhoSeesWhatEachToolShows(t *testing.T) {
	t.Parallel()
	rows := audiences(t)
	for _, tool := range tools.All() {
		if tool.Capability != policy.Read {
			continue
		}
		t.Run(tool.Name, func(t *testing.T) {
			t.Parallel()
			marks := rows[tool.Name][0]
			marked := func(plant func([]byte) []byte) bool {
				t.Helper()
				forge := planted(t, nil, plant, canary)
				repo, err := canon.ParseFullName(writable)
				if err != nil {
					t.Fatal(err)
				}
				door := gatetest.Open(t, gatetest.Config{URL: forge.URL, Token: sampleforge.DemoToken(), Policy: opening, Write: true, Repos: []canon.Repo{repo}})
				if a := door.Ask(tool.Name, samples[tool.Name]); a.IsError {
					t.Fatalf("%s", a.Object)
				}
				a := door.Ask("create_comment", samples["create_comment"])
				if a.IsError && a.Code != "flow_denied" {
					t.Fatalf("%s", a.Object)
				}
				return a.IsError
			}
			as, narrower := marked(func(b []byte) []byte { return b }), marked(plantNarrow)
			want := map[string][2]bool{
				"names": {false, false}, "repository": {false, false}, "few": {false, true}, "private": {true, true},
				"owner": {as, as}, // by what its packages belong to
			}
			if is, ok := want[marks]; !ok || is != [2]bool{as, narrower} {
				t.Errorf("its row says %q; a public repository marks: %v, a draft in it: %v", marks, as, narrower)
			}
		})
	}
}

// plantNarrow makes everything that can be a draft, or not be submitted, be so.
func plantNarrow(body []byte) []byte {
	return giteatest.Objects(body, func(object map[string]any) {
		if _, release := object["tag_name"]; release {
			object["draft"] = true
		}
		if _, review := object["comments_count"]; review && object["state"] != nil {
			object["state"] = "PENDING"
		}
	})
}
