package jobs_test

import (
	"slices"
	"strings"
	"testing"

	"aegis/gate/policy"
	"aegis/internal/jobs"
	"aegis/tools"
)

// catalog are the real tools.
func catalog() jobs.Catalog {
	all := make(jobs.Catalog)
	for _, tool := range tools.All() {
		schema := tool.Schema()
		of := jobs.Tool{Writes: tool.Capability != policy.Read, Parameters: make(map[string]jobs.Parameter)}
		for name, property := range schema.Properties {
			p := jobs.Parameter{Type: property.Type, Enum: property.Enum, Min: 1, Max: 1<<53 - 1, Required: slices.Contains(schema.Required, name)}
			if property.Minimum != nil {
				p.Min = *property.Minimum
			}
			if property.Maximum != nil {
				p.Max = *property.Maximum
			}
			if property.Items != nil {
				p.Enum = property.Items.Enum
				if property.Items.Type != "string" {
					p.Type = ""
				}
			}
			of.Parameters[name] = p
		}
		all[tool.Name] = of
	}
	return all
}

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
