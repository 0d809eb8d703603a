package automation

import (
	"slices"

	"aegis/gate/policy"
	"aegis/internal/jobs"
	"aegis/tools"
)

// Catalog is what jobs are held against: the tools, as their schemas have them.
func Catalog(all []tools.Tool) jobs.Catalog {
	catalog := make(jobs.Catalog, len(all))
	for _, tool := range all {
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
		catalog[tool.Name] = of
	}
	return catalog
}
