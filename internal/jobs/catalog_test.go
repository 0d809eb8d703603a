package jobs_test

import (
	"slices"
	"strings"
	"testing"

	"aegis/internal/automation"
	"aegis/internal/jobs"
	"aegis/tools"
)

// catalog are the real tools.
func catalog() jobs.Catalog { return automation.Catalog(tools.All()) }

// What is said of tools here is said of tools that there are, and each argument that is an
// integer takes what it is called after, or nothing.
func TestTheCatalogIsOfRealTools(t *testing.T) {
	t.Parallel()
	real := catalog()
	for _, name := range jobs.AnsweringTools() {
		if _, ok := real[name]; !ok {
			t.Errorf("there is no tool %s", name)
		}
	}
	parameters := map[string]bool{}
	for _, tool := range real {
		for name := range tool.Parameters {
			parameters[name] = true
		}
	}
	for _, name := range jobs.PlacedParameters() {
		if !parameters[name] {
			t.Errorf("no tool has an argument %s", name)
		}
	}
	for name := range real {
		if strings.HasPrefix(name, "list_") && !slices.Contains(jobs.AnsweringTools(), name) &&
			!slices.Contains([]string{"list_organizations", "list_notifications", "list_packages", "list_wiki_pages"}, name) {
			t.Errorf("a job can't go through %s", name)
		}
	}
}
