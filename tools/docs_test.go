package tools_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"aegis/tools"
)

// TestDocsHaveEveryTool holds the table of docs/tools.md against the registry:
// the same tools in the same order, with the same classes and arguments.
func TestDocsHaveEveryTool(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/tools.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\w+) \\| ?(.*?) ?\\|$").FindAllStringSubmatch(string(page), -1) {
		documented = append(documented, fmt.Sprintf("%s %s: %s", row[1], row[2], row[3]))
	}
	var registered []string
	for _, tool := range tools.All() {
		var args []string
		for _, name := range tool.Schema().PropertyOrder {
			if !slices.Contains(tool.Schema().Required, name) {
				name += "?"
			}
			args = append(args, name)
		}
		registered = append(registered, fmt.Sprintf("%s %s: %s", tool.Name, tool.Capability, strings.Join(args, ", ")))
	}
	if !slices.Equal(documented, registered) {
		t.Errorf("docs/tools.md has\n%s\nthe registry has\n%s", strings.Join(documented, "\n"), strings.Join(registered, "\n"))
	}
}

// TestSchemasAreSmall bounds what a tool costs a client's context.
func TestSchemasAreSmall(t *testing.T) {
	t.Parallel()
	for _, tool := range tools.All() {
		schema, err := tool.Schema().MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if size := len(tool.Name) + len(tool.Title) + len(tool.Description) + len(schema); size > 1000 {
			t.Errorf("%s takes %d bytes", tool.Name, size)
		}
	}
}

// Every code that a call can be refused by is told in docs/tools.md.
func TestDocsHaveEveryCode(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../gate/refusal.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../docs/tools.md")
	if err != nil {
		t.Fatal(err)
	}
	_, refusals, _ := strings.Cut(string(page), "## Refusals")
	refusals, _, _ = strings.Cut(refusals, "\n## ")
	codes := regexp.MustCompile(`Code = "(\w+)"`).FindAllStringSubmatch(string(source), -1)
	if len(codes) < 20 {
		t.Fatal("no codes found")
	}
	for _, code := range codes {
		if !strings.Contains(refusals, "`"+code[1]+"`") {
			t.Errorf("docs/tools.md does not tell of %s", code[1])
		}
	}
}
