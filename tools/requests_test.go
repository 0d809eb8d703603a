package tools_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aegis/internal/gatetest"
	"aegis/tools"
)

// TestDocsNameEveryRequest holds what each tool asks Gitea for against its row
// in docs/security.md. What changes something stands there with its method.
func TestDocsNameEveryRequest(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	always := []string{"…", "…/branches/{b}", "…/tags/{t}", "…/git/commits/{id}", "…/commits?not"} // the gate's own, told above the table
	for _, tool := range tools.All() {
		t.Run(tool.Name, func(t *testing.T) {
			t.Parallel()
			row := regexp.MustCompile("(?m)^\\| `" + tool.Name + "` \\|(.*)\\|$").FindSubmatch(page)
			if row == nil {
				t.Fatal("docs/security.md has no row")
			}
			forge := sample(t, canary, nil)
			door := gatetest.Open(t, opened(t, tool, gatetest.Config{URL: forge.URL}))
			if answer := door.Ask(tool.Name, samples[tool.Name]); answer.IsError {
				t.Fatalf("%s", answer.Object)
			}
			for _, request := range forge.Requests() {
				pattern := patternOf(request.Path)
				if strings.Contains(request.Query, "&not=") {
					pattern += "?not"
				}
				if !reads(request.Method) {
					pattern = request.Method + " " + pattern
				}
				if !slices.Contains(always, pattern) && !strings.Contains(string(row[1]), "`"+pattern+"`") && !strings.Contains(string(row[1]), "`"+pattern+"?") {
					t.Errorf("asks for %s, which its row does not name: %s", pattern, row[1])
				}
			}
		})
	}
}

var patterns = []struct {
	from *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`^/api/v1`), ""},
	{regexp.MustCompile(`^/repos/acme/[a-z]+`), "…"},
	{regexp.MustCompile(`/branches/.+$`), "/branches/{b}"},
	{regexp.MustCompile(`/tags/.+$`), "/tags/{t}"},
	{regexp.MustCompile(`/contents/.+$`), "/contents/{path}"},
	{regexp.MustCompile(`/wiki/page/.+$`), "/wiki/page/{name}"},
	{regexp.MustCompile(`/actions/workflows/[^/]+`), "/actions/workflows/{name}"},
	{regexp.MustCompile(`^/packages/.+$`), "/packages/{owner}"},
	{regexp.MustCompile(`^/orgs/.+/labels$`), "/orgs/{o}/labels"},
	{regexp.MustCompile(`/compare/.+$`), "/compare/{base}...{head}"},
	{regexp.MustCompile(`[0-9a-f]{40}`), "{id}"},
	{regexp.MustCompile(`/[0-9]+`), "/{n}"},
}

func patternOf(path string) string {
	for _, p := range patterns {
		path = p.from.ReplaceAllString(path, p.to)
	}
	return path
}
