package policy

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// A group stands for its tools, in each list that names tools.
func TestGroupsStandForTheirTools(t *testing.T) {
	t.Parallel()
	check(t, `version: 1
tools: {deny: ["@wiki"]}
repositories:
  "acme/app":
    write: allow
    tools: {allow: ["@issues", get_repository]}
    approve: ["@write"]
`, []row{
		deny("policy.yaml:2 tools.deny", "get_wiki_page", "acme/app"),
		deny("policy.yaml:2 tools.deny", "write_wiki_page", "acme/app"),
		allow("get_issue", "acme/app"),
		allow("get_repository", "acme/app"),
		allow("create_issue", "acme/app").asking(),
		deny("policy.yaml:6 tools.allow", "get_file_contents", "acme/app", "a"),
		allow("get_file_contents", "acme/lib", "a"),
	})
}

// Each tool is in the group of what it does, and no group names what is no tool. Whoever
// denies one of the groups denies each tool that shows or changes what it is about.
func TestGroupsAreWhole(t *testing.T) {
	t.Parallel()
	for _, tool := range Tools() {
		c, _ := ToolCapability(tool)
		if !slices.Contains(GroupOf("@"+c.String()), tool) {
			t.Errorf("%s is not in @%s", tool, c)
		}
	}
	for _, group := range Groups() {
		for _, tool := range GroupOf(group) {
			if !KnownTool(tool) {
				t.Errorf("%s names %s", group, tool)
			}
		}
	}
	for part, group := range map[string]string{
		"wiki": "@wiki", "release": "@releases", "pull_request": "@pulls", "issue": "@issues", "label": "@issues", "milestone": "@issues",
		"comment": "@issues", "file": "@code", "commit": "@code", "branch": "@code", "diff": "@code", "code": "@code",
	} {
		for _, tool := range Tools() {
			if strings.Contains(tool, part) && !slices.Contains(GroupOf(group), tool) {
				t.Errorf("%s is not in %s", tool, group)
			}
		}
	}
	if GroupOf("@nothing") != nil {
		t.Error("a group that does not exist has tools")
	}
}

// The page lists what is in each group.
func TestGroupsAreDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	for group := range subjects {
		row := "| `" + group + "` | `" + strings.Join(GroupOf(group), "`, `") + "` |"
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/policy.md lacks the row\n%s", row)
		}
	}
}
